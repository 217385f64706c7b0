"""Which of several estimates is the largest, and how often it is in the replicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["find_winners"]


def find_winners(
    groups: pl.DataFrame,
    contest: Sequence[str],
    estimates: NDArray[np.float64],
    replicates: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Mark the largest estimate of each contest; give every row's probability to be the largest.

    Parameters
    ----------
    groups : polars.DataFrame
        One row per competitor.
    contest : sequence of str
        Columns of `groups`; rows that agree in them compete.
    estimates : (n,) array of float64
        NaN loses to everything.
    replicates : (n, n_resamples) array of float64
        What the estimates may be in truth.

    Returns
    -------
    wins : (n,) ndarray of bool
        Several of a contest where they are equal.
    probability : (n,) ndarray of float64
        Share of replicates in which a row is the largest, ties divided; sums to 1 in a contest.

    Examples
    --------
    >>> groups = pl.DataFrame({"country": ["JPN", "JPN"]})
    >>> replicates = np.array([[0.5, 0.6], [0.4, 0.6]])
    >>> wins, probability = find_winners(groups, ["country"], np.array([0.5, 0.4]), replicates)
    >>> wins.tolist(), probability.tolist()
    ([True, False], [0.75, 0.25])
    """
    number = groups.select(pl.struct(contest).rank("dense")).to_series().to_numpy()
    wins, probability = np.zeros(number.size, bool), np.zeros(number.size)
    for one in np.unique(number):
        members = np.flatnonzero(number == one)
        level = np.nan_to_num(estimates[members], nan=-np.inf)
        drawn = np.nan_to_num(replicates[members], nan=-np.inf)
        wins[members] = level == level.max()
        marks = drawn == drawn.max(axis=0)
        probability[members] = (marks / marks.sum(axis=0)).mean(axis=1)
    return wins, probability
