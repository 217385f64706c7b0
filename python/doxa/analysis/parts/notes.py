"""The columns that end every table: what was resampled, and why a number is missing."""

from __future__ import annotations

from typing import Final

import polars as pl

__all__ = [
    "FEW_ITEMS",
    "FEW_RESPONDENTS",
    "NO_COMMON_ITEM",
    "NO_VALUE",
    "ONE_ITEM",
    "SCORE_NOTES",
    "finish",
    "note",
    "say",
]

NO_VALUE: Final = "no item has a value"
NO_COMMON_ITEM: Final = "no item in common"
ONE_ITEM: Final = "one item: no interval"
FEW_ITEMS: Final = "fewer than five items: no interval"

FEW_RESPONDENTS: Final = 30
"""Effective respondents below which a population's answers are marked."""

_INTERVAL: Final = r"^(.+_)?(low|high|std_error)$|^p_value$"


def say(condition: pl.Expr, text: str) -> pl.Expr:
    """Say something of the rows in which a condition holds; null in the others."""
    return pl.when(condition).then(pl.lit(text))


def note(*parts: pl.Expr) -> pl.Expr:
    """Join what is said of each row: `note`, "" where there is nothing to say.

    Examples
    --------
    >>> table = pl.DataFrame({"n": [0, 1]})
    >>> few, none = say(pl.col("n") < 2, "few"), say(pl.col("n") < 1, "none")
    >>> table.select(note(few, none)).to_series().to_list()
    ['few; none', 'few']
    """
    return pl.concat_str(parts, separator="; ", ignore_nulls=True).alias("note")


_SCORED: Final = pl.col("n_items") > 0
SCORE_NOTES: Final = (
    say(~_SCORED, NO_COMMON_ITEM),
    say(_SCORED & pl.col("std_error").is_null(), ONE_ITEM),
    say(pl.col("std_error").is_not_null() & pl.col("low").is_null(), FEW_ITEMS),
)
"""Why a mean over items lacks an interval: of a table with `n_items`, `std_error` and `low`."""


def finish(table: pl.DataFrame, *further: pl.Expr) -> pl.DataFrame:
    """End a table whose bootstrap drew items: no interval of fewer than two, and notes.

    Parameters
    ----------
    table : polars.DataFrame
        With a column `n_items`. NaN becomes null.
    *further : polars.Expr
        Notes of the table's own, null where there is nothing to say; see `say`.

    Returns
    -------
    polars.DataFrame
        The table with `resampled` and `note` at its end.

    Examples
    --------
    >>> table = pl.DataFrame({"n_items": [1], "estimate": [0.7], "low": [0.7], "high": [0.7]})
    >>> finish(table).select("low", "note").row(0)
    (None, 'one item: no interval')
    """
    n_items = pl.col("n_items")
    return (
        table.with_columns(pl.selectors.float().fill_nan(None))
        .with_columns(pl.when(n_items > 1).then(pl.selectors.matches(_INTERVAL)).name.keep())
        .with_columns(
            pl.lit("items").alias("resampled"),
            note(say(n_items == 0, NO_VALUE), say(n_items == 1, ONE_ITEM), *further),
        )
    )
