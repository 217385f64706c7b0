"""Comparisons, simultaneous intervals and ranks, from bootstrap replicates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Comparison", "max_t", "ranks"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The mean of one group minus that of another, over `n_items` items."""

    n_items: int
    estimate: float
    low: float
    high: float
    std_error: float
    p_value: float
    centre: float
    """The estimate without the bias that drawing anything but items brings."""
    replicates: NDArray[np.float64]

    @classmethod
    def empty(cls) -> Comparison:
        """Give the comparison of groups without an item in common."""
        return cls(0, np.nan, np.nan, np.nan, np.nan, np.nan, np.nan, np.empty(0))

    @classmethod
    def columns(cls, comparisons: Sequence[Comparison]) -> dict[str, list[Any]]:
        """Turn comparisons into the columns of a table."""
        names = ("n_items", "estimate", "low", "high", "std_error", "p_value")
        return {name: [getattr(one, name) for one in comparisons] for name in names}


def max_t(
    comparisons: Sequence[Comparison], confidence: float, largest_possible: float = np.inf
) -> list[Comparison]:
    """Widen intervals until all of them hold at once, and correct the p-values to match.

    No end is farther from 0 than the largest possible difference.
    """
    replicates = np.array([one.replicates for one in comparisons])
    centres = np.array([one.centre for one in comparisons])
    biased = centres != np.array([one.estimate for one in comparisons])
    middles = np.where(biased, np.nanmean(replicates, axis=1), centres)
    errors = np.array([one.std_error for one in comparisons])
    with np.errstate(invalid="ignore", divide="ignore"):
        deviations = np.abs(replicates - middles[:, None]) / errors[:, None]
        observed = np.where(centres == 0, 0.0, np.abs(centres) / errors)
    largest = np.where(np.isfinite(deviations), deviations, 0.0).max(axis=0)
    # The interval leaves out 0 exactly where the p-value is at most 1 - confidence.
    beyond = max(int((1 - confidence) * (largest.size + 1) + 1e-9) - 1, 0)
    reach = np.sort(largest)[-1 - min(beyond, largest.size - 1)] * errors
    return [
        replace(
            one,
            low=max(one.centre - reach[i], -largest_possible),
            high=min(one.centre + reach[i], largest_possible),
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
    columns = np.ascontiguousarray(-values.T)
    # Equal values share a rank, so only those that are no number need a stable order.
    kind: Literal["stable", "quicksort"] = "stable" if np.isnan(columns).any() else "quicksort"
    order = np.argsort(columns, axis=1, kind=kind)
    ordered = np.take_along_axis(columns, order, axis=1)
    fresh = np.ones(columns.shape, bool)
    fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    shared = np.where(fresh, np.arange(1, len(values) + 1), 0)
    np.maximum.accumulate(shared, axis=1, out=shared)
    out = np.empty_like(shared)
    np.put_along_axis(out, order, shared, axis=1)
    return np.ascontiguousarray(out.T)
