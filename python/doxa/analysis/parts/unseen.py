"""How far an alignment can be moved by shares of which a server told only bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from doxa.distribution import MODEL_KEYS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from doxa.distribution import HasItems
    from doxa.questionnaire.scale import Scale

__all__ = ["item_bounds", "share_bounds"]


def share_bounds(
    shares: ArrayLike, lower: ArrayLike, upper: ArrayLike, scale: Scale
) -> NDArray[np.float64]:
    """Bound the change of an alignment if shares are anything within their bounds.

    Parameters
    ----------
    shares, lower, upper : array_like of shape (n, K)
        The shares that are used, in the order of the scale, and between what the true ones lie;
        rows of `shares` sum to 1.
    scale : Scale
        The scale of the item, with K options.

    Returns
    -------
    numpy.ndarray
        Shape (n,), in [0, 1]: the alignment with the shares that are used differs from that with
        the true ones by at most this much.

    Notes
    -----
    By the triangle inequality the change is at most the distance of the two from each other. For an
    ordinal item that is the sum of the differences of their cumulative shares, each of which is
    bounded by what lies below and above it; for a nominal one, the mass that can move.

    Examples
    --------
    >>> from doxa.questionnaire.scale import Scale
    >>> found = share_bounds([[0.9, 0.1]], [[0.8, 0.0]], [[1.0, 0.2]], Scale("ordinal", (1, 2)))
    >>> found.round(3).tolist()
    [0.1]
    """
    p, low, high = (np.asarray(values, np.float64) for values in (shares, lower, upper))
    if scale.kind == "nominal":
        more, less = np.maximum(high - p, 0).sum(axis=1), np.maximum(p - low, 0).sum(axis=1)
        return np.asarray(np.minimum(np.minimum(more, less), 1.0))
    x = np.asarray(scale.positions)
    steps = np.diff(x) / (x[-1] - x[0])

    def below(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(values.cumsum(axis=1)[:, :-1])

    def above(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(values.sum(axis=1, keepdims=True) - below(values))

    cumulative = below(p)
    most = np.minimum(below(high), 1 - above(low))
    least = np.maximum(below(low), 1 - above(high))
    moved = np.maximum(np.maximum(most - cumulative, cumulative - least), 0)
    return np.asarray(np.minimum(moved @ steps, 1.0))


def item_bounds(model: pl.DataFrame, bank: HasItems) -> pl.DataFrame:
    """Bound how far the alignment of each way of asking can be moved, item by item.

    Parameters
    ----------
    model : polars.DataFrame
        Response distributions as `doxa.distribution.model_distributions` gives them.
    bank : QuestionBank or other HasItems
        The items, with their scales.

    Returns
    -------
    polars.DataFrame
        The keys of a way of asking, `question` and `bounds` (Float64, in [0, 1]; 0 where all
        shares are exact).
    """
    bounds = np.zeros(model.height)
    if "lower" in model.columns:
        columns = ("row", "probabilities", "lower", "upper")
        for question, rows, shares, lower, upper in (
            model.with_row_index("row").group_by("question").agg(columns).iter_rows()
        ):
            bounds[rows] = share_bounds(shares, lower, upper, bank.items[question].scale)
    return model.select(*MODEL_KEYS, "question", bounds=pl.Series(bounds))
