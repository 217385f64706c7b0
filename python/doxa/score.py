"""Score model distributions against human ones, one pair or a hundred million.

The numbers are worked out in Rust (``rust/score.rs``); this module is its only user.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from doxa import _core
from doxa._rows import (
    Groups,
    as_rows,
    group_labels,
    item_labels,
    nominal_flags,
    ragged,
    row_positions,
)
from doxa.errors import InvalidArgumentError, InvalidDistributionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

__all__ = ["METRICS", "ScoreBatch", "normalize", "score_batch"]

METRICS: tuple[str, ...] = tuple(row[0] for row in _core.metric_table())
"""Names of the metrics, as `score_batch` takes them."""

Method = Literal["percentile", "basic", "bias_corrected", "bca", "studentized"]


class ScoreBatch:
    """Scores of pairs, means of groups, and comparisons between groups.

    Made by `score_batch`. Everything is worked out from the same draws, so differences
    between groups are paired.
    """

    def __init__(
        self,
        values: NDArray[np.float64],
        metrics: tuple[str, ...],
        groups: Groups,
        items: tuple[NDArray[np.uint32], int],
        bootstrap: dict[str, Any] | None,
    ) -> None:
        self._values = values
        self._metrics = metrics
        self._groups = groups
        self._items, self._n_items = items
        self._bootstrap = bootstrap

    @cached_property
    def scores(self) -> pl.DataFrame:
        """One row per pair, one Float64 column per metric; null where a metric has no value."""
        import polars as pl

        columns = dict(zip(self._metrics, self._values, strict=True))
        return pl.DataFrame(columns).fill_nan(None)

    @cached_property
    def groups(self) -> pl.DataFrame:
        """One row per group and metric.

        Columns: the keys, ``metric``, ``n`` (pairs with a value), ``estimate`` (their mean)
        and, after resampling, ``low``, ``high`` (ends of the interval) and ``std_error``.
        """
        import polars as pl

        names = ["n", "estimate"]
        if self._bootstrap is not None:
            names += ["low", "high", "std_error"]
        tables = []
        for metric, values in zip(self._metrics, self._values, strict=True):
            if self._bootstrap is None:
                rows = _core.group_means(values, *self._labels)
            else:
                rows = _core.item_intervals(values, *self._labels, **self._bootstrap)
            table = pl.DataFrame(dict(zip(names, rows, strict=True)))
            table = table.with_columns(pl.col("n").cast(pl.Int64)).fill_nan(None)
            table = table.select(pl.lit(metric).alias("metric"), pl.all())
            if self._groups.keys is not None:
                table = pl.concat([self._groups.keys, table], how="horizontal")
            tables.append(table)
        return pl.concat(tables)

    def compare(self, a: object, b: object, *, simultaneous: bool = False) -> pl.DataFrame:
        """Compare groups on the items that both have.

        Parameters
        ----------
        a, b : label, or list of labels
            Groups: a value, a tuple or a dict of keys where there are several key columns.
            Lists are compared member by member.
        simultaneous : bool
            Make the intervals hold for all comparisons of a metric at once (the maximum of
            the studentised differences, "max-T") and correct the p-values accordingly.

        Returns
        -------
        polars.DataFrame
            One row per comparison and metric: ``a``, ``b``, ``metric``, ``n_items`` (items
            that both groups have), ``estimate`` (mean of a minus mean of b), ``low``,
            ``high``, ``std_error`` and ``p_value`` (two-sided).

        Raises
        ------
        InvalidArgumentError
            A group does not exist, two groups share no items, or nothing was resampled.

        Notes
        -----
        The p-value is the share of replicates on the far side of zero, doubled, with one
        added to numerator and denominator (Davison & Hinkley, *Bootstrap Methods*, 1997,
        section 4.2); under `simultaneous` the share of replicates whose largest studentised
        deviation is at least the observed one (Westfall & Young, 1993, the single-step
        procedure).

        Examples
        --------
        >>> import doxa
        >>> model = [[0.1, 0.9], [0.3, 0.7], [0.9, 0.1], [0.6, 0.4]]
        >>> human = [[0.2, 0.8], [0.3, 0.7], [0.2, 0.8], [0.3, 0.7]]
        >>> batch = doxa.score_batch(
        ...     model, human, groups=["good", "good", "bad", "bad"], resample="items"
        ... )
        >>> batch.compare("good", "bad")["estimate"].round(6).to_list()
        [0.45]
        """
        import polars as pl

        if self._bootstrap is None:
            raise InvalidArgumentError('nothing was resampled: pass resample="items"')
        pairs = _pairs(a, b)
        tables = []
        for metric, values in zip(self._metrics, self._values, strict=True):
            cells = [self._difference(values, first, second) for first, second in pairs]
            rows = self._compare_cells(cells, simultaneous=simultaneous)
            columns = {
                "a": [str(first) for first, _ in pairs],
                "b": [str(second) for _, second in pairs],
                "metric": [metric] * len(pairs),
                **dict(zip(_COMPARISON, rows, strict=True)),
            }
            tables.append(pl.DataFrame(columns).with_columns(pl.col("n_items").cast(pl.Int64)))
        return pl.concat(tables).fill_nan(None)

    def ranks(self, metric: str = "alignment") -> pl.DataFrame:
        """Rank the groups by a metric, with an interval for each rank.

        Parameters
        ----------
        metric : str
            One of the metrics that were asked for. Rank 1 has the largest mean.

        Returns
        -------
        polars.DataFrame
            One row per group: the keys, ``estimate``, ``rank``, ``low`` and ``high`` (the
            interval of the rank over the replicates) and ``p_first`` (the share of
            replicates in which the group comes first).

        Raises
        ------
        InvalidArgumentError
            The metric was not asked for, there are no groups, or nothing was resampled.
        """
        import polars as pl

        if self._bootstrap is None or self._groups.keys is None:
            raise InvalidArgumentError('ranks need groups= and resample="items"')
        if metric not in self._metrics:
            raise InvalidArgumentError(f"metric {metric!r} is none of {', '.join(self._metrics)}")
        values = self._values[self._metrics.index(metric)]
        estimates = _core.group_means(values, *self._labels)[1]
        replicates = self._replicates(values, *self._labels)
        ranks = _ranks(replicates)
        tail = 0.5 - 0.5 * self._bootstrap["confidence"]
        low, high = np.quantile(ranks, (tail, 1 - tail), axis=1, method="inverted_cdf")
        return self._groups.keys.with_columns(
            pl.Series("estimate", estimates),
            pl.Series("rank", _ranks(estimates[:, None])[:, 0]),
            pl.Series("low", low),
            pl.Series("high", high),
            pl.Series("p_first", (ranks == 1).mean(axis=1)),
        )

    @property
    def _labels(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32], int, int]:
        return self._groups.index, self._items, self._groups.n, self._n_items

    def _replicates(
        self,
        values: NDArray[np.float64],
        groups: NDArray[np.uint32],
        items: NDArray[np.uint32],
        n_groups: int,
        n_items: int,
    ) -> NDArray[np.float64]:
        assert self._bootstrap is not None
        draws = {key: self._bootstrap[key] for key in ("n_resamples", "seed", "threads")}
        return _core.item_replicates(values, groups, items, n_groups, n_items, **draws)

    def _difference(
        self, values: NDArray[np.float64], a: object, b: object
    ) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
        """Differences of the items that two groups share, and those items."""
        means = [self._item_means(values, self._groups.find(label)) for label in (a, b)]
        difference = means[0] - means[1]
        shared = np.flatnonzero(~np.isnan(difference))
        if shared.size == 0:
            raise InvalidArgumentError(f"{a!r} and {b!r} share no items: name items with items=")
        return difference[shared], shared.astype(np.uint32)

    def _item_means(self, values: NDArray[np.float64], group: int) -> NDArray[np.float64]:
        chosen = (self._groups.index == group) & ~np.isnan(values)
        items = self._items[chosen]
        sums = np.bincount(items, values[chosen], self._n_items)
        counts = np.bincount(items, minlength=self._n_items)
        means = np.full(self._n_items, np.nan)
        np.divide(sums, counts, out=means, where=counts > 0)
        return means

    def _compare_cells(
        self,
        cells: list[tuple[NDArray[np.float64], NDArray[np.uint32]]],
        *,
        simultaneous: bool,
    ) -> list[NDArray[np.float64]]:
        assert self._bootstrap is not None
        values = np.concatenate([difference for difference, _ in cells])
        items = np.concatenate([shared for _, shared in cells])
        groups = np.repeat(np.arange(len(cells)), [len(shared) for _, shared in cells])
        labels = (groups.astype(np.uint32), items, len(cells), self._n_items)
        n, estimate, low, high, std_error = _core.item_intervals(values, *labels, **self._bootstrap)
        replicates = self._replicates(values, *labels)
        if not simultaneous:
            return [n, estimate, low, high, std_error, _p_values(replicates)]
        confidence = self._bootstrap["confidence"]
        return [n, *_max_t(estimate, replicates, std_error, confidence)]


_COMPARISON = ("n_items", "estimate", "low", "high", "std_error", "p_value")


def _pairs(a: object, b: object) -> list[tuple[object, object]]:
    first = a if isinstance(a, list) else [a]
    second = b if isinstance(b, list) else [b]
    if len(first) != len(second):
        raise InvalidArgumentError(
            f"{len(first)} groups cannot be compared with {len(second)}: give lists of one length"
        )
    return list(zip(first, second, strict=True))


def _p_values(replicates: NDArray[np.float64]) -> NDArray[np.float64]:
    drawn = (~np.isnan(replicates)).sum(axis=1)
    low = (replicates <= 0).sum(axis=1)
    high = (replicates >= 0).sum(axis=1)
    p_values: NDArray[np.float64] = 2 * (np.minimum(low, high) + 1) / (drawn + 1)
    return p_values.clip(max=1.0)


def _max_t(
    estimate: NDArray[np.float64],
    replicates: NDArray[np.float64],
    std_error: NDArray[np.float64],
    confidence: float,
) -> list[NDArray[np.float64]]:
    with np.errstate(invalid="ignore", divide="ignore"):
        deviations = np.abs(replicates - estimate[:, None]) / std_error[:, None]
        observed = np.abs(estimate) / std_error
    largest = np.nanmax(np.where(np.isfinite(deviations), deviations, 0.0), axis=0)
    reach = np.quantile(largest, confidence) * std_error
    at_least = (largest[None, :] >= observed[:, None]).sum(axis=1)
    p_values = (at_least + 1) / (largest.size + 1)
    return [estimate, estimate - reach, estimate + reach, std_error, p_values]


def _ranks(replicates: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rank each column, the largest first; equal values share the better rank."""
    ordered = np.sort(-replicates, axis=0)
    ranks = np.empty(replicates.shape, np.int64)
    for column in range(replicates.shape[1]):
        ranks[:, column] = np.searchsorted(ordered[:, column], -replicates[:, column]) + 1
    return ranks


def score_batch(
    model: Any,
    human: Any,
    *,
    metrics: Sequence[str] = ("alignment",),
    scale: str | Sequence[str] = "ordinal",
    positions: Sequence[float] | Sequence[Sequence[float]] | None = None,
    groups: Any = None,
    items: Any = None,
    resample: Literal["items"] | None = None,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    method: Method = "percentile",
    seed: int = 0,
    n_threads: int | None = None,
) -> ScoreBatch:
    """Score every model distribution against the human one beside it.

    Parameters
    ----------
    model, human : (n, K) float array, list of n 1-D arrays, or Arrow array of n lists
        Response distributions: shares of the options in the order of the scale, each row
        adding up to 1 within 1e-6. Rows may differ in length. float64, or float32; Polars
        series and other Arrow arrays are read where they are, without copying.
    metrics : sequence of str
        Any of `doxa.score.METRICS`.
    scale : {"ordinal", "nominal"} or sequence of n of them
        Whether the options have an order.
    positions : sequence of K floats, or of n such sequences, optional
        Strictly increasing positions of ordinal options; 1, 2, …, K by default.
    groups : sequence of n labels or polars.DataFrame of n rows, optional
        The groups by which `ScoreBatch.groups` averages; a frame's columns are its keys.
    items : sequence of n labels, optional
        The item of each row; all groups share one draw of items. By default a row's place
        within its group.
    resample : {"items"}, optional
        What the bootstrap draws again.
    n_resamples : int
        Replicates.
    confidence : float
        Coverage of the intervals, in (0, 1).
    method : {"percentile", "basic", "bias_corrected", "bca", "studentized"}
        How intervals are made from replicates.
    seed : int
        From 0 to 2**64 - 1. Results depend on it and on nothing else: not on threads, nor on
        chunks, nor on the order of rows.
    n_threads : int, optional
        At most this many threads; by default ``DOXA_NUM_THREADS`` or all cores.

    Returns
    -------
    ScoreBatch
        ``.scores``, ``.groups``, ``.compare(a, b)`` and ``.ranks()``.

    Raises
    ------
    InvalidDistributionError
        A row is no response distribution; the message names the first such row, the value
        and the remedy. Nothing is normalised silently, see `normalize`.
    InvalidArgumentError
        Another argument has a value it cannot have.

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
    names = tuple(metrics)
    if not names:
        raise InvalidArgumentError(f"no metrics were asked for: take some of {', '.join(METRICS)}")
    threads = _threads(n_threads)
    values = _core.score(
        as_rows(model),
        as_rows(human),
        names,
        nominal=nominal_flags(scale),
        positions=row_positions(positions),
        threads=threads,
    )
    n_rows = values.shape[1]
    labels = group_labels(groups, n_rows)
    bootstrap = None
    if resample is not None:
        if resample != "items":
            raise InvalidArgumentError(f"resample {resample!r} is not 'items'")
        bootstrap = {
            "n_resamples": _at_least_one("n_resamples", n_resamples),
            "seed": seed,
            "method": method,
            "confidence": confidence,
            "threads": threads,
        }
    return ScoreBatch(values, names, labels, item_labels(items, labels, n_rows), bootstrap)


def _threads(n_threads: int | None) -> int:
    return 0 if n_threads is None else _at_least_one("n_threads", n_threads)


def _at_least_one(name: str, value: int) -> int:
    if value < 1:
        raise InvalidArgumentError(f"{name} is {value}: give 1 or more")
    return value


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
            f"row {first_row + row} cannot be normalised: {values[row].tolist()} needs values "
            "that are finite, not negative, and not all zero",
            first_row + row,
        )
    return sums
