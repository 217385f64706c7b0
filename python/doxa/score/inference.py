"""P-values, simultaneous intervals and ranks, from bootstrap replicates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Comparison", "max_t", "p_value", "ranks"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The mean of one group minus that of another, over `n_items` items."""

    n_items: int
    estimate: float
    low: float
    high: float
    std_error: float
    p_value: float
    replicates: NDArray[np.float64]

    @classmethod
    def empty(cls) -> Comparison:
        """Give the comparison of groups without an item in common."""
        return cls(0, np.nan, np.nan, np.nan, np.nan, np.nan, np.empty(0))

    @classmethod
    def columns(cls, comparisons: Sequence[Comparison]) -> dict[str, list[Any]]:
        """Turn comparisons into the columns of a table."""
        names = ("n_items", "estimate", "low", "high", "std_error", "p_value")
        return {name: [getattr(one, name) for one in comparisons] for name in names}


def p_value(replicates: NDArray[np.float64]) -> float:
    """Return the two-sided p-value against 0: twice the share of replicates beyond 0."""
    drawn = replicates[~np.isnan(replicates)]
    fewer = min((drawn <= 0).sum(), (drawn >= 0).sum())
    return min(1.0, float(2 * (fewer + 1) / (drawn.size + 1)))


def max_t(comparisons: Sequence[Comparison], confidence: float) -> list[Comparison]:
    """Widen intervals until all of them hold at once, and correct the p-values to match."""
    replicates = np.array([one.replicates for one in comparisons])
    estimates = np.array([one.estimate for one in comparisons])
    errors = np.array([one.std_error for one in comparisons])
    with np.errstate(invalid="ignore", divide="ignore"):
        deviations = np.abs(replicates - estimates[:, None]) / errors[:, None]
        observed = np.abs(estimates) / errors
    largest = np.where(np.isfinite(deviations), deviations, 0.0).max(axis=0)
    reach = np.quantile(largest, confidence) * errors
    return [
        replace(
            one,
            low=one.estimate - reach[i],
            high=one.estimate + reach[i],
            p_value=float(((largest >= observed[i]).sum() + 1) / (largest.size + 1)),
        )
        for i, one in enumerate(comparisons)
    ]


def ranks(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rank each column, the largest first; equal values share the better rank.

    Examples
    --------
    >>> import numpy as np
    >>> ranks(np.array([[0.7], [0.9], [0.7]])).tolist()
    [[2], [1], [2]]
    """
    order = np.argsort(-values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    places = np.arange(1, len(values) + 1)[:, None]
    fresh = np.ones(values.shape, bool)
    fresh[1:] = ordered[1:] != ordered[:-1]
    out = np.empty(values.shape, np.int64)
    shared = np.maximum.accumulate(np.where(fresh, places, 0), axis=0)
    np.put_along_axis(out, order, shared, axis=0)
    return out
