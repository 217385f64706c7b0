"""Spearman's rank correlation, for many pairs of columns at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["rank_correlations"]


def rank_correlations(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Correlate the ranks of columns; equal values share the mean of their ranks.

    Parameters
    ----------
    first, second : numpy.ndarray
        Shape (values, columns), float64.

    Returns
    -------
    numpy.ndarray
        Shape (columns,), in [-1, 1]; NaN where all values of a column are equal.

    Examples
    --------
    >>> rank_correlations(np.array([[1.0], [2.0], [3.0]]), np.array([[5.0], [9.0], [7.0]]))
    array([0.5])
    """
    ranks = [
        pl.DataFrame(values).select(pl.all().rank("average")).to_numpy()
        for values in (first, second)
    ]
    centred = [one - one.mean(axis=0) for one in ranks]
    size = np.sqrt((centred[0] ** 2).sum(axis=0) * (centred[1] ** 2).sum(axis=0))
    products = (centred[0] * centred[1]).sum(axis=0)
    correlations = np.full(size.shape, np.nan)
    np.divide(products, size, out=correlations, where=size > 0)
    return correlations
