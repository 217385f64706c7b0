"""Further tables on the page: any that holds an estimate and names what it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.report.tables import CONDITION_KEYS, columns, with_condition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.report.tables import ShownCondition


__all__ = ["further_tables"]

# Told elsewhere on the page, or of no use to a reader of one table.
_LEFT_OUT: Final = ("survey", "resampled", "std_error")


def further_tables(
    tables: Mapping[str, pl.DataFrame],
    titles: Mapping[str, str],
    conditions: Sequence[ShownCondition],
    topics: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Gather tables that the page shows as charts of intervals, each with its numbers below.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        By name. A table without the columns `estimate`, `low` and `high`, or without rows, is
        left out.
    titles : mapping of str to str
        What each shows, in one line; by default its name.
    conditions : sequence of ShownCondition
        Those of the report; rows refer to them by position where they have all keys.
    topics : mapping of str to str
        What topics are called.
    """
    shown = []
    for name, table in tables.items():
        if table.is_empty() or not {"estimate", "low", "high"} <= set(table.columns):
            continue
        frame = table.drop(_LEFT_OUT, strict=False)
        frame = frame.select(pl.exclude(pl.List, pl.Struct))
        if "topic" in frame.columns:
            frame = frame.with_columns(pl.col("topic").replace(topics))
        if set(CONDITION_KEYS) <= set(frame.columns):
            frame = with_condition(frame, conditions)
        title = titles.get(name, name)
        entry = {"name": name, "title": title[:1].upper() + title[1:], "columns": columns(frame)}
        shown.append(entry)
    return shown
