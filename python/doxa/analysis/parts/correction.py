"""P-values of single tests and of families of tests."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
import polars as pl

from doxa.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Correction", "adjust_p_values", "t_p_values", "t_tests", "with_adjusted"]

Correction = Literal["holm", "benjamini_hochberg"]

_N_NODES: Final = 64


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
    table: pl.DataFrame, correction: Correction, family: Sequence[str] = ()
) -> pl.DataFrame:
    """Add `p_adjusted` after `p_value`; rows that agree in the keys of `family` are a family.

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
        floats = p_values.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return pl.Series(adjust_p_values(floats, correction)).fill_nan(None)

    corrected = pl.col("p_value").map_batches(adjusted, return_dtype=pl.Float64)
    names, place = table.columns, table.columns.index("p_value") + 1
    return table.with_columns(p_adjusted=corrected.over(family) if family else corrected).select(
        *names[:place], "p_adjusted", *names[place:]
    )


def t_tests(comparisons: pl.DataFrame) -> pl.DataFrame:
    """Give comparisons of means over items, tested against 0 by Student's t.

    Parameters
    ----------
    comparisons : polars.DataFrame
        As `doxa.score.ScoreBatch.compare` gives them.

    Returns
    -------
    polars.DataFrame
        `estimate`, `low`, `high`, `std_error`, `p_value`, `n_items`.
    """
    names = ("estimate", "low", "high", "std_error", "n_items")
    estimates, _, _, errors, n_items = (comparisons[name] for name in names)
    p_values = pl.Series("p_value", t_p_values(estimates, errors, n_items))
    return comparisons.select(*names[:-1], p_values, "n_items")


def t_p_values(
    estimates: ArrayLike, std_errors: ArrayLike, n_items: ArrayLike | None
) -> NDArray[np.float64]:
    """Give two-sided p-values of bootstrapped means from their standard errors.

    A share of replicates cannot fall below 2 / (n_resamples + 1), which no correction for many
    tests survives; Student's t has no such floor.

    Parameters
    ----------
    estimates, std_errors : (n,) arrays of float
        A standard error of 0 gives p = 1 for an estimate of 0, and p = 0 otherwise.
    n_items : (n,) array of int or None
        Items drawn: the replicates' variance is enlarged by n / (n - 1), and the statistic has
        n - 1 degrees of freedom. None, or where no items were drawn, for the normal
        distribution.

    Returns
    -------
    (n,) ndarray of float64
        In [0, 1]; NaN where an input is NaN or there is one item.

    Notes
    -----
    The upper tail of Student's t with ν degrees of freedom is the integral of
    (1 + x²/ν)^(-(ν+1)/2); with x = √ν tan θ it is one of cos^(ν-1) θ, taken by Gauss–Legendre
    quadrature.

    Examples
    --------
    >>> t_p_values([2.0, 0.0], [1.0, 1.0], None).round(4).tolist()
    [0.0455, 1.0]
    """
    estimate = np.abs(np.asarray(estimates, np.float64))
    error = np.asarray(std_errors, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where((error == 0) & (estimate == 0), 0.0, estimate / error)
    if n_items is None:
        return _normal_tails(statistic)
    n = np.asarray(n_items, np.float64)
    out = np.full(statistic.shape, np.nan)
    tested = np.isfinite(statistic) & (n > 1)
    out[tested] = _t_tails(statistic[tested] * np.sqrt(1 - 1 / n[tested]), n[tested] - 1)
    out[np.isinf(statistic) & (n > 1)] = 0.0
    out[(statistic == 0) & (n > 1)] = 1.0
    return out


def _normal_tails(statistics: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([math.erfc(x / math.sqrt(2.0)) for x in statistics])


def _t_tails(statistics: NDArray[np.float64], freedom: NDArray[np.float64]) -> NDArray[np.float64]:
    nodes, weights = _gauss_legendre()
    start = np.arctan(statistics / np.sqrt(freedom))
    reach = (np.pi / 2 - start) / 2
    angles = start[:, None] + reach[:, None] * (nodes + 1)
    area = reach * (np.cos(angles) ** (freedom - 1)[:, None] @ weights)
    log_norm = [math.lgamma((f + 1) / 2) - math.lgamma(f / 2) for f in freedom]
    return np.minimum(1.0, 2 * np.exp(log_norm) / math.sqrt(math.pi) * area)


@functools.cache
def _gauss_legendre() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.polynomial.legendre.leggauss(_N_NODES)
