"""The result of scoring a batch: scores, means of groups, comparisons, ranks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from doxa import _core
from doxa.errors import InvalidArgumentError
from doxa.score.bootstrap import items_alone
from doxa.score.differences import Scores, compare_groups
from doxa.score.forked import check_threads
from doxa.score.inference import Comparison, max_t, ranks
from doxa.score.intervals import (
    METRIC_BOUNDS,
    UNBOUNDED,
    corrected_intervals,
    delta_intervals,
    mean_intervals,
    within,
)

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from doxa.score.bootstrap import Bootstrap
    from doxa.score.rows import Groups, Items, Labels

__all__ = ["ScoreBatch"]


class ScoreBatch:
    """Scores of pairs, means of groups, and comparisons between groups.

    Made by `score_batch`, `score_sample` and `mean_batch`. Groups share their draws, so
    differences between them are paired.
    """

    def __init__(
        self,
        values: NDArray[np.float64],
        metrics: tuple[str, ...],
        groups: Groups,
        items: Items,
        bootstrap: Bootstrap | None,
        *,
        scored: bool = True,
    ) -> None:
        self._values = values
        self._scored = scored
        self._metrics = metrics
        self._groups = groups
        self._items = items
        self._bootstrap = bootstrap

    def __repr__(self) -> str:
        """Say what is in the batch, and where."""
        pairs = self._values.shape[1]
        drawn = ""
        if self._bootstrap is not None:
            drawn = f", resampled {' and '.join(self._bootstrap.sources)}"
        return (
            f"<ScoreBatch of {pairs:,} pair{'s' * (pairs != 1)} by {', '.join(self._metrics)}"
            f"{drawn}: see .scores and .groups>"
        )

    def _repr_html_(self) -> str:
        """Show the groups in a notebook; Polars writes the table and escapes its text."""
        pairs = self._values.shape[1]
        return f"<p>{pairs:,} pairs</p>{self.groups._repr_html_()}"

    @cached_property
    def scores(self) -> pl.DataFrame:
        """One row per pair, one Float64 column per metric; null where a metric has no value."""
        import polars as pl

        columns = dict(zip(self._metrics, self._values, strict=True))
        # An expression that fills NaN would take several times as long for a few pairs.
        return pl.DataFrame(columns, nan_to_null=True)

    @cached_property
    def groups(self) -> pl.DataFrame:
        """One row per group and metric.

        Columns: the keys, ``metric``, ``n`` (pairs with a value), ``estimate`` (their mean)
        and, after resampling, ``low``, ``high`` (ends of the interval) and ``std_error``.
        """
        import polars as pl

        check_threads()
        names = ["n", "estimate"]
        if self._bootstrap is not None:
            names += ["low", "high", "std_error"]
        tables = []
        for number, metric in enumerate(self._metrics):
            table = pl.DataFrame(dict(zip(names, self._summary(number), strict=True)))
            table = table.with_columns(pl.col("n").cast(pl.Int64))
            tables.append(self._keyed(table, metric))
        return pl.concat(tables)

    @cached_property
    def variance_shares(self) -> pl.DataFrame:
        """How much each source of error adds, one row per group, metric and source.

        Columns: the keys, ``metric``, ``source``, ``std_error`` (with this source alone) and
        ``share`` (its variance over that of all sources together). Shares need not add up
        to 1: sources interact.

        Raises
        ------
        InvalidArgumentError
            Nothing was resampled, or by the delta method, which makes no replicates.
        """
        import polars as pl

        bootstrap = self._needed()
        whole = bootstrap.replicate(self._labels, bootstrap.sources, False)
        together = np.nanvar(whole, axis=2, ddof=1)
        tables = []
        for source in bootstrap.sources:
            drawn = bootstrap.replicate(self._labels, (source,), False)
            alone = np.nanvar(drawn, axis=2, ddof=1)
            for number, metric in enumerate(self._metrics):
                columns = {
                    "source": [source] * self._groups.n,
                    "std_error": np.sqrt(alone[number]),
                    "share": alone[number] / together[number],
                }
                tables.append(self._keyed(pl.DataFrame(columns), metric))
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
            A group does not exist, two groups share no items, the lists differ in length,
            nothing was resampled, or the delta method was used, which makes no replicates.

        Notes
        -----
        A p-value is below 1 - confidence exactly where the interval leaves 0 out. If items are
        resampled and no method is asked for, both are of Student's t, on the standard error of
        the replicates; else the p-value is that of a t, or normal, distribution as wide as the
        interval and around its middle. Under `simultaneous` it
        is the share of replicates whose largest studentised deviation is at least the observed
        one (Westfall & Young, 1993, the single-step procedure).

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

        bootstrap = self._needed()
        pairs = _pairs(a, b)
        members = [(self._groups.find(first), self._groups.find(second)) for first, second in pairs]
        tables = []
        for number, metric in enumerate(self._metrics):
            differences = [self._difference(number, *pair) for pair in members]
            for (first, second), difference in zip(pairs, differences, strict=True):
                if difference.n_items == 0:
                    raise InvalidArgumentError(
                        f"{first!r} and {second!r} share no items: name each row's item in items="
                    )
            if simultaneous:
                low, high = METRIC_BOUNDS.get(self._metric_of(number) or "", UNBOUNDED)
                differences = max_t(differences, bootstrap.confidence, high - low)
            columns = {
                "a": [str(first) for first, _ in pairs],
                "b": [str(second) for _, second in pairs],
                "metric": [metric] * len(pairs),
                **Comparison.columns(differences),
            }
            tables.append(pl.DataFrame(columns))
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
            The metric was not asked for, there are no groups, or there are no replicates.
        """
        import polars as pl

        bootstrap = self._needed()
        if self._groups.keys is None:
            raise InvalidArgumentError("there are no groups to rank: pass groups=")
        number = self._metric(metric)
        estimates = _core.group_means(self._values[number], self._labels)[1]
        drawn = ranks(self._replicates[number])
        tail = 0.5 - 0.5 * bootstrap.confidence
        low, high = np.quantile(drawn, (tail, 1 - tail), axis=1, method="inverted_cdf")
        return self._groups.keys.with_columns(
            pl.Series("estimate", estimates),
            pl.Series("rank", ranks(estimates[:, None])[:, 0]),
            pl.Series("low", low),
            pl.Series("high", high),
            pl.Series("p_first", (drawn == 1).mean(axis=1)),
        )

    def replicates(self, metric: str = "alignment") -> NDArray[np.float64]:
        """Give the bootstrap replicates of the groups' means.

        Parameters
        ----------
        metric : str
            One of the metrics that were asked for.

        Returns
        -------
        numpy.ndarray
            Shape (groups, n_resamples), float64, groups in the order of `groups`. Column b holds
            the same draw for every group, so differences of rows are paired. NaN where a
            replicate drew no score of a group.

        Raises
        ------
        InvalidArgumentError
            The metric was not asked for, nothing was resampled, or the delta method was
            used, which makes no replicates.

        Examples
        --------
        >>> import doxa
        >>> batch = doxa.score_batch([[0.2, 0.8]], [[0.3, 0.7]], resample="items", n_resamples=50)
        >>> batch.replicates().shape
        (1, 50)
        """
        self._needed()
        drawn: NDArray[np.float64] = self._replicates[self._metric(metric)]
        return drawn

    def drawn_scores(self, metric: str = "alignment") -> NDArray[np.float64]:
        """Give the mean of each pair's replicates, items left as they are.

        What it lies below the pair's score is bias. It is exact for forms alone, four at most.

        Parameters
        ----------
        metric : str
            One of the metrics that were asked for.

        Returns
        -------
        numpy.ndarray
            Shape (n,), float64; NaN where a pair has no score.

        Raises
        ------
        InvalidArgumentError
            The metric was not asked for, or nothing but items was resampled by `score_batch`.

        Examples
        --------
        >>> import doxa
        >>> batch = doxa.score_batch(
        ...     [[0.5, 0.5]], [[0.5, 0.5]], model_forms=[[[0.3, 0.7], [0.7, 0.3]]], resample="forms"
        ... )
        >>> batch.drawn_scores().round(6).tolist()
        [0.8]
        """
        if self._needed().row_means is None or items_alone(self._needed().sources):
            raise InvalidArgumentError("only items were resampled: their draws change no score")
        drawn: NDArray[np.float64] = self._drawn[self._metric(metric)]
        return drawn

    def _metric(self, name: str) -> int:
        if name not in self._metrics:
            raise InvalidArgumentError(f"no metric {name!r}: there are {', '.join(self._metrics)}")
        return self._metrics.index(name)

    @property
    def _labels(self) -> Labels:
        return self._groups.index, self._items.index, self._groups.n, self._items.n

    @cached_property
    def _replicates(self) -> NDArray[np.float64]:
        bootstrap = self._needed()
        return bootstrap.replicate(self._labels, bootstrap.sources, bootstrap.shrinks)

    @cached_property
    def _drawn(self) -> NDArray[np.float64]:
        bootstrap = self._needed()
        assert bootstrap.row_means is not None
        return bootstrap.row_means(self._labels, bootstrap.sources)

    def _needed(self) -> Bootstrap:
        check_threads()
        if self._bootstrap is None:
            raise InvalidArgumentError('nothing was resampled: pass resample="items"')
        if self._bootstrap.method == "delta":
            raise InvalidArgumentError('the delta method makes no replicates: pass method="basic"')
        return self._bootstrap

    def _keyed(self, table: pl.DataFrame, metric: str) -> pl.DataFrame:
        import polars as pl

        table = table.fill_nan(None).select(pl.lit(metric).alias("metric"), pl.all())
        if self._groups.keys is None:
            return table
        return pl.concat([self._groups.keys, table], how="horizontal")

    def _summary(self, number: int) -> NDArray[np.float64]:
        values, bootstrap = self._values[number], self._bootstrap
        if bootstrap is None:
            return _core.group_means(values, self._labels)
        if bootstrap.delta_errors is not None:
            means = _core.group_means(values, self._labels)
            found = delta_intervals(means, bootstrap.delta_errors[number], bootstrap.confidence)
            return within(found, METRIC_BOUNDS.get(self._metric_of(number) or "", UNBOUNDED))
        metric = self._metric_of(number)
        if bootstrap.by_item:
            return corrected_intervals(
                values, self._drawn[number], self._labels, bootstrap, metric=metric
            )
        return mean_intervals(
            values, self._labels, bootstrap, lambda: self._replicates[number],
            metric=metric,
        )  # fmt: skip

    def _metric_of(self, number: int) -> str | None:
        """Name the metric, or None where the numbers are others."""
        return self._metrics[number] if self._scored else None

    def _difference(self, number: int, a: int, b: int) -> Comparison:
        """Compare two groups on the items that have a score in both."""
        bootstrap = self._needed()
        scores = Scores(self._values[number], self._metric_of(number), number)
        drawn = self._drawn[number] if bootstrap.by_item else None
        return compare_groups(scores, drawn, self._labels, (a, b), bootstrap)


def _pairs(a: object, b: object) -> list[tuple[object, object]]:
    first = a if isinstance(a, list) else [a]
    second = b if isinstance(b, list) else [b]
    if len(first) != len(second):
        raise InvalidArgumentError(
            f"{len(first)} groups cannot be compared with {len(second)}: give lists of equal length"
        )
    return list(zip(first, second, strict=True))
