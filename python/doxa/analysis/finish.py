"""What the columns of every table have in common: intervals only where there can be one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["NO_VALUE", "ONE_ITEM", "finish"]

ONE_ITEM: Final = "one item: no interval"
NO_VALUE: Final = "no item has a value"

_INTERVAL: Final = r"^(.+_)?(low|high|std_error)$|^p_value$"


def finish(
    table: pl.DataFrame,
    *,
    n: str = "n_items",
    resampled: str = "items",
    notes: Iterable[pl.Expr] = (),
) -> pl.DataFrame:
    """Take intervals that rest on one item away, turn NaN into null, and say why.

    Parameters
    ----------
    table : polars.DataFrame
        With a column `estimate`.
    n : str
        The column with the number of items.
    resampled : str
        What the bootstrap drew again.
    notes : iterable of polars.Expr
        Further notes, null where there is nothing to say.

    Returns
    -------
    polars.DataFrame
        The table with `resampled` and `note` ("" where all is said) at its end.

    Examples
    --------
    >>> table = pl.DataFrame({"n_items": [1], "estimate": [0.7], "low": [0.7], "high": [0.7]})
    >>> finish(table).select("low", "note").row(0)
    (None, 'one item: no interval')
    """
    one = pl.col(n) == 1
    said = [
        pl.when(pl.col(n) == 0).then(pl.lit(NO_VALUE)),
        pl.when(one).then(pl.lit(ONE_ITEM)),
        *notes,
    ]
    return (
        table.with_columns(pl.selectors.float().fill_nan(None))
        .with_columns(pl.when(pl.col(n) > 1).then(pl.selectors.matches(_INTERVAL)).name.keep())
        .with_columns(
            resampled=pl.lit(resampled),
            note=pl.concat_str(said, separator="; ", ignore_nulls=True),
        )
    )
