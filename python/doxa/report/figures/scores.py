"""Figures of alignments: with intervals, as a heat map, on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from doxa.outside.quoting import file_name
from doxa.prompt import OFF
from doxa.report import charts
from doxa.report.figures.parts import MOST_PANELS, on_map, panel, place_of, values_of, whole
from doxa.report.maps import world_map
from doxa.report.payload import axis_domain
from doxa.report.tables import with_condition
from doxa.report.words import BESIDE, Names, with_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from doxa.report.figures.parts import Figure, Shown
    from doxa.report.tables import ShownCondition

__all__ = ["alignment_figures"]

_APART: Final = ("model", "elicitation", "wave")


def alignment_figures(shown: Shown) -> Iterator[Figure]:
    """Draw the alignments of each model, elicitation and wave: forest, heat map, maps."""
    alignment, conditions, names = shown.alignment, shown.conditions, shown.names
    domain = axis_domain(alignment, ("estimate", "low", "high", "ceiling", "baseline"))
    heat = axis_domain(alignment, ("estimate",))
    scored = with_condition(alignment.drop_nulls("estimate"), conditions)
    for group in scored.partition_by("model", "elicitation", "wave", maintain_order=True):
        rows = [_row(row, conditions, names) for row in group.rows(named=True)]
        shared = dict(zip(_APART, values_of(group, *_APART), strict=True))
        said = shown.said(**shared)
        close = f"How close {shared['model']} comes to the people of each country"
        yield file_name("forest", *shared.values()), whole(_forest(domain, rows), close, said)
        grid = panel(charts.heat_map(heat, legend=True), _upright(rows), None)
        yield file_name("heat-map", *shared.values()), whole(grid, close, said)
        for condition in group["condition"].unique(maintain_order=True):
            asked = conditions[condition]
            if asked.target:
                continue
            own = [row for row in rows if row["order"] == condition]
            steered = () if asked.steering == "none" else (asked.steering,)
            thought = () if asked.reasoning == OFF else (asked.reasoning,)
            people = (asked.group,) if asked.group else ()
            place = (*shared.values(), *steered, *people, asked.language, *thought)
            drawn = on_map(world_map(heat, legend=True), own)
            yield file_name("map", *place), whole(drawn, f"{close}: {asked.label}", said)
            if judged := [row for row in own if row["verdict"]]:
                drawn = on_map(world_map(heat, verdicts=True, legend=True), judged)
                beside = f"Where {shared['model']} is closer than the baseline: {asked.label}"
                yield file_name("verdicts", *place), whole(drawn, beside, said)


def _forest(domain: tuple[float, float], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Draw one panel per country, or for many countries one ranked panel per way of asking."""
    countries = list(dict.fromkeys(row["column"] for row in rows))
    if len(countries) <= MOST_PANELS:
        parts = [(name, [row for row in rows if row["column"] == name]) for name in countries]
    else:
        parts = [
            (
                name,
                [
                    row | {"name": row["column"], "order": -row["estimate"]}
                    for row in rows
                    if row["name"] == name
                    and row["target"] in ("", row["country"].partition(BESIDE)[0])
                ],
            )
            for name in dict.fromkeys(row["name"] for row in rows if not row["target"])
        ]
    return {"vconcat": [panel(charts.forest(domain), part, name) for name, part in parts]}


def _upright(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Swap the lines and columns of a heat map with many countries."""
    if len({row["column"] for row in rows}) <= MOST_PANELS:
        return rows
    return [
        row
        | {"name": row["column"], "order": row["column_order"]}
        | {"column": row["name"], "column_order": row["order"]}
        for row in rows
    ]


def _row(row: dict[str, Any], conditions: Sequence[ShownCondition], names: Names) -> dict[str, Any]:
    """Add the names and labels that charts show to a row of the alignment table."""
    condition = conditions[row["condition"]]
    value = with_interval(row["estimate"], row["low"], row["high"])
    return row | {
        "name": condition.label,
        "order": row["condition"],
        "steering": condition.kind,
        "target": condition.target,
        "column": names.country(row["country"]),
        "column_order": names.country(row["country"]),
        "targeted": condition.target == row["country"].partition(BESIDE)[0],
        "value": value,
        "number": f"{row['estimate']:.2f}",
        "detail": value,
        **place_of(row["country"]),
    }
