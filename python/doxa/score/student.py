"""Student's t: tails, quantiles, and p-values that agree with given intervals."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["interval_p_values", "rescaled_intervals", "t_quantiles", "two_sided_tails"]

_N_NODES: Final = 64
_HALVINGS: Final = 200
_FEW: Final = 8
"""So many quantiles are remembered one by one; more are found together."""


def two_sided_tails(statistics: ArrayLike, freedom: ArrayLike) -> NDArray[np.float64]:
    """Give the probability that Student's t lies as far from 0 as each statistic.

    Parameters
    ----------
    statistics : (n,) array of float
        Not negative; may be infinite or NaN.
    freedom : (n,) array of float
        Degrees of freedom, above 0; infinite for the normal distribution.

    Notes
    -----
    The upper tail with ν degrees of freedom is the integral of (1 + x²/ν)^(-(ν+1)/2); with
    x = √ν tan θ it is one of cos^(ν-1) θ, taken by Gauss–Legendre quadrature.

    Examples
    --------
    >>> two_sided_tails([0.0, 2.0, 2.0], [10, 10, np.inf]).round(4).tolist()
    [1.0, 0.0734, 0.0455]
    """
    x = np.atleast_1d(np.asarray(statistics, np.float64))
    freedom = np.broadcast_to(np.asarray(freedom, np.float64), x.shape)
    out = np.full(x.shape, np.nan)
    normal = np.isinf(freedom)
    out[normal] = [math.erfc(one / math.sqrt(2.0)) for one in x[normal]]
    some = np.isfinite(x) & ~normal & (freedom > 0)
    out[some] = _t_tails(x[some], freedom[some])
    out[np.isinf(x) & (freedom > 0)] = 0.0
    out[(x == 0) & (freedom > 0)] = 1.0
    return out


def t_quantiles(confidence: ArrayLike, freedom: ArrayLike) -> NDArray[np.float64]:
    """Give the x within which, around 0, Student's t lies with some probability.

    Parameters
    ----------
    confidence : (n,) array of float
        In [0, 1).
    freedom : (n,) array of float
        Degrees of freedom, above 0; infinite for the normal distribution.

    Examples
    --------
    >>> t_quantiles(0.95, [4, np.inf]).round(3).tolist()
    [2.776, 1.96]
    """
    wanted, freedom = np.broadcast_arrays(
        np.atleast_1d(np.asarray(confidence, np.float64)), np.asarray(freedom, np.float64)
    )
    pairs, which = np.unique(np.stack([wanted, freedom]), axis=1, return_inverse=True)
    if pairs.shape[1] <= _FEW:
        found = np.array([_t_quantile(float(level), float(df)) for level, df in pairs.T])
    else:
        found = _bisected(*pairs)
    return found[which.ravel()].reshape(wanted.shape)


def interval_p_values(
    low: NDArray[np.float64], high: NDArray[np.float64], confidence: float, freedom: ArrayLike
) -> NDArray[np.float64]:
    """Give two-sided p-values against 0 that agree with given intervals.

    A p-value is below 1 - `confidence` exactly where the interval leaves 0 out. It is that of a
    Student's t distribution around the middle of the interval, as wide as the interval is. Unlike
    a share of replicates, it can be as small as a correction for many tests needs.

    Parameters
    ----------
    low, high : (n,) arrays
        The ends.
    confidence : float
        Of the intervals.
    freedom : (n,) array of float
        Degrees of freedom; infinite for the normal distribution.

    Returns
    -------
    (n,) ndarray of float64
        NaN where an end is. An interval without a width gives 1 at 0 and 0 elsewhere.

    Examples
    --------
    >>> low, high = np.array([0.1, -0.1, 0.0]), np.array([0.5, 0.5, 0.5])
    >>> interval_p_values(low, high, 0.95, np.inf).round(3).tolist()
    [0.003, 0.191, 0.05]
    """
    middle, reach = np.abs(low + high) / 2, (high - low) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(middle == 0, 0.0, middle / reach)
    ratio[np.isnan(reach)] = np.nan
    return two_sided_tails(t_quantiles(confidence, freedom) * ratio, freedom)


def rescaled_intervals(
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    confidence: tuple[float, NDArray[np.float64]],
    freedom: ArrayLike,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Make intervals of one confidence into those of others, as `interval_p_values` sees them.

    Parameters
    ----------
    low, high, freedom
        As in `interval_p_values`.
    confidence : (float, (n,) array)
        Of the intervals, and wanted.

    Examples
    --------
    >>> ends = np.array([-1.96]), np.array([1.96])
    >>> low, high = rescaled_intervals(*ends, (0.95, np.array([0.99])), np.inf)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([-2.576], [2.576])
    """
    now, wanted = (t_quantiles(level, freedom) for level in confidence)
    middle, reach = (low + high) / 2, (high - low) / 2 * wanted / now
    return middle - reach, middle + reach


@functools.cache
def _t_quantile(confidence: float, freedom: float) -> float:
    return float(_bisected(np.array([confidence]), np.array([freedom]))[0])


def _bisected(confidence: NDArray[np.float64], freedom: NDArray[np.float64]) -> NDArray[np.float64]:
    """Halve an interval around each quantile until its ends are neighbours."""
    wanted = 1.0 - confidence
    low, high = np.zeros_like(wanted), np.ones_like(wanted)
    while (short := two_sided_tails(high, freedom) > wanted).any():
        high[short] *= 2.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        going = (middle != low) & (middle != high)
        if not going.any():
            break
        above = two_sided_tails(middle, freedom) > wanted
        low[going & above] = middle[going & above]
        high[going & ~above] = middle[going & ~above]
    return high


def _t_tails(statistics: NDArray[np.float64], freedom: NDArray[np.float64]) -> NDArray[np.float64]:
    nodes, weights = _gauss_legendre()
    start = np.arctan(statistics / np.sqrt(freedom))
    reach = (np.pi / 2 - start) / 2
    angles = start[:, None] + reach[:, None] * (nodes + 1)
    # Not a product of matrices, whose last digit depends on how many rows there are.
    area = reach * (np.cos(angles) ** (freedom - 1)[:, None] * weights).sum(axis=1)
    log_norm = [math.lgamma((f + 1) / 2) - math.lgamma(f / 2) for f in freedom]
    tails: NDArray[np.float64] = 2 * np.exp(log_norm) / math.sqrt(math.pi) * area
    return np.minimum(1.0, tails)


@functools.cache
def _gauss_legendre() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.polynomial.legendre.leggauss(_N_NODES)
