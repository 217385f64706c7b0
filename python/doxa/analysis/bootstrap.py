"""Bootstrap of paired differences over items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["item_weights", "percentile_interval", "two_sided_p_value"]


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
        Shape (n_resamples, n_items), float64; each row sums to 1.

    Examples
    --------
    >>> item_weights(4, 1000, seed=0).shape
    (1000, 4)
    """
    rng = np.random.default_rng([seed, n_items])
    uniform = np.full(n_items, 1.0 / n_items)
    return rng.multinomial(n_items, uniform, size=n_resamples) / n_items


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


def two_sided_p_value(replicates: NDArray[np.float64]) -> float:
    """Test whether the statistic is 0: twice the smaller tail of its replicates.

    One is added to both counts, so that no finite number of replicates gives 0 (Davison &
    Hinkley 1997, *Bootstrap Methods and their Application*, section 4.2).

    Examples
    --------
    >>> two_sided_p_value(np.array([0.1, 0.2, 0.3]))
    0.5
    >>> two_sided_p_value(np.zeros(9))
    1.0
    """
    below = 1 + int(np.count_nonzero(replicates <= 0.0))
    above = 1 + int(np.count_nonzero(replicates >= 0.0))
    return min(1.0, 2.0 * min(below, above) / (1 + len(replicates)))
