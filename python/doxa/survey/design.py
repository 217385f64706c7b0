"""How a sample was drawn: its strata and clusters, and what they do to its effective size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Design", "design_of", "designed_sizes"]


@dataclass(frozen=True, slots=True)
class Design:
    """The stratum and the cluster (primary sampling unit) of each respondent.

    Attributes
    ----------
    strata, clusters : numpy.ndarray
        Shape (n_respondents,), int64: numbers from 0. A cluster lies in one stratum, a stratum in
        one population. Who is in no known cluster is a cluster alone.
    """

    strata: NDArray[np.int64]
    clusters: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> Design:
        """Give the design of some respondents, in the order of `rows`."""
        return Design(self.strata[rows], self.clusters[rows])


def design_of(
    keys: pl.DataFrame, clusters: pl.Series | None, strata: pl.Series | None
) -> Design | None:
    """Give the strata and clusters of a file their numbers; None where it has neither.

    Parameters
    ----------
    keys : polars.DataFrame
        The population of each respondent.
    clusters, strata : polars.Series or None
        What the file's columns say, null where a respondent's is not known; they may be numbered
        anew in each population, and clusters in each stratum.
    """
    if (clusters is None or clusters.null_count() == len(clusters)) and (
        strata is None or strata.null_count() == len(strata)
    ):
        return None
    row = pl.int_range(pl.len())
    frame = keys.select(pl.struct(pl.all()).alias("population")).with_columns(
        stratum=pl.Series([None] * keys.height, dtype=pl.String) if strata is None
        else strata.cast(pl.String),
        cluster=pl.Series([None] * keys.height, dtype=pl.String) if clusters is None
        else clusters.cast(pl.String),
    )  # fmt: skip
    frame = frame.with_columns(
        stratum=pl.struct("population", "stratum"),
        alone=pl.when(pl.col("cluster").is_null()).then(row),
    ).with_columns(cluster=pl.struct("stratum", "cluster", "alone"))
    numbers = frame.select(pl.col("stratum", "cluster").rank("dense") - 1)
    return Design(*(numbers[name].cast(pl.Int64).to_numpy() for name in ("stratum", "cluster")))


def designed_sizes(
    answers: NDArray[np.uint8],
    n_options: int,
    weights: NDArray[np.float64],
    stops: NDArray[np.int64],
    design: Design,
) -> NDArray[np.float64]:
    """Give the effective number of answers to an item in each population, by the sample's design.

    Parameters
    ----------
    answers : numpy.ndarray
        Shape (n_respondents,), uint8: the place of the answer; `n_options` and above for none.
    n_options : int
        How many answers the item has.
    weights : numpy.ndarray
        Shape (n_respondents,), positive.
    stops : numpy.ndarray
        Where each population's respondents end.
    design : Design
        Their strata and clusters.

    Returns
    -------
    numpy.ndarray
        Shape (n_populations,), at most the number of answers; NaN where the design tells nothing:
        fewer than two clusters answered, or all gave one answer.

    Notes
    -----
    The effective number is Σ p (1 - p) over the options, divided by the sum of their variances: the
    size of a simple random sample with the same total variance. A variance is that of a ratio,
    linearised, for clusters drawn with replacement in each stratum (Särndal, Swensson & Wretman
    1992, *Model Assisted Survey Sampling*, 5.5): Σ over strata of m / (m - 1) Σ (z - z̄)², where z
    is the sum of w (y - p) / Σ w over a cluster's respondents. A stratum with one cluster that
    answered is compared with 0, the mean over all strata, as ``survey.lonely.psu = "adjust"`` of
    R's *survey* does.
    """
    there = answers < n_options
    starts = np.concatenate([[0], stops[:-1]])
    population = np.repeat(np.arange(len(stops)), stops - starts)[there]
    answers, weights = answers[there].astype(np.int64), weights[there]
    clusters, where = np.unique(design.clusters[there], return_inverse=True)
    first = np.zeros(len(clusters), np.int64)
    first[where] = np.arange(len(where))
    of_cluster, stratum = population[first], design.strata[there][first]
    totals = np.bincount(population, weights, len(stops))
    cells = np.bincount(population * n_options + answers, weights, len(stops) * n_options).reshape(
        -1, n_options
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = cells / totals[:, None]
    sums = np.bincount(where * n_options + answers, weights, len(clusters) * n_options).reshape(
        -1, n_options
    )
    z = sums - shares[of_cluster] * sums.sum(axis=1, keepdims=True)
    z /= totals[of_cluster][:, None]
    _, stratum = np.unique(stratum, return_inverse=True)
    m = np.bincount(stratum)
    means = np.stack([np.bincount(stratum, column) for column in z.T], axis=1) / m[:, None]
    means[m == 1] = 0.0
    factor = np.where(m > 1, m / np.maximum(m - 1, 1), 1.0)
    spread = factor[stratum] * ((z - means[stratum]) ** 2).sum(axis=1)
    variance = np.bincount(of_cluster, spread, len(stops))
    simple = (shares * (1 - shares)).sum(axis=1)
    answered = np.bincount(population, minlength=len(stops))
    several = np.bincount(of_cluster, minlength=len(stops)) > 1
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = np.where(
            several & (variance > 0), np.minimum(simple / variance, answered), np.nan
        )
    return found
