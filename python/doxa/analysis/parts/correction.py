"""P-values of single tests and of families of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
import polars as pl

from doxa.errors import InvalidArgumentError
from doxa.score.intervals import freedom_of
from doxa.score.student import rescaled_intervals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["TESTED", "Correction", "adjust_p_values", "with_adjusted"]

Correction = Literal["holm", "benjamini_hochberg"]

TESTED: Final = ("estimate", "low", "high", "std_error", "p_value", "n_items")
"""The columns of a comparison that a table takes over."""

_LEAST_P: Final = 1e-300
"""Stands in for p-values of 0."""


def adjust_p_values(p_values: ArrayLike, correction: Correction = "holm") -> NDArray[np.float64]:
    """Correct the p-values of one family of tests.

    Parameters
    ----------
    p_values : (n,) array of float
        In [0, 1]; NaN where there was no test, which then counts as none.
    correction : {"holm", "benjamini_hochberg"}
        Holm (1979) bounds the probability of any false rejection, under any dependence of the
        tests; Benjamini & Hochberg (1995) the expected share of false ones among the
        rejections, for tests that are independent or positively dependent.

    Returns
    -------
    (n,) ndarray of float64
        Reject where it is at most the level. NaN stays NaN.

    Raises
    ------
    InvalidArgumentError
        An unknown correction, or a p-value outside [0, 1].

    Examples
    --------
    >>> adjust_p_values([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.06, 0.06]
    >>> adjust_p_values([0.01, 0.04, 0.03], "benjamini_hochberg").round(4).tolist()
    [0.03, 0.04, 0.04]
    """
    if correction not in get_args(Correction):
        raise InvalidArgumentError(
            f"correction={correction!r}: say {' or '.join(map(repr, get_args(Correction)))}"
        )
    given = np.asarray(p_values, np.float64)
    if not np.all((given >= 0) & (given <= 1) | np.isnan(given)):
        raise InvalidArgumentError("a p-value lies outside 0 to 1")
    tested = np.flatnonzero(~np.isnan(given))
    n = tested.size
    order = tested[np.argsort(given[tested], kind="stable")]
    rank = np.arange(1, n + 1)
    if correction == "holm":
        adjusted = np.maximum.accumulate(given[order] * (n + 1 - rank))
    else:
        adjusted = np.minimum.accumulate((given[order] * n / rank)[::-1])[::-1]
    out = np.full(given.shape, np.nan)
    out[order] = np.minimum(adjusted, 1.0)
    return out


def with_adjusted(
    table: pl.DataFrame,
    correction: Correction,
    family: Sequence[str] = (),
    *,
    confidence: float | None = None,
) -> pl.DataFrame:
    """Add `p_adjusted` after `p_value`; rows that agree in the keys of `family` are a family.

    Parameters
    ----------
    table : polars.DataFrame
        With `p_value`; if there are intervals, with `low`, `high`, `n_items` and `resampled` too.
    correction : {"holm", "benjamini_hochberg"}
    family : sequence of str
    confidence : float, optional
        That of the intervals from which the p-values are. `low_adjusted` and `high_adjusted` then
        follow: the same interval, so much wider that it leaves 0 out exactly where `p_adjusted` is
        below 1 - confidence. The smallest p-value of a family of n has an interval of confidence
        1 - (1 - confidence) / n, as Bonferroni's.

    Raises
    ------
    InvalidArgumentError
        A key is no column of the table, or the correction is unknown.
    """
    unknown = [name for name in family if name not in table.columns]
    if unknown:
        raise InvalidArgumentError(
            f"family={unknown[0]!r} is no column: take some of {', '.join(table.columns)}"
        )

    def adjusted(p_values: pl.Series) -> pl.Series:
        known = np.maximum(_floats(p_values), _LEAST_P)
        return pl.Series(adjust_p_values(known, correction)).fill_nan(None)

    corrected = pl.col("p_value").map_batches(adjusted, return_dtype=pl.Float64)
    names, place = table.columns, table.columns.index("p_value") + 1
    told = table.with_columns(p_adjusted=corrected.over(family) if family else corrected)
    added = ["p_adjusted"]
    if confidence is not None:
        told = told.with_columns(*_adjusted_intervals(told, confidence))
        added += ["low_adjusted", "high_adjusted"]
    return told.select(*names[:place], *added, *names[place:])


def _adjusted_intervals(table: pl.DataFrame, confidence: float) -> list[pl.Series]:
    """Widen each interval by as much as the correction raised its p-value."""
    low, high, p_value, adjusted = (
        _floats(table[name]) for name in ("low", "high", "p_value", "p_adjusted")
    )
    raised = np.maximum(p_value, _LEAST_P) / adjusted
    items = table["resampled"].str.contains("items").fill_null(value=True).to_numpy()
    freedom = np.where(items, freedom_of(_floats(table["n_items"]), items=True), np.inf)
    out = np.full((2, table.height), np.nan)
    held = ~np.isnan(low + high + p_value)
    if held.any():
        levels = confidence, 1 - (1 - confidence) * raised[held]
        out[:, held] = rescaled_intervals(low[held], high[held], levels, freedom[held])
    return [
        pl.Series(name, ends).fill_nan(None)
        for name, ends in zip(("low_adjusted", "high_adjusted"), out, strict=True)
    ]


def _floats(column: pl.Series) -> NDArray[np.float64]:
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
