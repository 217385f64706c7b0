"""Choose the interval for each kind of resampling. No other module holds this rule.

======================  =============================  ====================  ===================
resampled               mean over items                difference of means   other numbers
======================  =============================  ====================  ===================
items                   studentised                    Student's t           percentile
items and others        studentised, without bias      Student's t, without  percentile
                                                       bias
items, forms (others)   studentised, each item without Student's t, each     percentile
                        its bias                       item without its bias
respondents, replies    percentile of shrunken         percentile of         percentile
                        replicates                     shrunken replicates
forms, without items    basic                          basic                 percentile
======================  =============================  ====================  ===================

Resampling items does not bias a mean. Resampling respondents or replies adds noise to
distributions, and noise makes distances larger: an estimated alignment lies below the truth.
*Shrunken* replicates of alignments are guesses at the truth: the observed difference is drawn
towards 0 by as much as noise explains it, before noise is added (``rust/resample/shrink``). Their
mean is an estimate without that bias, and their quantiles are the ends of an interval. The
studentised interval already contains the spread of all sources; the bias, the mean of the shrunken
replicates minus the estimate, is added to it, and it is stretched to the quantiles of the
shrunken replicates where these reach farther, as they do at the kink. Metrics other than alignment
have basic intervals, which mirror the replicates at the estimate.

Of forms an item has but a few, so its bias is itself uncertain: it is taken off item by item, and
the spread of the corrected items contains what this adds. Replicates of forms are not shrunken.

No interval leaves the range that its number can have. ``docs/explanation/uncertainty.md`` reports
how often each interval contains the truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from doxa import _core
from doxa.score.bootstrap import items_alone
from doxa.score.student import t_quantiles, two_sided_tails

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from doxa.score.bootstrap import Bootstrap
    from doxa.score.rows import Labels

__all__ = [
    "FEWEST_ITEMS",
    "METRIC_BOUNDS",
    "SHRUNKEN",
    "UNBOUNDED",
    "bias_of",
    "corrected_intervals",
    "delta_intervals",
    "freedom_of",
    "mean_intervals",
    "percentile_interval",
    "quantile_intervals",
    "t_intervals",
    "wider",
    "within",
]

SHRUNKEN: Final = "alignment"
"""The metric whose replicates can be shrunken."""

UNBOUNDED: Final = (-np.inf, np.inf)

FEWEST_ITEMS: Final = 5
"""Means over fewer, if items are drawn, have no interval by default."""

_UNIT_OF_POSITIONS: Final = {"wasserstein": (0.0, np.inf), "mean_difference": UNBOUNDED}

METRIC_BOUNDS: Final[dict[str, tuple[float, float]]] = {
    row[0]: _UNIT_OF_POSITIONS.get(row[0], (row[1], row[2])) for row in _core.metric_table()
}
"""The smallest and the largest possible value of each metric."""


def mean_intervals(
    values: NDArray[np.float64],
    labels: Labels,
    bootstrap: Bootstrap,
    replicates: Callable[[], NDArray[np.float64]],
    means: NDArray[np.float64] | None = None,
    *,
    metric: str | None = None,
    difference: bool = False,
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
    metric : str, optional
        What the values are; other numbers than metrics have no bounds.
    difference : bool
        Whether the values are differences of two scores by the metric. If the method is
        "studentized", there are intervals of fewer than `FEWEST_ITEMS` too: p-values need them.

    Returns
    -------
    (5, groups) ndarray of float64
        Rows: number of values, estimate, low, high, standard error.
    """
    shrunken = bootstrap.shrinks and metric == SHRUNKEN
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
        if difference and bootstrap.method == "studentized":
            found[2:4] = t_intervals(found[1], found[4], bootstrap.confidence, found[0])
        if not items_alone(bootstrap.sources):
            drawn = replicates()
            found[2:4] -= bias_of(found[1], drawn, shrunken=shrunken)
            if shrunken:
                found[2:4] = wider(found[2:4], drawn, bootstrap.confidence, found[0])
        return _shown(found, metric, difference=difference)
    means = _core.group_means(values, labels) if means is None else means
    method: str = bootstrap.method
    if method == "shrunken":
        method = "percentile" if shrunken else "basic"
    ends = _core.intervals(means[1], replicates(), method=method, confidence=bootstrap.confidence)
    return _shown(np.vstack([means, ends]), metric, difference=difference)


def wider(
    ends: NDArray[np.float64],
    replicates: NDArray[np.float64],
    confidence: float,
    n_items: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Stretch intervals of items, (2, n), to where the truth may lie by the replicates, too.

    The spread of items is not all: where a model equals the people, the bias itself is not known,
    and items that hardly differ tell nothing of it. Elsewhere intervals stay as they are, as the
    replicates spread as the items do. Quantiles are taken farther out for fewer items, as far as
    Student's t is from the normal distribution (Hesterberg, 2015, *American Statistician* 69).
    """
    out = ends.copy()
    for n in np.unique(n_items[n_items >= FEWEST_ITEMS]):
        rows = n_items == n
        reach = t_quantiles(confidence, n - 1.0) * np.sqrt(n / (n - 1.0))
        farther = 1.0 - float(two_sided_tails(reach, np.inf)[0])
        low, high = quantile_intervals(replicates[rows], farther)
        out[:, rows] = np.fmin(ends[0, rows], low), np.fmax(ends[1, rows], high)
    return out


def corrected_intervals(
    values: NDArray[np.float64],
    drawn: NDArray[np.float64],
    labels: Labels,
    bootstrap: Bootstrap,
    *,
    metric: str | None = None,
    difference: bool = False,
) -> NDArray[np.float64]:
    """Give the means of groups, with the intervals of values that are corrected for their bias.

    Parameters
    ----------
    values, drawn : (n,) array of float64
        The value of each row, and the mean of its replicates; their difference is the bias.
    labels, bootstrap, metric, difference
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
    if difference:
        found[2:4] = t_intervals(found[1], found[4], bootstrap.confidence, found[0])
    found[1] = _core.group_means(values, labels)[1]
    return _shown(found, metric, difference=difference)


def within(found: NDArray[np.float64], bounds: tuple[ArrayLike, ArrayLike]) -> NDArray[np.float64]:
    """Cut the ends of intervals, rows 2 and 3 of `found`, to what is possible."""
    found[2:4] = np.clip(found[2:4], *bounds)
    return found


def _shown(
    found: NDArray[np.float64], metric: str | None, *, difference: bool
) -> NDArray[np.float64]:
    low, high = METRIC_BOUNDS.get(metric or "", UNBOUNDED)
    if not difference:
        return within(found, (low, high))
    # Of few items, the ends are for p-values alone, which are those of whole intervals.
    few = found[0] < FEWEST_ITEMS
    reach = np.where(few, np.inf, high - low)
    return within(found, (-reach, reach))


def freedom_of(n_items: ArrayLike, *, items: bool) -> NDArray[np.float64]:
    """Give the degrees of freedom of a mean: those of its items, infinite if none are drawn."""
    n = np.asarray(n_items, np.float64)
    return n - 1.0 if items else np.full(n.shape, np.inf)


def t_intervals(
    centres: NDArray[np.float64],
    errors: NDArray[np.float64],
    confidence: float,
    n_items: ArrayLike,
) -> NDArray[np.float64]:
    """Give the intervals of Student's t for means over items, from bootstrapped standard errors.

    Differences of paired scores are often many small ones and a few large ones, on either side.
    The studentised bootstrap is then too short or, with few items, several times too long;
    Student's t is neither.

    Parameters
    ----------
    centres, errors : (n,) arrays
        Means, and the standard errors of their replicates, which are by n / (n - 1) too small
        in their squares.
    confidence : float
    n_items : (n,) array of int
        At least 2; with fewer there is no interval.

    Returns
    -------
    (2, n) ndarray of float64

    Examples
    --------
    >>> ends = t_intervals(np.array([0.0]), np.array([0.1]), 0.95, [5])
    >>> ends.round(3).ravel().tolist()
    [-0.31, 0.31]
    """
    n = np.asarray(n_items, np.float64)
    reach = np.full(n.shape, np.nan)
    held = n > 1
    crit = t_quantiles(confidence, n[held] - 1.0)
    reach[held] = crit * np.asarray(errors)[held] * np.sqrt(n[held] / (n[held] - 1.0))
    return np.stack([centres - reach, centres + reach])


def delta_intervals(
    means: NDArray[np.float64], errors: NDArray[np.float64], confidence: float
) -> NDArray[np.float64]:
    """Return normal intervals from delta-method errors, in the rows of `mean_intervals`."""
    # From the lower tail, which keeps the digits that the upper one loses near 1.
    reach = -_core.normal_quantile(0.5 - 0.5 * confidence) * errors
    return np.vstack([means, means[1] - reach, means[1] + reach, errors])


def bias_of(
    estimates: NDArray[np.float64], replicates: NDArray[np.float64], *, shrunken: bool
) -> NDArray[np.float64]:
    """Estimate the bias that noise in distributions brings.

    Parameters
    ----------
    estimates : (n,) array
    replicates : (n, n_resamples) array
    shrunken : bool
        Whether the replicates are guesses at the truth, and the estimate is off from their mean;
        else the mean of the replicates is off from the estimate by as much.

    Returns
    -------
    (n,) ndarray of float64

    Examples
    --------
    >>> estimate, replicates = np.array([0.8]), np.array([[0.7, 0.8]])
    >>> [float(bias_of(estimate, replicates, shrunken=s)[0].round(2)) for s in (False, True)]
    [-0.05, 0.05]
    """
    bias: NDArray[np.float64] = np.nanmean(replicates, axis=1) - estimates
    return -bias if shrunken else bias


def quantile_intervals(
    replicates: NDArray[np.float64], confidence: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of the percentile intervals of several numbers, such as ratios.

    NaN replicates are left out; if all are NaN, both ends are NaN.

    Parameters
    ----------
    replicates : (n, n_resamples) array
        Of items, or guesses at the truth: not of respondents as they are drawn, which are biased.
    confidence : float
    """
    drawn = np.atleast_2d(replicates)
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
