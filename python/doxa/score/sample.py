"""Scores against a sample of respondents, who are resampled as whole persons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from doxa import _core
from doxa.errors import InvalidArgumentError
from doxa.score.batch import ScoreBatch
from doxa.score.bootstrap import Bootstrap
from doxa.score.forked import check_threads
from doxa.score.numbers import row_numbers, whole_number, whole_numbers
from doxa.score.options import chosen_metrics, thread_count
from doxa.score.replicates import SampleReplicates
from doxa.score.rows import Items, as_rows, group_labels, nominal_flags, row_positions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from doxa.score.bootstrap import Method, ResampleSource

__all__ = ["score_sample"]


def score_sample(
    model: Any,
    answers: ArrayLike,
    *,
    items: ArrayLike,
    n_options: Sequence[int],
    n_off_scale: Sequence[int] | None = None,
    metrics: str | Sequence[str] = "alignment",
    scale: str | Sequence[str] = "ordinal",
    positions: Sequence[float] | Sequence[Sequence[float]] | None = None,
    groups: Any = None,
    weights: ArrayLike | None = None,
    strata: Any = None,
    clusters: Any = None,
    sample: int = 0,
    resample: ResampleSource | Sequence[ResampleSource] = "respondents",
    n_resamples: int = 1000,
    confidence: float = 0.95,
    method: Method | None = None,
    seed: int = 0,
    n_threads: int | None = None,
) -> ScoreBatch:
    """Score model distributions against the answers of a sample of respondents.

    Every replicate draws respondents once for all items, so the correlation between a
    person's answers is kept.

    Parameters
    ----------
    model : array, list of arrays, or Arrow array of lists
        As in `score_batch`; n rows.
    answers : (respondents, items) array of int
        The option that each respondent chose, counted from 0 in the order of the scale;
        negative numbers, and masked ones, are missing answers. A uint8 matrix in Fortran order,
        or some of its rows, such as the ``codes`` of `doxa.survey.Microdata`, is read without
        copying; in it, 250 and above are missing answers.
    items : sequence of n ints
        The column of `answers` that each model row belongs to.
    n_options : sequence of ints
        Number of options of each column of `answers`, from 2 to 250.
    n_off_scale : sequence of ints, optional
        Number of codes off the scale in each column; they follow the codes of the options, and
        such answers are left out like missing ones.
    metrics, scale, positions, groups
        As in `score_batch`; `scale` and `positions` per model row.
    weights : (respondents,) array of float, optional
        Weight of each respondent, not negative.
    strata, clusters : sequence of labels, one per respondent, optional
        Each stratum keeps its size; the members of a cluster are drawn together.
    sample : int
        Number of the sample; samples with different numbers get independent draws.
    resample : {"items", "respondents"} or both
        What the bootstrap resamples.
    n_resamples, confidence, method, seed, n_threads
        As in `score_batch`, but the methods "bca" and "studentized" work only for items alone,
        and "delta" does not work.

    Returns
    -------
    ScoreBatch
        One pair per model row.

    Raises
    ------
    InvalidDistributionError
        A model row is not a response distribution over the options of its item.
    InvalidArgumentError
        Another argument has an invalid value.

    Examples
    --------
    >>> import doxa
    >>> answers = [[0, 1], [0, 2], [1, 2], [1, -1]]
    >>> batch = doxa.score.score_sample(
    ...     [[0.5, 0.5], [0.0, 0.5, 0.5]], answers, items=[0, 1], n_options=[2, 3]
    ... )
    >>> batch.scores["alignment"].round(6).to_list()
    [1.0, 0.916667]
    """
    names, threads = chosen_metrics(metrics), thread_count(n_threads)
    missing = _core.FIRST_MISSING
    options = whole_numbers("n_options", n_options, 2, missing).tolist()
    off_scale = None
    if n_off_scale is not None:
        off_scale = whole_numbers("n_off_scale", n_off_scale, 0, missing).tolist()
    codes = _codes(answers, len(options))
    columns = whole_numbers("items", items, 0, len(options) - 1).astype(np.uint32)
    weight_of = row_numbers("weights", weights)
    rows = as_rows(model)
    scale_of_rows: dict[str, Any] = {
        "nominal": nominal_flags(scale),
        "positions": row_positions(positions),
    }
    shares = np.split(
        _core.sample_shares(codes, options, off_scale=off_scale, weights=weight_of),
        np.cumsum(options)[:-1],
    )
    _refuse_unanswered(shares, columns)
    human = [shares[column] for column in columns]
    values = _core.score(rows, as_rows(human), names, **scale_of_rows, threads=threads)
    labels = group_labels(groups, len(human))
    drawn_by: dict[str, Any] = {
        "off_scale": off_scale,
        "weights": weight_of,
        "strata": _ranks("strata", strata),
        "clusters": _ranks("clusters", clusters),
        "sample": whole_number("sample", sample, 0, 2**64 - 1),
    }
    draws: dict[str, Any] = {"n_resamples": n_resamples, "seed": seed, "threads": threads}
    bootstrap = Bootstrap.of(
        resample,
        method,
        confidence=confidence,
        replicate=SampleReplicates(
            rows, names, values, codes, options, drawn_by | draws | scale_of_rows
        ),
        independent_items=False,
        **draws,
    )
    if {"replies", "forms"} & {*bootstrap.sources} or bootstrap.method == "delta":
        raise InvalidArgumentError(
            'against a sample, resample "items" or "respondents", by any method but "delta"'
        )
    return ScoreBatch(values, names, labels, Items(len(options), columns), bootstrap)


def _codes(answers: ArrayLike, n_items: int) -> NDArray[np.uint8]:
    table = np.asarray(answers)
    if isinstance(answers, np.ma.MaskedArray):
        kind = np.uint8 if table.dtype == np.uint8 else np.int64
        missing = _core.FIRST_MISSING if kind is np.uint8 else -1
        if np.issubdtype(table.dtype, np.integer):
            table = np.where(np.ma.getmaskarray(answers), kind(missing), table)
    if table.ndim != 2 or table.shape[1] != n_items:
        raise InvalidArgumentError(
            f"answers have shape {table.shape}: give one row per respondent and one column "
            f"for each of the {n_items} items in n_options"
        )
    if not np.issubdtype(table.dtype, np.integer):
        raise InvalidArgumentError(f"answers are {table.dtype}: count options from 0 as integers")
    if table.dtype != np.uint8:
        if table.size and int(table.max()) >= _core.FIRST_MISSING:
            raise InvalidArgumentError(
                f"answer {int(table.max())} is above {_core.FIRST_MISSING - 1}: count from 0"
            )
        table = np.where(table < 0, _core.FIRST_MISSING, table).astype(np.uint8)
    # The core reads whole columns: the values of one must lie together.
    columns_whole = table.strides[0] == 1 or table.shape[0] < 2
    return (table if columns_whole else np.asfortranarray(table)).T


def _refuse_unanswered(shares: list[NDArray[np.float64]], columns: NDArray[np.uint32]) -> None:
    for column in np.unique(columns):
        if np.isnan(shares[column]).any():
            raise InvalidArgumentError(f"nobody answered item {column}: leave it out")


def _ranks(name: str, labels: Any) -> NDArray[np.uint32] | None:
    import polars as pl

    if labels is None:
        return None
    check_threads()
    series = labels if isinstance(labels, pl.Series) else pl.Series(labels)
    if series.null_count():
        raise InvalidArgumentError(f"{name} hold a null: give one label per respondent")
    return (series.rank("dense") - 1).cast(pl.UInt32).to_numpy()
