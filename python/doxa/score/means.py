"""Means of any numbers, with the intervals that means of scores get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from doxa import _core
from doxa.errors import InvalidArgumentError
from doxa.score.batch import ScoreBatch
from doxa.score.bootstrap import Bootstrap, default_method, items_alone
from doxa.score.intervals import (
    FEWEST_ITEMS,
    UNBOUNDED,
    bias_of,
    freedom_of,
    quantile_intervals,
    t_intervals,
    wider,
    within,
)
from doxa.score.options import thread_count
from doxa.score.replicates import MeanReplicates
from doxa.score.rows import group_labels, item_labels
from doxa.score.student import interval_p_values

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import ArrayLike, NDArray

    from doxa.score.bootstrap import Method, ResampleSource

__all__ = ["mean_batch", "summarise_means"]


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
    """Average columns of numbers by group, and resample the items.

    With the same items and seed, the draws are those of `score_batch`, so the replicates of both
    can be compared one by one.

    Parameters
    ----------
    values : polars.DataFrame of n rows
        One numeric column per metric; null and NaN are left out of the mean.
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
        raise InvalidArgumentError("values has no columns: give one per number to average")
    columns = values.select(pl.all().cast(pl.Float64).fill_null(float("nan")))
    array = np.ascontiguousarray(columns.to_numpy().T)
    infinite = np.argwhere(np.isinf(array))
    if infinite.size:
        column, row = (int(number) for number in infinite[0])
        raise InvalidArgumentError(f"{values.columns[column]} of row {row} is infinite: give null")
    threads = thread_count(n_threads)
    draws: dict[str, Any] = {"n_resamples": n_resamples, "seed": seed, "threads": threads}
    replicate = MeanReplicates(array, draws)
    bootstrap = Bootstrap.of("items", method, confidence=confidence, replicate=replicate, **draws)
    labels = group_labels(groups, values.height)
    numbered = item_labels(items, labels, values.height)
    names = tuple(values.columns)
    return ScoreBatch(array, names, labels, numbered, bootstrap, scored=False)


def summarise_means(
    values: NDArray[np.float64],
    replicates: NDArray[np.float64],
    *,
    resample: tuple[ResampleSource, ...],
    n_resamples: int,
    confidence: float,
    seed: int,
    difference: bool = False,
    independent_items: bool = True,
    bounds: tuple[ArrayLike, ArrayLike] = UNBOUNDED,
    drawn: NDArray[np.float64] | None = None,
    alike: NDArray[np.integer] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Return means over the same items with their intervals, from given replicates.

    Parameters
    ----------
    values : (n, n_items) array of float64
        The numbers to average, row by row; no NaN.
    replicates : (n, n_resamples) array of float64
        Replicates of the means; of other sources than items, guesses at the truth.
    resample : tuple of {"items", "respondents", "replies", "forms"}
        What the replicates resampled; `doxa.score.intervals` says which interval follows.
    n_resamples, confidence, seed
        As in `score_batch`.
    difference : bool
        Whether the values are differences of scores.
    independent_items : bool
        As in `doxa.score.bootstrap.default_method`.
    bounds : (float or array, float or array)
        The smallest and the largest possible mean.
    drawn : (n, n_items) array of float64, optional
        The mean of each value's replicates. Each value is then corrected for its bias, as it is
        if items and forms are resampled; `replicates` are those of the corrected values.
    alike : (n,) array of int, optional
        Which rows are of the same items. P-values are made for these together: the last bit of a
        sum depends on how many are made at once. Default: no p-values.

    Returns
    -------
    dict of str to (n,) ndarray of float64
        `estimate`, `low`, `high`, `std_error` and, with `alike`, `p_value` (two-sided, against 0:
        below 1 - `confidence` exactly where the interval leaves 0 out). All but `estimate` are
        NaN if items are resampled and there is only one.

    Examples
    --------
    >>> values, replicates = np.array([[0.2, 0.6]]), np.array([[0.3, 0.4, 0.35]])
    >>> found = summarise_means(
    ...     values, replicates, resample=("respondents",), n_resamples=3, confidence=0.5, seed=0
    ... )
    >>> found["low"].round(3).tolist(), found["high"].round(3).tolist()
    ([0.325], [0.375])
    """
    n, n_items = values.shape
    estimate = values.mean(axis=1)
    if n_items == 1 and "items" in resample:
        nothing = np.full(n, np.nan)
        names = ["low", "high", "std_error", *["p_value"] * (alike is not None)]
        return {"estimate": estimate, **dict.fromkeys(names, nothing)}
    centre, scored = estimate, values
    if drawn is not None:
        scored = 2 * values - drawn
        centre = scored.mean(axis=1)
    elif not items_alone(resample):
        centre = estimate - bias_of(estimate, replicates, shrunken=True)
    if default_method(resample, independent_items=independent_items) == "studentized":
        rows, items = (np.arange(size, dtype=np.uint32) for size in (n, n_items))
        _, _, low, high, error = _core.item_intervals(
            np.ascontiguousarray(scored).ravel(),
            (np.repeat(rows, n_items), np.tile(items, n), n, n_items),
            n_resamples=n_resamples,
            seed=seed,
            method="studentized",
            confidence=confidence,
            threads=thread_count(None),
        )
        middle = scored.mean(axis=1)
        if difference:
            low, high = t_intervals(middle, error, confidence, np.full(n, n_items))
        low, high = low + (centre - middle), high + (centre - middle)
        if not items_alone(resample) and drawn is None:
            ends = np.stack([low, high])
            low, high = wider(ends, replicates, confidence, np.full(n, float(n_items)))
    else:
        low, high = quantile_intervals(replicates, confidence)
        error = replicates.std(axis=1, ddof=1)
    few = difference and "items" in resample and n_items < FEWEST_ITEMS
    found = np.stack([estimate, error, low, high])
    if not few:
        found = within(found, bounds)
    freedom = freedom_of(np.full(n, n_items), items="items" in resample)
    p_values = np.empty(n)
    for one in np.unique(alike) if alike is not None else ():
        rows = alike == one
        p_values[rows] = interval_p_values(
            found[2, rows], found[3, rows], confidence, freedom[rows]
        )
    if few:
        found[2:4] = np.nan
    table = {"estimate": estimate, "low": found[2], "high": found[3], "std_error": error}
    return table if alike is None else table | {"p_value": p_values}
