"""Tables of estimates with intervals that have no chart of their own on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.errors import NoDataError
from doxa.evaluate import TABLES, make_table
from doxa.report.tables import CONDITION_KEYS, columns, with_condition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.evaluate import Evaluation
    from doxa.report.tables import ShownCondition


__all__ = ["DRAWN", "made", "packed_tables", "tables_with_intervals"]

DRAWN: Final = frozenset({"alignment", "leaderboard", "steering", "time"})
"""The tables for which the page has charts of their own."""

# Shown elsewhere on the page, or of no use in a single table.
_LEFT_OUT: Final = ("survey", "resampled", "std_error")


def made(evaluation: Evaluation, name: str) -> pl.DataFrame:
    """Make a table; without rows or columns if the evaluation lacks what it needs."""
    try:
        return make_table(evaluation, name)
    except NoDataError:
        return pl.DataFrame()


def tables_with_intervals(evaluation: Evaluation) -> dict[str, pl.DataFrame]:
    """Make the tables that have a section on the page and are not in `DRAWN`, by name.

    A table without the columns `estimate`, `low` and `high`, or without rows, is left out.
    """
    shown = [name for name, row in TABLES.items() if row.section and name not in DRAWN]
    return {
        name: table
        for name in shown
        if (table := made(evaluation, name)).height
        and {"estimate", "low", "high"} <= set(table.columns)
    }


def packed_tables(
    tables: Mapping[str, pl.DataFrame],
    conditions: Sequence[ShownCondition],
    topics: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Pack tables that the page shows as charts of intervals, each with its numbers below.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        As `tables_with_intervals` gives them.
    conditions : sequence of ShownCondition
        Those of the report; rows refer to them by position where they have all keys.
    topics : mapping of str to str
        Names of topics.

    Returns
    -------
    list of dict
        For each table its `name`, its `title`, and its `columns`.
    """
    shown = []
    for name, table in tables.items():
        frame = table.drop(_LEFT_OUT, strict=False).select(pl.exclude(pl.List, pl.Struct))
        if "topic" in frame.columns:
            frame = frame.with_columns(pl.col("topic").replace(topics))
        if set(CONDITION_KEYS) <= set(frame.columns):
            frame = with_condition(frame, conditions)
        title = TABLES[name].title
        entry = {"name": name, "title": title[:1].upper() + title[1:], "columns": columns(frame)}
        shown.append(entry)
    return shown
