"""Score model distributions against human ones, one pair or a hundred million.

The numbers are computed in Rust. Only this room and `doxa.survey`, which counts respondents, call
the Rust core.

=============  ==================================================================
`rows`         turns rows and labels into the arrays that the core reads
`numbers`      checks numbers and arrays before they are converted
`options`      names of metrics, number of threads
`bootstrap`    checks what to resample, how often and by which method
`intervals`    the interval for each kind of resampling
`batch`        `ScoreBatch`: scores, means of groups, comparisons, ranks
`differences`  two groups' means, with an interval and a p-value that agree
`student`      Student's t, and p-values that agree with intervals
`inference`    comparisons, simultaneous intervals, ranks
`replicates`   what makes the replicates of a batch
`forms`        the forms behind each model row
`draws`        the bootstrap's draws
`sample`       scores against a sample of respondents
`squares`      squared distances from samples, without bias
`matrix`       every group against every other
`means`        the same intervals for means of other numbers
`parquet`      files larger than memory
`part`         what a block of pairs adds to the means of all
`combine`      from the parts of blocks to means of groups and their intervals
`exact`        sums that do not depend on the order in which they are added
`core`         what the core uses of this machine
`forked`       refuses where Polars lost its threads in a fork
=============  ==================================================================
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from doxa import _core
from doxa.errors import InvalidArgumentError, InvalidDistributionError
from doxa.score.batch import ScoreBatch
from doxa.score.bootstrap import Bootstrap, Method, ResampleSource
from doxa.score.combine import combine_parts
from doxa.score.draws import drawn_shares, item_weights
from doxa.score.forms import form_rows
from doxa.score.inference import ranks
from doxa.score.matrix import alignment_matrix
from doxa.score.means import mean_batch
from doxa.score.numbers import row_numbers
from doxa.score.options import METRICS, chosen_metrics, thread_count
from doxa.score.parquet import score_parquet
from doxa.score.part import ScorePart, score_part
from doxa.score.replicates import CountReplicates
from doxa.score.rows import (
    as_rows,
    group_labels,
    item_labels,
    nominal_flags,
    ragged,
    row_positions,
)
from doxa.score.sample import score_sample
from doxa.score.squares import squared_distances

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

__all__ = [
    "METRICS",
    "Method",
    "ResampleSource",
    "ScoreBatch",
    "ScorePart",
    "alignment_matrix",
    "combine_parts",
    "drawn_shares",
    "item_weights",
    "mean_batch",
    "normalize",
    "ranks",
    "score_batch",
    "score_parquet",
    "score_part",
    "score_sample",
    "squared_distances",
]


def score_batch(
    model: Any,
    human: Any,
    *,
    metrics: str | Sequence[str] = "alignment",
    scale: str | Sequence[str] | pl.Series = "ordinal",
    positions: Sequence[float] | Sequence[Sequence[float]] | pl.Series | None = None,
    groups: Any = None,
    items: Any = None,
    resample: ResampleSource | Sequence[ResampleSource] | None = None,
    n_resamples: int = 1000,
    human_n: Any = None,
    model_n: Any = None,
    model_forms: Any = None,
    form_sets: Any = None,
    confidence: float = 0.95,
    method: Method | None = None,
    seed: int = 0,
    n_threads: int | None = None,
) -> ScoreBatch:
    """Score every model distribution against the human one beside it.

    Parameters
    ----------
    model, human : (n, K) float array, list of n 1-D arrays, or Arrow array of n lists
        Response distributions: shares of the options in the order of the scale, each row
        adding up to 1 within 1e-6. Rows may differ in length. Values are float64 or float32,
        and are then read without copying from Polars series and other Arrow arrays.
    metrics : str or sequence of str
        Any of `doxa.score.METRICS`: "alignment", "wasserstein", "total_variation",
        "js_divergence", "js_distance", "kl_divergence", "hellinger",
        "ranked_probability_score", "mean_difference", "entropy_difference", "mode_match".
    scale : {"ordinal", "nominal"} or sequence of n of them
        Whether the options have an order.
    positions : sequence of K floats, or of n such sequences, optional
        Strictly increasing positions of ordinal options; 1, 2, …, K by default.
    groups : sequence of n labels or polars.DataFrame of n rows, optional
        The groups by which `ScoreBatch.groups` averages; a frame's columns are its keys.
    items : sequence of n labels, optional
        The item of each row; all groups share one draw of items. By default the
        position of the row in its group.
    resample : {"items", "respondents", "replies", "forms"} or sequence of them, optional
        What the bootstrap resamples: the items, the respondents (a multinomial of size
        `human_n`), the replies (a multinomial of size `model_n`) or the forms in which each item
        was put to the model (`model_forms`).
    n_resamples : int
        Number of replicates, at least 1.
    human_n : sequence of n floats, optional
        Effective number of respondents behind each human row, above 0; rounded to whole
        respondents. Rows of one item with equal human shares share their draws.
    model_n : sequence of n floats, optional
        Number of replies behind each model row, above 0.
    model_forms : sequence of n lists of distributions, or Polars series of lists, optional
        The shares of the options in each form; what they lack of 1 was off the scale. A model row
        is the mean of its forms, divided by its sum. Of n forms, a replicate draws n - 1 with
        replacement. A row of None or of one form stays as it is. The spread of forms contains
        that of their replies, which are not drawn besides.
    form_sets : sequence of n labels, optional
        Names the forms of each row, such as ``"listed, reversed"``. Rows of one item with the same
        label and as many forms share their draws; by default all labels are the same.
    confidence : float
        Coverage of the intervals, in (0, 1).
    method : str, optional
        How intervals are made: "percentile", "basic", "bias_corrected", "bca", "studentized",
        "delta" or "shrunken". `doxa.score.intervals` tells the defaults, and
        ``docs/explanation/uncertainty.md`` compares them. If items are resampled, it is
        "studentized" for means and Student's t for differences, without the bias of other sources;
        with fewer than five items there is no interval. With forms, each item is corrected for its
        bias before the interval is made. If respondents or replies alone are resampled, the default
        for alignments is "shrunken": samples are farther apart than populations, so the observed
        difference is drawn towards none by as much as noise explains it, and the replicates are
        guesses at the truth; other metrics, and forms without items, then have "basic" intervals.
        "bca" works for items alone, "delta" for respondents alone and without replicates. No
        interval leaves the range of its metric.
    seed : int
        From 0 to 2**64 - 1. Results do not depend on threads, on chunks or on the
        order of rows.
    n_threads : int, optional
        At most this many threads; by default ``DOXA_NUM_THREADS`` or all cores.

    Returns
    -------
    ScoreBatch
        ``.scores``, ``.groups``, ``.compare(a, b)``, ``.ranks()`` and ``.variance_shares``.

    Raises
    ------
    InvalidDistributionError
        A row is not a response distribution; the message names the first such row, the value
        and the remedy. Nothing is normalised silently, see `normalize`.
    InvalidArgumentError
        Another argument has an invalid value.

    Notes
    -----
    Alignment is 1 - W₁ / (x_K - x₁) for ordinal rows and 1 - total variation for nominal
    ones. Intervals follow Efron & Tibshirani, *An Introduction to the Bootstrap* (1993).

    Examples
    --------
    >>> import doxa
    >>> batch = doxa.score_batch([[0.2, 0.3, 0.5]], [[0.1, 0.1, 0.8]])
    >>> batch.scores["alignment"].to_list()
    [0.8]
    """
    names, threads = chosen_metrics(metrics), thread_count(n_threads)
    rows = as_rows(model), as_rows(human)
    scale_of_rows: dict[str, Any] = {
        "nominal": nominal_flags(scale),
        "positions": row_positions(positions),
    }
    values = _core.score(*rows, names, **scale_of_rows, threads=threads)
    n_rows = values.shape[1]
    labels = group_labels(groups, n_rows)
    numbered_items = item_labels(items, labels, n_rows)
    sizes = {
        "respondents": row_numbers("human_n", human_n),
        "replies": row_numbers("model_n", model_n),
    }
    bootstrap: Bootstrap | None = None
    if resample is not None:
        draws: dict[str, Any] = {"n_resamples": n_resamples, "seed": seed, "threads": threads}
        forms = None if model_forms is None else form_rows(model_forms, form_sets, n_rows)
        replicate = CountReplicates(rows, names, values, sizes, draws | scale_of_rows, forms)
        bootstrap = Bootstrap.of(
            resample, method, confidence=confidence, replicate=replicate, **draws
        )
        bootstrap = replace(bootstrap, row_means=replicate.row_means)
        if "forms" in bootstrap.sources and forms is None:
            raise InvalidArgumentError("resampling forms needs them: pass model_forms=")
        for source, name in (("respondents", "human_n"), ("replies", "model_n")):
            if source in bootstrap.sources and sizes[source] is None:
                raise InvalidArgumentError(f"resampling {source} needs their number: pass {name}=")
        if bootstrap.method == "delta":
            drawn = (labels.index, numbered_items.index, labels.n, numbered_items.n)
            respondents = sizes["respondents"]
            assert respondents is not None
            errors = _core.delta_errors(
                *rows, names, drawn, human_n=respondents, threads=threads, **scale_of_rows
            )
            bootstrap = replace(bootstrap, delta_errors=errors)
    return ScoreBatch(values, names, labels, numbered_items, bootstrap)


def normalize(rows: Any) -> Any:
    """Divide every row by its sum.

    Parameters
    ----------
    rows : (n, K) array, sequence of n 1-D arrays, or Polars series of lists
        Non-negative weights of options, such as counts.

    Returns
    -------
    (n, K) array, list of arrays, or Polars series
        As `rows`, in float64, each row adding up to 1.

    Raises
    ------
    InvalidDistributionError
        A row holds a negative or non-finite value, or adds up to 0.

    Examples
    --------
    >>> import numpy as np
    >>> import doxa
    >>> doxa.normalize(np.array([[1, 3], [2, 2]]))
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """
    if isinstance(rows, np.ndarray):
        values = np.asarray(as_rows(rows), np.float64)
        return values / _positive_sums(values)[:, None]
    if hasattr(rows, "to_list"):
        import polars as pl

        shares = normalize(rows.to_list())
        return pl.Series(rows.name, [row.tolist() for row in shares], pl.List(pl.Float64))
    values, offsets = ragged(rows)
    return [
        row / _positive_sums(row[None, :], number)
        for number, row in enumerate(np.split(values, offsets[1:])[:-1])
    ]


def _positive_sums(values: NDArray[np.float64], first_row: int = 0) -> NDArray[np.float64]:
    sums: NDArray[np.float64] = values.sum(axis=1)
    fit = np.isfinite(sums) & (sums > 0) & (values >= 0).all(axis=1)
    if not fit.all():
        row = int(np.argmin(fit))
        raise InvalidDistributionError(
            f"row {first_row + row} cannot be normalised: {values[row].tolist()}; give "
            "values that are finite, not negative and not all zero",
            first_row + row,
        )
    return sums
