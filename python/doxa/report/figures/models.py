"""Figures of models side by side: in order, on maps, any two, and what a change of asking does."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.outside.quoting import file_name
from doxa.prompt import OFF
from doxa.report import model_charts
from doxa.report.figures.parts import panel, values_of, whole
from doxa.report.further import made
from doxa.report.maps import world, world_map
from doxa.report.models import OWN_LANGUAGE, changes_of
from doxa.report.payload import axis_domain
from doxa.report.tables import CONDITION_KEYS
from doxa.report.words import join, plural, steering_name, with_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from doxa.report.figures.parts import Figure, Shown

__all__ = ["model_figures"]

_MOST_PAIRED: Final = 4
"""Of more models, each is set beside the first of the ranking alone."""

_SMALL: Final = (300, 140)
_LARGE: Final = (900, 420)
_IN_A_ROW: Final = 3
_WAY: Final = ("elicitation", "wave", *CONDITION_KEYS)
_LEAST_DOMAIN: Final = 0.02
_LINE: Final = 18
"""Height that the name of a line takes."""


def model_figures(shown: Shown) -> Iterator[Figure]:
    """Draw the ranking of models; the maps of all, and of the differences of two; the slopes.

    The maps are those of the unsteered ways of asking that the table `differences` has.
    """
    yield from _boards(shown)
    differences = made(shown.evaluation, "differences")
    if differences.height:
        whole_countries = differences.filter(steering="none", group="")
        for way in whole_countries.partition_by(_WAY, maintain_order=True):
            yield from _maps(shown, way)
    yield from _slopes(shown)


def _boards(shown: Shown) -> Iterator[Figure]:
    """Draw the models of each elicitation in order, published ones among them as open points."""
    board = made(shown.evaluation, "leaderboard")
    published = made(shown.evaluation, "published")
    if board.is_empty() or (published.is_empty() and board["model"].n_unique() < 2):
        return
    means = published.filter(country="all") if published.height else published
    for own in board.partition_by("elicitation", maintain_order=True):
        rows = [row | {"published": False} for row in own.iter_rows(named=True)]
        rows += [row | {"published": True} for row in means.iter_rows(named=True)]
        rows.sort(key=lambda row: -row["estimate"])
        marks = [
            {
                "name": row["model"],
                "order": order,
                "published": row["published"],
                **{name: row[name] for name in ("estimate", "low", "high")},
                "value": with_interval(row["estimate"], row["low"], row["high"]),
            }
            for order, row in enumerate(rows)
        ]
        drawn = panel(model_charts.board(), marks, None)
        [elicitation] = values_of(own, "elicitation")
        said = shown.said(elicitation=elicitation)
        if means.height:
            said += "; open: published models, asked in other words"
        yield file_name("leaderboard", elicitation), whole(drawn, "Models by mean alignment", said)


def _maps(shown: Shown, way: pl.DataFrame) -> Iterator[Figure]:
    """Draw every model's map in one way of asking, and the map of each two models' difference."""
    told: dict[str, Any] = dict(zip(_WAY, values_of(way, *_WAY), strict=True))
    scored = shown.alignment.filter(pl.col("estimate").is_not_null(), **told)
    domain = axis_domain(shown.alignment, ("estimate",))
    names = scored["model"].unique(maintain_order=True).to_list()
    asked = shown.names.condition(told["steering"], told["language"], told["target"])
    said = shown.said(elicitation=told["elicitation"], wave=told["wave"])
    thought = () if told["reasoning"] == OFF else (told["reasoning"],)
    place = (told["elicitation"], told["wave"], told["language"], *thought)
    maps = [
        _map(world_map(domain, legend=not number), scored.filter(model=name), name, _SMALL)
        for number, name in enumerate(names)
    ]
    grid = {"concat": maps, "columns": _IN_A_ROW, "datasets": {"world": world()}}
    yield file_name("models", *place), whole(grid, f"Each model on the map: {asked}", said)
    for a, b in _paired(shown, names, told["elicitation"]):
        rows = _difference(way, a, b)
        most = max(_LEAST_DOMAIN, *map(abs, rows["estimate"].to_list()))
        clear = rows.filter((pl.col("low") > 0) | (pl.col("high") < 0) | pl.col("low").is_null())
        chart = world_map((-most, most), change=True, legend=True)
        drawn = _map(chart, clear, None, _LARGE) | {"datasets": {"world": world()}}
        title = f"{a} less {b}: {asked}"
        apart = f"{plural(clear.height, 'country', 'countries')} of {rows.height} told apart"
        yield file_name("difference", a, b, *place), whole(drawn, title, f"{said}; {apart}")


def _paired(shown: Shown, names: Sequence[str], elicitation: str) -> Iterator[tuple[str, str]]:
    if len(names) <= _MOST_PAIRED:
        return combinations(names, 2)
    ranked = made(shown.evaluation, "leaderboard").filter(elicitation=elicitation)
    first = ranked["model"][0] if ranked.height else names[0]
    return ((first, name) for name in names if name != first)


def _difference(way: pl.DataFrame, a: str, b: str) -> pl.DataFrame:
    """Take the differences a less b, whichever of the two the table has first."""
    rows = way.drop_nulls("estimate")
    if not (found := rows.filter(a=a, b=b)).is_empty():
        return found
    return rows.filter(a=b, b=a).with_columns(
        -pl.col("estimate"), low=-pl.col("high"), high=-pl.col("low")
    )


def _map(
    specification: dict[str, Any], rows: pl.DataFrame, title: str | None, size: tuple[int, int]
) -> dict[str, Any]:
    """Give a map its own rows: several maps in one figure share the outlines alone."""
    points = world()["points"]
    values = [
        {
            "country": row["country"],
            "estimate": row["estimate"],
            "detail": f"{row['estimate']:.3f}",
            "longitude": points.get(row["country"], (None, None))[0],
            "latitude": points.get(row["country"], (None, None))[1],
        }
        for row in rows.iter_rows(named=True)
    ]
    filled: dict[str, Any] = _with_rows(specification, values)
    filled.pop("$schema")
    filled |= {"width": size[0], "height": size[1]}
    return filled | {"title": title} if title else filled


def _with_rows(part: Any, values: list[dict[str, Any]]) -> Any:
    """Put the rows wherever a specification names them."""
    if part == {"name": "rows"}:
        return {"values": values}
    if isinstance(part, dict):
        return {name: _with_rows(within, values) for name, within in part.items()}
    if isinstance(part, list):
        return [_with_rows(within, values) for within in part]
    return part


def _slopes(shown: Shown) -> Iterator[Figure]:
    """Draw, for each change of asking, a line a model from without it to with it."""
    changes = changes_of(shown.evaluation)
    if changes.is_empty():
        return
    for group in changes.partition_by("elicitation", "wave", maintain_order=True):
        ends = [*group["before"], *group["after"]]
        domain = [min(ends), max(ends)]
        panels = []
        for part in group.partition_by("change", maintain_order=True):
            change = part["change"][0]
            chart = panel(model_charts.slopes(), _ends(part), _name_of(change))
            for layer in chart["layer"]:
                layer["encoding"]["y"]["scale"]["domain"] = domain
            height = max(220, _LINE * part.height)
            panels.append(chart | {"width": 220, "height": height})
        elicitation, wave = values_of(group, "elicitation", "wave")
        grid = {"concat": panels, "columns": _IN_A_ROW}
        names = group["model"].unique(maintain_order=True).to_list()
        models = join(names) if len(names) <= _MOST_PAIRED else f"{len(names)} models"
        title = "What a change of asking does for each model"
        said = f"{models}; {shown.said(elicitation=elicitation, wave=wave)}"
        yield file_name("changes", elicitation, wave), whole(grid, title, said)


def _name_of(change: str) -> str:
    name = change if change == OWN_LANGUAGE else steering_name(change)
    return name[:1].upper() + name[1:]


def _ends(rows: pl.DataFrame) -> list[dict[str, Any]]:
    sides = ("without", "with")
    if rows["change"][0] == OWN_LANGUAGE:
        sides = ("in English", "own language")
    return [
        {
            "side": side,
            "side_order": order,
            "model": row["model"],
            "estimate": row[column],
            "chosen": True,
            "label": row["model"] if order else None,
            "detail": with_interval(row["estimate"], row["low"], row["high"], signed=True),
        }
        for row in rows.iter_rows(named=True)
        for order, (side, column) in enumerate(zip(sides, ("before", "after"), strict=True))
    ]
