"""The draws of the bootstrap, for statistics other than means of scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from doxa import _core

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["drawn_shares", "item_weights"]


def item_weights(n_items: int, *, n_resamples: int, seed: int) -> NDArray[np.float64]:
    """Give the weight of each item in each replicate.

    Parameters
    ----------
    n_items : int
        Number of items; each replicate draws as many with replacement.
    n_resamples : int
        Number of replicates.
    seed : int
        As in `score_batch`; a batch over the same number of items draws the same.

    Returns
    -------
    numpy.ndarray
        Shape (n_resamples, n_items), float64; each row sums to 1. Items are in sorted order.

    Examples
    --------
    >>> item_weights(4, n_resamples=1000, seed=0).shape
    (1000, 4)
    """
    indicators = np.eye(n_items).ravel()
    groups = np.repeat(np.arange(n_items, dtype=np.uint32), n_items)
    items = np.tile(np.arange(n_items, dtype=np.uint32), n_items)
    labels = (groups, items, n_items, n_items)
    drawn = _core.item_replicates(indicators, labels, n_resamples=n_resamples, seed=seed)
    return np.ascontiguousarray(drawn.T)


def drawn_shares(
    shares: NDArray[np.float64],
    sizes: NDArray[np.float64],
    *,
    item: int,
    n_resamples: int,
    seed: int,
) -> NDArray[np.float64]:
    """Give the human response distributions of one item in each replicate.

    Parameters
    ----------
    shares : (n, K) array of float64
        Human response distributions.
    sizes : (n,) array of float64
        Effective number of respondents behind each row.
    item : int
        The place of the item among the batch's items in sorted order.
    n_resamples, seed
        As in `score_batch`, which draws the same for the same shares, size and item.

    Returns
    -------
    numpy.ndarray
        Shape (n, n_resamples, K), float64, not negative; rows sum to 1 up to rounding.

    Examples
    --------
    >>> import numpy as np
    >>> shares, sizes = np.array([[0.2, 0.8]]), np.array([100.0])
    >>> drawn_shares(shares, sizes, item=0, n_resamples=50, seed=0).shape
    (1, 50, 2)
    """
    n, width = shares.shape
    # The nominal alignment of a point mass with a distribution is the share of its option.
    points = np.tile(np.eye(width), (n, 1))
    rows = n * width
    labels = (np.arange(rows, dtype=np.uint32), np.full(rows, item, np.uint32), rows, item + 1)
    drawn = _core.count_replicates(
        points,
        np.repeat(shares, width, axis=0),
        ("alignment",),
        labels,
        draw_items=False,
        human_n=np.repeat(sizes, width),
        model_n=None,
        n_resamples=n_resamples,
        seed=seed,
        nominal=True,
    )[0]
    shares_drawn = np.ascontiguousarray(drawn.reshape(n, width, n_resamples).transpose(0, 2, 1))
    # An option that nobody drew may come out a rounding error below 0.
    return shares_drawn.clip(min=0.0, out=shares_drawn)
