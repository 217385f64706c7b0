"""Choose the interval for each kind of resampling. No other module holds this rule.

=======================  =============================================  ================
resampled                interval of a mean over items                  of other numbers
=======================  =============================================  ================
items                    studentised                                    percentile
items and others         studentised, shifted by the others' bias       basic
items, forms (others)    studentised, each item corrected for its bias  percentile
others without items     basic                                          basic
=======================  =============================================  ================

Resampling items does not bias a mean. Resampling respondents or replies adds noise to
distributions, and noise makes distances larger. Replicates then lie below the estimate by about as
much as the estimate lies below the truth. The basic interval mirrors the replicates at the
estimate. The studentised interval already contains the spread of all sources; the bias, the mean of
the replicates minus the estimate, is subtracted from it. Of forms an item has but a few, so its
bias is itself uncertain: it is subtracted item by item, and the spread of the corrected items
contains what this adds. ``docs/explanation/uncertainty.md`` reports how often each interval
contains the truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from doxa import _core
from doxa.score.bootstrap import items_alone

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from doxa.score.bootstrap import Bootstrap, ResampleSource
    from doxa.score.rows import Labels

__all__ = [
    "bias_of",
    "corrected_intervals",
    "delta_intervals",
    "mean_intervals",
    "mirrored",
    "percentile_interval",
    "quantile_intervals",
]


def mean_intervals(
    values: NDArray[np.float64],
    labels: Labels,
    bootstrap: Bootstrap,
    replicates: Callable[[], NDArray[np.float64]],
    means: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Give the means of groups with their intervals.

    Parameters
    ----------
    values : (n,) array of float64
        One number per row, NaN if it is missing.
    labels : Labels
        Group and item of each row.
    bootstrap : Bootstrap
        What is resampled, and the method; not "delta".
    replicates : callable
        Returns the replicates of the means, shape (groups, n_resamples); called only if needed.
    means : (2, groups) array of float64, optional
        Number of rows and mean of each group, if they differ from those of `values`.

    Returns
    -------
    (5, groups) ndarray of float64
        Rows: number of values, estimate, low, high, standard error.
    """
    if items_alone(bootstrap.sources) or bootstrap.method == "studentized":
        found = _core.item_intervals(
            values,
            labels,
            n_resamples=bootstrap.n_resamples,
            seed=bootstrap.seed,
            method=bootstrap.method,
            confidence=bootstrap.confidence,
            threads=bootstrap.threads,
        )
        if not items_alone(bootstrap.sources):
            found[2:4] -= bias_of(found[1], replicates(), bootstrap.sources)
        return found
    means = _core.group_means(values, labels) if means is None else means
    ends = _core.intervals(
        means[1], replicates(), method=bootstrap.method, confidence=bootstrap.confidence
    )
    return np.vstack([means, ends])


def corrected_intervals(
    values: NDArray[np.float64],
    drawn: NDArray[np.float64],
    labels: Labels,
    bootstrap: Bootstrap,
) -> NDArray[np.float64]:
    """Give the means of groups, with the intervals of values that are corrected for their bias.

    Parameters
    ----------
    values, drawn : (n,) array of float64
        The value of each row, and the mean of its replicates; their difference is the bias.
    labels, bootstrap
        As in `mean_intervals`.

    Returns
    -------
    (5, groups) ndarray of float64
        As `mean_intervals`; the estimate is the mean of the values themselves, so the whole
        interval may lie above it.
    """
    found = _core.item_intervals(
        2 * values - drawn,
        labels,
        n_resamples=bootstrap.n_resamples,
        seed=bootstrap.seed,
        method="studentized",
        confidence=bootstrap.confidence,
        threads=bootstrap.threads,
    )
    found[1] = _core.group_means(values, labels)[1]
    return found


def delta_intervals(
    means: NDArray[np.float64], errors: NDArray[np.float64], confidence: float
) -> NDArray[np.float64]:
    """Return normal intervals from delta-method errors, in the rows of `mean_intervals`."""
    # From the lower tail, which keeps the digits that the upper one loses near 1.
    reach = -_core.normal_quantile(0.5 - 0.5 * confidence) * errors
    return np.vstack([means, means[1] - reach, means[1] + reach, errors])


def bias_of(
    estimates: NDArray[np.float64],
    replicates: NDArray[np.float64],
    sources: tuple[ResampleSource, ...],
) -> NDArray[np.float64]:
    """Estimate the bias from resampling; 0 if only items are resampled.

    Parameters
    ----------
    estimates : (n,) array
    replicates : (n, n_resamples) array
    sources : tuple of {"items", "respondents", "replies", "forms"}

    Returns
    -------
    (n,) ndarray of float64
    """
    if items_alone(sources):
        return np.zeros(len(estimates))
    bias: NDArray[np.float64] = np.nanmean(replicates, axis=1) - estimates
    return bias


def mirrored(
    estimates: NDArray[np.float64],
    replicates: NDArray[np.float64],
    sources: tuple[ResampleSource, ...],
) -> NDArray[np.float64]:
    """Mirror replicates at their estimates, unless only items are resampled.

    The result shows where the truth may lie: its quantiles are the ends of an interval, and its
    share above a threshold is the probability that the truth lies above it.

    Parameters
    ----------
    estimates : (n,) array
    replicates : (n, n_resamples) array
    sources : tuple of {"items", "respondents", "replies", "forms"}

    Returns
    -------
    (n, n_resamples) ndarray of float64

    Examples
    --------
    >>> estimate, replicates = np.array([0.8]), np.array([[0.7, 0.75]])
    >>> mirrored(estimate, replicates, ("respondents",)).round(2).tolist()
    [[0.9, 0.85]]
    >>> mirrored(estimate, replicates, ("items",)).tolist()
    [[0.7, 0.75]]
    """
    return replicates if items_alone(sources) else 2 * estimates[:, None] - replicates


def quantile_intervals(
    estimates: NDArray[np.float64],
    replicates: NDArray[np.float64],
    sources: tuple[ResampleSource, ...],
    confidence: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of intervals for numbers other than means over items, such as ratios.

    Intervals are percentile if only items are resampled, else basic. NaN replicates are left out;
    if all are NaN, both ends are NaN.
    """
    drawn = np.atleast_2d(mirrored(estimates, replicates, sources))
    held = ~np.isnan(drawn).all(axis=1)
    ends = np.full((2, len(drawn)), np.nan)
    if held.any():
        tail = 0.5 - 0.5 * confidence
        # several times as fast as the quantiles that look for NaN
        quantile = np.nanquantile if np.isnan(drawn).any() else np.quantile
        ends[:, held] = quantile(drawn[held], [tail, 1 - tail], axis=1)
    return ends[0], ends[1]


def percentile_interval(replicates: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Give the percentile interval of the replicates of one number.

    Efron & Tibshirani (1993), *An Introduction to the Bootstrap*, chapter 13.

    Examples
    --------
    >>> percentile_interval(np.arange(101.0), 0.5)
    (25.0, 75.0)
    """
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(replicates, [tail, 1.0 - tail])
    return float(low), float(high)
