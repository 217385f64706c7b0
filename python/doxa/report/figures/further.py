"""Figures of the tables of estimates that share one kind of chart, a figure for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.outside.quoting import file_name
from doxa.report import charts
from doxa.report.figures.parts import panel, whole
from doxa.report.further import packed_tables, tables_with_intervals
from doxa.report.tables import with_others
from doxa.report.words import with_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from doxa.report.figures.parts import Figure, Shown
    from doxa.report.tables import ShownCondition
    from doxa.report.words import Names

__all__ = ["further_figures"]

_MOST_LINES: Final = 40
"""A figure is to fit a page of a paper: more lines are in the table alone, which is said."""

_NOT_WORDS: Final = frozenset({"model", "elicitation", "country", "measure", "note", "condition"})
_OF_ITS_OWN: Final = ("model", "elicitation", "wave")


def further_figures(shown: Shown) -> Iterator[Figure]:
    """Draw each table that has no chart of its own: estimates, with their intervals."""
    evaluation, names = shown.evaluation, shown.names
    tables = tables_with_intervals(evaluation)
    conditions = with_others(shown.conditions, tables.values(), names)
    for packed in packed_tables(tables, conditions, evaluation.bank.topics):
        frame = pl.DataFrame(packed["columns"], infer_schema_length=None).with_columns(
            pl.col("estimate", "low", "high").cast(pl.Float64)
        )
        scored = frame.filter(pl.col("estimate").is_not_null())
        # A table that sets models beside each other has one figure for all of them.
        apart = [key for key in _OF_ITS_OWN if key in frame.columns]
        if "condition" not in frame.columns:
            apart = [key for key in apart if key != "model"]
        groups = scored.partition_by(apart, maintain_order=True) if apart else [scored]
        for group in groups:
            if group.height:
                told = {key: group[key][0] for key in apart if group[key][0] is not None}
                panels = _panels(group, conditions, names)
                figure = whole({"vconcat": panels}, packed["title"], shown.said(**told))
                yield file_name(packed["name"].replace("_", "-"), *told.values()), figure


def _panels(
    rows: pl.DataFrame, conditions: Sequence[ShownCondition], names: Names
) -> list[dict[str, Any]]:
    """Draw a panel for each measure."""
    by = [key for key in ("measure",) if key in rows.columns]
    parts = rows.partition_by(by, maintain_order=True) if by else [rows]
    panels = []
    for part in parts:
        heading = part["measure"][0] if by else ""
        if part.height > _MOST_LINES:
            more = f"the first {_MOST_LINES} of {part.height}; all are in the table"
            heading = f"{heading} ({more})" if heading else more
        head = part.head(_MOST_LINES)
        panels.append(_panel(head, heading[:1].upper() + heading[1:], conditions, names))
    return panels


def _panel(
    rows: pl.DataFrame, heading: str, conditions: Sequence[ShownCondition], names: Names
) -> dict[str, Any]:
    signed = bool((rows["low"] < 0).any())
    words = [
        name
        for name, dtype in rows.schema.items()
        if dtype == pl.String and name not in _NOT_WORDS and rows[name].n_unique() > 1
    ]
    several = {name for name in rows.columns if rows[name].n_unique() > 1}

    def line(row: dict[str, Any]) -> str:
        says = [row["model"]] if "model" in several else []
        if "country" in several and row["country"] is not None:
            says.append(names.country(row["country"]))
        says += [row[word] for word in words if row[word]]
        if "condition" in several and row["condition"] is not None:
            says.append(conditions[row["condition"]].label)
        return " · ".join(says) or heading

    marks = [
        {
            "name": line(row),
            "order": order,
            "estimate": row["estimate"],
            "low": row["low"],
            "high": row["high"],
            "value": with_interval(row["estimate"], row["low"], row["high"], signed=signed),
            "steering": "none"
            if row.get("condition") is None
            else conditions[row["condition"]].kind,
        }
        for order, row in enumerate(rows.rows(named=True))
    ]
    specification = charts.intervals()
    if not signed:
        specification["layer"] = specification["layer"][1:]
    return panel(specification, marks, heading or None)
