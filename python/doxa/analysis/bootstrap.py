"""Bootstrap of paired differences over items."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["item_weights", "percentile_interval"]


@functools.lru_cache(maxsize=8)
def item_weights(n_items: int, n_resamples: int, seed: int) -> NDArray[np.float64]:
    """Draw items with replacement, as weights.

    Parameters
    ----------
    n_items : int
        Items to draw from, and how many to draw.
    n_resamples : int
        Replicates.
    seed : int
        With `n_items` it fixes the draws, so that all tables over the same items share them.

    Returns
    -------
    numpy.ndarray
        Shape (n_resamples, n_items), float64, read-only; each row sums to 1.

    Examples
    --------
    >>> item_weights(4, 1000, seed=0).shape
    (1000, 4)
    """
    rng = np.random.default_rng([seed, n_items])
    uniform = np.full(n_items, 1.0 / n_items)
    weights: NDArray[np.float64] = rng.multinomial(n_items, uniform, size=n_resamples) / n_items
    weights.setflags(write=False)
    return weights


def percentile_interval(replicates: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Give the percentile interval of bootstrap replicates.

    Efron & Tibshirani (1993), *An Introduction to the Bootstrap*, chapter 13.

    Examples
    --------
    >>> percentile_interval(np.arange(101.0), 0.5)
    (25.0, 75.0)
    """
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(replicates, [tail, 1.0 - tail])
    return float(low), float(high)
