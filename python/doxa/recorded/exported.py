"""Replies that `doxa export` wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import RecordingError
from doxa.files import reason
from doxa.recorded.entries import known_items
from doxa.recorded.recording import Recording
from doxa.store.record import REPLY_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Collection

    from doxa.questionnaire import QuestionBank

__all__ = ["NEEDS", "read_exported"]

NEEDS: Final = frozenset(REPLY_COLUMNS) - {"n_draws", "reason"}


def read_exported(
    table: pl.DataFrame, name: str, bank: QuestionBank, targets: Collection[str] | None
) -> Recording:
    """Read exported replies; they do not say which items were shown as examples.

    Raises
    ------
    RecordingError
        A value does not fit the type of its column.
    """
    try:
        lists = [
            pl.col(column).str.json_decode(kind)
            for column, kind in REPLY_COLUMNS.items()
            if isinstance(kind, pl.List) and table.schema[column] == pl.String
        ]
        rows = table.with_columns(lists).select(
            (pl.col(column) if column in table.columns else pl.lit(None).alias(column)).cast(kind)
            for column, kind in REPLY_COLUMNS.items()
        )
    except pl.exceptions.PolarsError as error:
        raise RecordingError(f"{name}: {reason(error)}: export again") from None
    rows = rows.with_columns(pl.col(pl.String).exclude("text", "reason").fill_null(""))
    if targets is not None:
        rows = rows.filter(pl.col("target").is_in([*targets, ""]))
    rows, unknown = known_items(rows, bank, name)
    return Recording(
        replies=rows, provenance={f"replies of {name}": "exported by doxa"}, left_out=unknown
    )
