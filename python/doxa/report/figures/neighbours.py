"""Figures of a model asked as each country, beside the people of every country."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from doxa.outside.quoting import file_name
from doxa.report import charts
from doxa.report.figures.parts import panel, whole
from doxa.report.neighbours import beside_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from doxa.report.figures.parts import Figure, Shown

__all__ = ["neighbour_figures"]

_ROOM: Final = 12
"""Of more countries the cells have no room for numbers, and the columns none for names."""


def neighbour_figures(shown: Shown) -> Iterator[Figure]:
    """Draw for each steering which country's people each of its targets comes closest to."""
    evaluation = shown.evaluation
    order, tables = beside_all(
        evaluation.model_distributions,
        evaluation.human_distributions,
        shown.conditions,
        evaluation.bank,
    )
    for keys, table in tables:
        steerings = [shown.conditions[number].steering for number in table["condition"]]
        for steering in dict.fromkeys(steerings):
            own = table.filter([one == steering for one in steerings])
            rows = _cells(own, order, shown)
            estimates = [row["estimate"] for row in rows]
            if not estimates or min(estimates) == max(estimates):
                continue
            domain = min(estimates), max(estimates)
            grid = panel(charts.heat_map(domain, legend=True), rows, None)
            label = shown.conditions[own["condition"][0]].steering_label
            title = f"{keys['model']} asked as one country (lines), beside the people of each"
            said = f"{label}; {shown.said(**keys)}"
            yield file_name("neighbours", *keys.values(), steering), whole(grid, title, said)


def _cells(table: pl.DataFrame, order: list[str], shown: Shown) -> list[dict[str, Any]]:
    asked = [shown.conditions[number] for number in table["condition"]]
    several = len({one.target for one in asked}) < len(asked)
    short = len(order) > _ROOM
    name = (lambda code: code) if short else shown.names.country
    return [
        {
            "name": name(one.target) + (f" · {one.language}" if several else ""),
            "order": order.index(one.target) if one.target in order else len(order),
            "column": name(country),
            "column_order": place,
            "estimate": row[country],
            "number": "" if short else f"{row[country]:.2f}",
            "targeted": country == one.target,
        }
        for one, row in zip(asked, table.iter_rows(named=True), strict=True)
        for place, country in enumerate(order)
        if row[country] is not None
    ]
