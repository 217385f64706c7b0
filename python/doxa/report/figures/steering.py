"""Figures of what each steering changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doxa.outside.quoting import file_name
from doxa.report import charts
from doxa.report.figures.parts import panel, values_of, whole
from doxa.report.payload import difference_domain
from doxa.report.tables import with_condition
from doxa.report.words import BESIDE, Names, with_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from doxa.report.figures.parts import Figure, Shown
    from doxa.report.tables import ShownCondition

__all__ = ["steering_figures"]


def steering_figures(shown: Shown) -> Iterator[Figure]:
    """Draw one panel per condition, or per steering if all are scored on their own target."""
    effects, conditions, names = shown.effects, shown.conditions, shown.names
    if not effects.height:
        return
    domain = difference_domain(effects)
    known = with_condition(effects.drop_nulls("estimate"), conditions)
    for group in known.partition_by("model", "elicitation", "wave", maintain_order=True):
        rows = [_effect(row, conditions, names) for row in group.rows(named=True)]
        own = all(row["targeted"] for row in rows)
        parts: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            asked = conditions[row["order"]]
            parts.setdefault(asked.steering_label if own else asked.label, []).append(
                row | {"name": f"{row['name']} · {asked.language}"} if own else row
            )
        panels = [panel(charts.effects(domain), part, title) for title, part in parts.items()]
        keys = ("model", "elicitation", "wave")
        shared = dict(zip(keys, values_of(group, *keys), strict=True))
        title = f"How much closer each steering brings {shared['model']}"
        figure = whole({"vconcat": panels}, title, shown.said(**shared))
        yield file_name("steering", *shared.values()), figure


def _effect(
    row: dict[str, Any], conditions: Sequence[ShownCondition], names: Names
) -> dict[str, Any]:
    condition = conditions[row["condition"]]
    return row | {
        "name": names.country(row["country"]),
        "order": row["condition"],
        "steering": condition.kind,
        "targeted": condition.target == row["country"].partition(BESIDE)[0],
        "value": with_interval(row["estimate"], row["low"], row["high"], signed=True),
    }
