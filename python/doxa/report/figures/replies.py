"""Figures of what became of the replies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doxa.outside.quoting import file_name
from doxa.report import charts
from doxa.report.figures.parts import panel, values_of, whole
from doxa.report.tables import reliability_table, with_condition
from doxa.report.words import STATUS_NAMES, elicitation_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.report.figures.parts import Figure, Shown

__all__ = ["reply_figures"]


def reply_figures(shown: Shown) -> Iterator[Figure]:
    """Draw what became of the replies of each model and elicitation."""
    conditions = shown.conditions
    counted = with_condition(reliability_table(shown.evaluation.replies), conditions).sort(
        "condition"
    )
    for group in counted.partition_by("model", "elicitation", maintain_order=True):
        rows = [
            {
                "name": conditions[row["condition"]].label,
                "order": row["condition"],
                "status_order": position,
                "share": row[status] / row["n"],
            }
            for row in group.rows(named=True)
            for position, status in enumerate(STATUS_NAMES)
            if row[status]
        ]
        model, elicitation = values_of(group, "model", "elicitation")
        drawn = panel(charts.reliability(legend=True), rows, None)
        said = f"{elicitation_name(str(elicitation))}; {group['n'].sum():,} replies"
        title = f"What became of the replies of {model}"
        yield file_name("reliability", model, elicitation), whole(drawn, title, said)
