"""The difference of two groups' means, with an interval and a p-value that agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from doxa import _core
from doxa.score.bootstrap import items_alone
from doxa.score.inference import Comparison
from doxa.score.intervals import (
    FEWEST_ITEMS,
    SHRUNKEN,
    bias_of,
    corrected_intervals,
    freedom_of,
    mean_intervals,
)
from doxa.score.student import interval_p_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from doxa.score.bootstrap import Bootstrap
    from doxa.score.rows import Labels

__all__ = ["Scores", "compare_groups"]

NO_GROUP = np.uint32(2**32 - 1)


class Scores(NamedTuple):
    """The scores of all rows by one metric; with `metric` None, other numbers."""

    values: NDArray[np.float64]
    metric: str | None
    number: int
    """The place of the metric among all."""


def compare_groups(
    scores: Scores,
    drawn: NDArray[np.float64] | None,
    labels: Labels,
    pair: tuple[int, int],
    bootstrap: Bootstrap,
) -> Comparison:
    """Compare two groups on the items that have a score in both.

    Parameters
    ----------
    scores : Scores
    drawn : (n,) array of float64, optional
        The mean of each row's replicates, if items are corrected one by one.
    labels : Labels
        Group and item of each row.
    pair : (int, int)
        The groups.
    bootstrap : Bootstrap
        What is resampled, and the method.
    """
    values, metric, number = scores
    means = [_item_means(values, labels, group) for group in pair]
    shared = np.flatnonzero(~np.isnan(means[0] - means[1])).astype(np.uint32)
    if shared.size == 0:
        return Comparison.empty()
    difference = (means[0] - means[1])[shared]
    one = (np.zeros(shared.size, np.uint32), shared, 1, labels[3])
    apart = None
    if items_alone(bootstrap.sources):
        replicates = _core.item_replicates(
            difference,
            one,
            n_resamples=bootstrap.n_resamples,
            seed=bootstrap.seed,
            threads=bootstrap.threads,
        )
    else:
        two = _two(labels, pair, shared)
        both = bootstrap.replicate(two, bootstrap.sources, bootstrap.shrinks)[number]
        replicates = both[:1] - both[1:]
        estimates = _core.group_means(values, two)
        apart = estimates[:, :1] - estimates[:, 1:]
    kind: dict[str, Any] = {"metric": metric, "difference": True}
    if drawn is not None:
        drawn_means = [_item_means(drawn, labels, group) for group in pair]
        apart_drawn = (drawn_means[0] - drawn_means[1])[shared]
        interval = corrected_intervals(difference, apart_drawn, one, bootstrap, **kind)
    else:
        interval = mean_intervals(difference, one, bootstrap, lambda: replicates, apart, **kind)
    estimate, low, high, error = interval[1:]
    freedom = freedom_of(np.full(1, shared.size), items="items" in bootstrap.sources)
    p_values = interval_p_values(low, high, bootstrap.confidence, freedom)
    centre = estimate
    if not items_alone(bootstrap.sources):
        shrunken = bootstrap.shrinks and metric == SHRUNKEN
        centre = estimate - bias_of(estimate, replicates, shrunken=shrunken)
    if bootstrap.method == "studentized" and shared.size < FEWEST_ITEMS:
        low = high = np.full(1, np.nan)
    return Comparison(
        shared.size, float(estimate[0]), float(low[0]), float(high[0]), float(error[0]),
        float(p_values[0]), float(centre[0]), replicates[0],
    )  # fmt: skip


def _two(labels: Labels, pair: tuple[int, int], shared: NDArray[np.uint32]) -> Labels:
    """Label the rows of two groups 0 and 1, on the items that they share, and no others."""
    groups = np.full(labels[0].size, NO_GROUP)
    chosen = np.isin(labels[1], shared)
    for place, group in enumerate(pair):
        groups[chosen & (labels[0] == group)] = place
    return groups, labels[1], 2, labels[3]


def _item_means(values: NDArray[np.float64], labels: Labels, group: int) -> NDArray[np.float64]:
    chosen = (labels[0] == group) & ~np.isnan(values)
    items, n_items = labels[1][chosen], labels[3]
    sums = np.bincount(items, values[chosen], n_items)
    counts = np.bincount(items, minlength=n_items)
    means = np.full(n_items, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means
