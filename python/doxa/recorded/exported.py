"""Replies that `doxa export` wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

import polars as pl

from doxa.elicit.reading import Status
from doxa.errors import RecordingError
from doxa.files import reason
from doxa.outside.quoting import from_cells
from doxa.recorded.entries import fielded, known_items
from doxa.recorded.recording import UNKNOWN_EXAMPLES, USUAL, Recording
from doxa.store.record import REPLY_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Collection

    from doxa.questionnaire import QuestionBank
    from doxa.recorded.source import Source

__all__ = ["NEEDS", "read_exported", "rows_of"]

_LATER: Final = {
    "n_draws": None,
    "reason": None,
    **USUAL,
    "thought": None,
    "thought_status": "unknown",
    "thought_tokens": None,
    "lower": None,
    "upper": None,
    "server": None,
}
"""The columns that older versions did not export, and what stands in their place."""

NEEDS: Final = frozenset(REPLY_COLUMNS) - _LATER.keys()

_STATUSES: Final = get_args(Status)
_TOLERANCE: Final = 1e-6


def read_exported(
    table: pl.DataFrame, source: Source, bank: QuestionBank, targets: Collection[str] | None
) -> Recording:
    """Read exported replies; they do not say which items were shown as examples.

    Raises
    ------
    RecordingError
        A value does not fit the type of its column.
    """
    name = source.name
    whole = rows_of(table, source)
    rows, elsewhere = fielded(whole, targets, name)
    rows, unknown = known_items(rows, bank, name)
    return Recording(
        replies=rows,
        provenance={f"replies of {name}": "exported by doxa"},
        entries=whole.height,
        unit="rows",
        left_out=elsewhere | unknown,
        unknown={
            UNKNOWN_EXAMPLES: "an export does not name them, so they could not be left out of the "
            "scores: score the run itself, or a bundle of it"
        },
    )


def rows_of(table: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Give the columns of an exported table their types, and check the distributions.

    Raises
    ------
    RecordingError
        A value does not fit the type of its column, a status is unknown, or a reply with the
        status "ok" has no distribution over its codes.
    """
    try:
        lists = {
            column: pl.col(column).str.json_decode(kind)
            for column, kind in REPLY_COLUMNS.items()
            if isinstance(kind, pl.List) and table.schema.get(column) == pl.String
        }
        rows = (
            (from_cells(table) if lists else table)
            .with_columns(**lists)
            .select(
                (pl.col(column) if column in table.columns else pl.lit(_LATER[column]))
                .cast(kind)
                .alias(column)
                for column, kind in REPLY_COLUMNS.items()
            )
        )
    except pl.exceptions.PolarsError as error:
        raise RecordingError(f"{source.name}: {reason(error)}: export again") from None
    _check(rows, source)
    told = ("text", "reason", "thought", "server")
    return rows.with_columns(pl.col(pl.String).exclude(told).fill_null(""))


def _check(rows: pl.DataFrame, source: Source) -> None:
    """Raise about the first row that doxa could not have exported."""
    shares = pl.col("probabilities")
    in_range = shares.list.eval(pl.element().is_between(0, 1).fill_null(value=False)).list.all()
    sums_to_1 = (shares.list.sum() - 1).abs() <= _TOLERANCE
    is_distribution = in_range & sums_to_1 & (shares.list.len() == pl.col("codes").list.len())
    for bound in (pl.col("lower"), pl.col("upper")):
        inside = bound.list.eval(pl.element().is_between(0, 1).fill_null(value=False)).list.all()
        is_bound = inside & (bound.list.len() == pl.col("codes").list.len())
        is_distribution &= bound.is_null() | is_bound
    is_ok = pl.col("status") == "ok"
    wrong = ~pl.col("status").is_in(_STATUSES) | (is_ok & ~is_distribution.fill_null(value=False))
    at = rows.select(wrong.fill_null(value=True)).to_series().arg_true()
    if at.len():
        row = rows.row(at[0], named=True)
        raise RecordingError(
            f"{source.name}: {source.place(at[0])}: status {row['status']!r}, codes "
            f"{row['codes']}, probabilities {row['probabilities']}: not what doxa exports: export "
            "again"
        )
