"""Means of numbers that are there already, with the bootstrap that scores get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from doxa import _core
from doxa.errors import InvalidArgumentError
from doxa.score.batch import Method, ScoreBatch
from doxa.score.options import bootstrap, thread_count
from doxa.score.rows import group_labels, item_labels

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from doxa.score.batch import ResampleSource
    from doxa.score.rows import Labels

__all__ = ["mean_batch"]


def mean_batch(
    values: pl.DataFrame,
    *,
    groups: Any = None,
    items: Any = None,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    method: Method | None = None,
    seed: int = 0,
    n_threads: int | None = None,
) -> ScoreBatch:
    """Average columns of numbers by group, and draw the items again.

    The draws are those of `score_batch` with the same items and seed, so what is averaged
    here may be compared, replicate by replicate, with what is scored there.

    Parameters
    ----------
    values : polars.DataFrame of n rows
        One numeric column per metric; a null or NaN is no value and enters no mean.
    groups, items, n_resamples, confidence, method, seed, n_threads
        As in `score_batch`.

    Returns
    -------
    ScoreBatch
        Its metrics are the columns.

    Raises
    ------
    InvalidArgumentError
        There are no columns, a value is infinite, or an argument is out of range.

    Examples
    --------
    >>> import polars as pl
    >>> seconds = pl.DataFrame({"seconds": [1.0, 2.0, 6.0]})
    >>> mean_batch(seconds, n_resamples=200).groups["estimate"].to_list()
    [3.0]
    """
    import polars as pl

    if not values.width:
        raise InvalidArgumentError("there is no column to average")
    columns = values.select(pl.all().cast(pl.Float64).fill_null(float("nan")))
    array = np.ascontiguousarray(columns.to_numpy().T)
    infinite = np.argwhere(np.isinf(array))
    if infinite.size:
        column, row = (int(number) for number in infinite[0])
        raise InvalidArgumentError(f"{values.columns[column]} of row {row} is infinite")
    threads = thread_count(n_threads)

    def replicate(drawn: Labels, _: tuple[ResampleSource, ...]) -> NDArray[np.float64]:
        return np.stack([
            _core.item_replicates(row, drawn, n_resamples=n_resamples, seed=seed, threads=threads)
            for row in array
        ])  # fmt: skip

    plan = bootstrap("items", method, confidence, n_resamples, seed, threads, replicate)
    labels = group_labels(groups, values.height)
    numbered = item_labels(items, labels, values.height)
    return ScoreBatch(array, tuple(values.columns), labels, numbered, plan)
