"""Figures of the cultural map: countries, and the unsteered ways of asking of each model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.outside.quoting import file_name
from doxa.report.culture import culture_data
from doxa.report.culture_map import culture_map
from doxa.report.figures.labels import place_labels
from doxa.report.figures.parts import values_of, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from doxa.report.figures.parts import Figure, Shown

__all__ = ["culture_figures"]

_APART: Final = ("model", "elicitation")
_CORNER: Final = (170, 20)
"""Width and height of the words in each corner, in pixels."""
_ERROR: Final = (262, 116)
"""The same of the cross that shows the error."""


def culture_figures(shown: Shown) -> Iterator[Figure]:
    """Draw the map once for each model and elicitation, with its unsteered ways of asking."""
    conditions = shown.conditions
    data = culture_data(shown.evaluation, conditions, shown.names)
    if data is None:
        return
    people = pl.DataFrame(data["people"]).rows(named=True)
    ways = pl.DataFrame(data["ways"], infer_schema_length=None)
    plain = [i for i, condition in enumerate(conditions) if condition.steering == "none"]
    unsteered = ways.filter(pl.col("condition").is_in(plain))
    for group in unsteered.partition_by(_APART, maintain_order=True):
        told = dict(zip(_APART, values_of(group, *_APART), strict=True))
        drawn = culture_map(data["radius"], data["error"])
        _fill(drawn, [*group.rows(named=True), *people], data["radius"])
        title = f"Where {told['model']} lies on the cultural map of Inglehart and Welzel"
        said = f"{shown.said(**told)}; hollow: told by six items, not published"
        yield file_name("culture", *told.values()), whole(drawn, title, said)


def _fill(drawn: dict[str, Any], rows: list[dict[str, Any]], radius: float) -> None:
    """Add rows, and give their labels fixed places: outside a browser nothing measures text."""
    size = drawn["width"], drawn["height"]
    (left, right), (bottom, top) = _span(rows, "x", radius), _span(rows, "y", radius)
    for scale, ends in zip(drawn["scales"], ((left, right), (bottom, top)), strict=False):
        scale |= {"domain": list(ends), "nice": False}
    at = [
        (
            size[0] * (row["x"] - left) / (right - left),
            size[1] * (top - row["y"]) / (top - bottom),
        )
        for row in rows
    ]
    labels = [(row["name"], 12.0 if row["kind"] == "model" else 10.0) for row in rows]
    corners = [
        (x, y, x + _CORNER[0], y + _CORNER[1])
        for x in (0, size[0] - _CORNER[0])
        for y in (0, size[1] - _CORNER[1])
    ]
    placed = place_labels(at, labels, size, [*corners, (0, 0, *_ERROR)])
    drawn["data"][0]["values"] = [
        row | {"at": label and label._asdict()} for row, label in zip(rows, placed, strict=True)
    ]
    words = drawn["marks"][-1]
    del words["transform"]
    words["from"] = {"data": "rows"}
    update = words["encode"]["update"]
    for name in ("fontSize", "fontWeight"):
        update[name][0]["test"] = "datum.kind === 'model'"
    update |= {
        "text": {"signal": "datum.at ? datum.name : ''"},
        "x": {"signal": "datum.at ? datum.at.x : 0"},
        "y": {"signal": "datum.at ? datum.at.y : 0"},
        "align": {"signal": "datum.at ? datum.at.align : 'left'"},
        "baseline": {"value": "middle"},
    }
    drawn["autosize"] = "pad"


def _span(rows: Sequence[dict[str, Any]], axis: str, radius: float) -> tuple[float, float]:
    reach = [(row[axis], radius * row.get(f"s{axis}", 0)) for row in rows]
    low, high = min(at - error for at, error in reach), max(at + error for at, error in reach)
    room = 0.04 * (high - low)
    return low - room, high + room
