"""Figures of what asking in each language changes: a grid, and a map of own languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.outside.quoting import file_name
from doxa.report import charts
from doxa.report.figures.parts import MOST_PANELS, on_map, panel, place_of, values_of, whole
from doxa.report.gains import gain_rows
from doxa.report.maps import world_map

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from doxa.report.figures.parts import Figure, Shown

__all__ = ["language_figures"]

_APART: Final = ("model", "elicitation", "wave")
_MOST_NUMBERS: Final = 12
"""In more columns there is no room for numbers."""
_LEAST: Final = 0.01
"""The least change that has the strongest colour."""


def language_figures(shown: Shown) -> Iterator[Figure]:
    """Draw the grid of each model, elicitation and wave, and the map where own languages are."""
    gains = gain_rows(shown.evaluation, shown.names)
    if gains is None:
        return
    for group in gains.partition_by(_APART, maintain_order=True):
        told = dict(zip(_APART, values_of(group, *_APART), strict=True))
        said = f"{shown.said(**told)}; star: 0 is outside, corrected for all"
        most = max(_LEAST, *group["estimate"].abs())
        drawn = panel(charts.heat_map((-most, most), change=True, legend=True), [], None)
        named = {code: shown.names.country(code) for code in group["country"].unique()}
        drawn["data"] = {"values": _cells(group, named)}
        title = f"What the language changes for {told['model']}, against {group['against'][0]}"
        yield file_name("language-gains", *told.values()), whole(drawn, title, said)
        own = group.filter("is_own")
        if own.is_empty():
            continue
        for asked in own.with_columns(
            how=pl.col("asked").str.extract(r"( · thinking .*)$").fill_null("")
        ).partition_by("how", maintain_order=True):
            name = file_name("language-map", *told.values(), *filter(None, [asked["how"][0]]))
            title = f"What each country’s own language changes for {told['model']}"
            yield name, whole(_map(asked), title + asked["how"][0], shown.said(**told))


def _cells(group: pl.DataFrame, named: Mapping[str, str]) -> list[dict[str, Any]]:
    """Put languages on the lines, or countries where there are many of them."""
    languages = {asked: order for order, asked in enumerate(group["asked"].unique().sort())}
    many = len(named) > MOST_PANELS
    roomy = (len(languages) if many else len(named)) <= _MOST_NUMBERS
    cells = []
    for row in group.rows(named=True):
        country = (named[row["country"]], named[row["country"]])
        language = (row["asked"], languages[row["asked"]])
        line, column = (country, language) if many else (language, country)
        number = f"{row['estimate']:+.2f}".replace("-", "−") if roomy else ""
        cells.append(
            {
                "name": line[0],
                "order": line[1],
                "column": column[0],
                "column_order": column[1],
                "estimate": row["estimate"],
                "number": number + ("*" if _sure(row) else ""),
                "targeted": row["is_own"],
            }
        )
    return cells


def _sure(row: Mapping[str, Any]) -> bool:
    return row["low"] is not None and (row["low"] > 0 or row["high"] < 0)


def _map(own: pl.DataFrame) -> dict[str, Any]:
    most = max(_LEAST, *own["estimate"].abs())
    rows = [
        {"country": country, "estimate": estimate, **place_of(country)}
        for country, estimate in own.select("country", "estimate").rows()
    ]
    return on_map(world_map((-most, most), change=True, legend=True), rows)
