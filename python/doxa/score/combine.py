"""From the parts of blocks to means of groups and their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from doxa.errors import InvalidArgumentError
from doxa.score.bootstrap import Bootstrap
from doxa.score.exact import MOST_ADDED, joined
from doxa.score.forked import check_threads
from doxa.score.intervals import mean_intervals
from doxa.score.options import thread_count
from doxa.score.part import FIRST, ITEM, merged
from doxa.score.replicates import MeanReplicates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl
    from numpy.typing import NDArray

    from doxa.score.bootstrap import Method
    from doxa.score.part import ScorePart
    from doxa.score.rows import Labels

__all__ = ["Resampling", "Total", "combine_parts"]

_PENDING: Final = 1 << 16
"""So many cells wait, at least, before they are added up."""

_PLACE: Final = 32
"""Bits of a row's number within its part."""

_EXPANDED: Final = 1 << 20
"""About so many rows go to the core at a time, or those of one group."""


class Total:
    """Parts of blocks, added up as they come.

    Memory holds about twice as many cells (groups times items) as there are in all, and one part.
    """

    def __init__(self) -> None:
        self._whole: ScorePart | None = None
        self._pending: list[ScorePart] = []
        self._waiting = 0

    def add(self, place: int, part: ScorePart) -> None:
        """Add the part of the block that stands at a place among all; they come in any order."""
        self._pending.append(part.after(place << _PLACE))
        self._waiting += part.cells.height
        known = 0 if self._whole is None else self._whole.cells.height
        if self._waiting > max(_PENDING, known):
            self.whole()

    def whole(self) -> ScorePart:
        """Return the sum of all parts so far.

        Raises
        ------
        InvalidArgumentError
            There are none, or they do not fit together.
        """
        if self._pending:
            before = [] if self._whole is None else [self._whole]
            self._whole = merged([*before, *self._pending])
            self._pending, self._waiting = [], 0
        if self._whole is None:
            raise InvalidArgumentError("there are no parts to combine: give at least one")
        return self._whole


@dataclass(frozen=True, slots=True)
class Resampling:
    """Whether and how items are resampled, checked before anything is read."""

    resample: str | None = None
    n_resamples: int = 1000
    confidence: float = 0.95
    method: Method | None = None
    seed: int = 0
    replicates: bool = False
    n_threads: int | None = None

    def check(self, *, items: bool) -> None:
        """Check the arguments of `combine_parts`; `items` tells whether the items are known.

        Raises
        ------
        InvalidArgumentError
            One has an invalid value, or items are to be resampled and not known.
        """
        if self.resample is None:
            if self.replicates:
                raise InvalidArgumentError('nothing is resampled: pass resample="items"')
            return
        if self.resample != "items":
            raise InvalidArgumentError(
                f'resample={self.resample!r}: of files and blocks, only "items" can be resampled; '
                "score_batch resamples respondents, replies and forms"
            )
        if not items:
            raise InvalidArgumentError("resampling items needs their column: pass items=")
        self._bootstrap(np.empty(0))

    def table(self, whole: ScorePart) -> pl.DataFrame:
        """Make the table of `combine_parts` from the sum of all parts."""
        import polars as pl

        if whole.n_rows >= MOST_ADDED:
            raise InvalidArgumentError(
                f"{whole.n_rows} pairs are too many for exact sums: combine fewer than {MOST_ADDED}"
            )
        keys, group = _groups(whole)
        items = _items(whole)
        tables = []
        for number, metric in enumerate(whole.metrics):
            cells = _Cells(whole.cells, number, group, 1 if keys is None else keys.height)
            table = self._of_metric(cells, items).select(pl.lit(metric).alias("metric"), pl.all())
            tables.append(table if keys is None else pl.concat([keys, table], how="horizontal"))
        return pl.concat(tables)

    def _of_metric(self, cells: _Cells, items: tuple[NDArray[np.uint32], int]) -> pl.DataFrame:
        import polars as pl

        n, means = cells.means()
        columns: dict[str, Any] = {"n": n, "estimate": means}
        if self.resample is None:
            return pl.DataFrame(columns, nan_to_null=True)
        ends, drawn = [np.empty((3, 0))], [np.empty((0, self.n_resamples))]
        for values, labels in cells.rows(*items):
            bootstrap = self._bootstrap(values)
            replicates = partial(bootstrap.replicate, labels, bootstrap.sources, False)
            ends.append(mean_intervals(values, labels, bootstrap, replicates)[2:])
            if self.replicates:
                drawn.append(replicates()[0])
        columns |= zip(("low", "high", "std_error"), np.hstack(ends), strict=True)
        table = pl.DataFrame(columns, nan_to_null=True)
        if self.replicates:
            kind = pl.Array(pl.Float64, self.n_resamples)
            table = table.with_columns(pl.Series("replicates", np.vstack(drawn), kind))
        return table

    def _bootstrap(self, values: NDArray[np.float64]) -> Bootstrap:
        draws: dict[str, Any] = {
            "n_resamples": self.n_resamples,
            "seed": self.seed,
            "threads": thread_count(self.n_threads),
        }
        replicate = MeanReplicates(values[None], draws)
        return Bootstrap.of(
            "items", self.method, confidence=self.confidence, replicate=replicate, **draws
        )


def combine_parts(
    parts: Iterable[ScorePart],
    *,
    resample: str | None = None,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    method: Method | None = None,
    seed: int = 0,
    replicates: bool = False,
    n_threads: int | None = None,
) -> pl.DataFrame:
    """Make the means of groups, and their intervals, from the parts of all blocks.

    Parameters
    ----------
    parts : iterable of ScorePart
        What `score_part` made of each block, in any order. Groups stand in the order in which
        they first appear in it.
    resample : {"items"}, optional
        What the bootstrap resamples; the parts then need their items.
    n_resamples, confidence, method, seed
        As in `score_batch`, which makes the same draws.
    replicates : bool
        Whether to return the replicates too. All rows share their draws, so the difference of
        two rows can be taken replicate by replicate.
    n_threads : int, optional
        At most this many threads.

    Returns
    -------
    polars.DataFrame
        As `score_parquet` returns it.

    Raises
    ------
    InvalidArgumentError
        The parts do not fit together, there are none, or another argument has an invalid value.

    Examples
    --------
    >>> import polars as pl
    >>> from doxa.score import score_part
    >>> pairs = pl.DataFrame({"model": [[0.4, 0.6], [0.1, 0.9]], "human": [[0.5, 0.5]] * 2})
    >>> combine_parts(score_part(pairs[row]) for row in (1, 0)).rows()
    [('alignment', 2, 0.75)]
    """
    check_threads()
    resampling = Resampling(resample, n_resamples, confidence, method, seed, replicates, n_threads)
    total = Total()
    for place, part in enumerate(parts):
        total.add(place, part)
    whole = total.whole()
    resampling.check(items=whole.has_items)
    return resampling.table(whole)


class _Cells:
    """The cells of one metric: the sums and numbers of their scores."""

    def __init__(
        self, cells: pl.DataFrame, number: int, group: NDArray[np.uint32], n_groups: int
    ) -> None:
        self._group, self._n_groups = group, n_groups
        start = f"{number} "
        columns = {
            name.removeprefix(start): cells[name].fill_null(0).to_numpy()
            for name in cells.columns
            if name.startswith(start)
        }
        self._counts = columns.pop("n")
        self._infinite = columns.pop("infinite", np.zeros(cells.height))
        self._digits = {int(exponent): found for exponent, found in columns.items()}

    def means(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Count and average the scores of each group."""
        n, infinite = self._by_group(self._counts), self._by_group(self._infinite)
        sums = joined({e: self._by_group(x) for e, x in self._digits.items()}, self._n_groups)
        means = np.full(self._n_groups, np.nan)
        np.divide(sums + infinite, n, out=means, where=n > 0)
        return n, means

    def _by_group(self, column: NDArray[Any]) -> NDArray[Any]:
        out = np.zeros(self._n_groups, column.dtype)
        np.add.at(out, self._group, column)
        return out

    def rows(
        self, items: NDArray[np.uint32], n_items: int
    ) -> Iterator[tuple[NDArray[np.float64], Labels]]:
        """Give the scores and labels that the core gathers into these cells, some groups at a time.

        A cell of several scores becomes their sum and as many zeros as it takes; a group's means
        and intervals do not change if all its sums and numbers are divided by one number.
        """
        held = np.flatnonzero(self._counts)
        held = held[np.lexsort((items[held], self._group[held]))]
        group, items = self._group[held], items[held]
        sums = joined({e: x[held] for e, x in self._digits.items()}, held.size)
        sums += self._infinite[held]
        starts = np.searchsorted(group, np.arange(self._n_groups + 1))
        counts = self._counts[held]
        some = np.flatnonzero(np.diff(starts))
        if some.size:
            shared = np.ones(self._n_groups, np.int64)
            shared[some] = np.gcd.reduceat(counts, starts[some])
            counts, sums = counts // shared[group], sums / shared[group]
        ends = np.concatenate([[0], np.cumsum(counts)])[starts]
        first = 0
        while first < self._n_groups:
            last = int(np.searchsorted(ends, ends[first] + _EXPANDED, side="right")) - 1
            last = max(last, first + 1)
            chosen = slice(starts[first], starts[last])
            values = np.zeros(int(ends[last] - ends[first]))
            values[np.cumsum(counts[chosen]) - counts[chosen]] = sums[chosen]
            own = np.repeat(group[chosen] - np.uint32(first), counts[chosen])
            yield values, (own, np.repeat(items[chosen], counts[chosen]), last - first, n_items)
            first = last


def _groups(whole: ScorePart) -> tuple[pl.DataFrame | None, NDArray[np.uint32]]:
    """Return the keys of groups in the order of their first rows, and the group of each cell."""
    import polars as pl

    if not whole.keys:
        return None, np.zeros(whole.cells.height, np.uint32)
    names = whole.group
    groups = whole.cells.group_by(names).agg(pl.col(FIRST).min()).sort(FIRST).drop(FIRST)
    numbers = groups.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("number"))
    index = whole.cells.select(names).join(
        numbers, on=names, how="left", nulls_equal=True, maintain_order="left"
    )["number"]
    return groups.rename(dict(zip(names, whole.keys, strict=True))), index.to_numpy()


def _items(whole: ScorePart) -> tuple[NDArray[np.uint32], int]:
    """Return the place of each cell's item among all in sorted order, and how many there are."""
    import polars as pl

    if not whole.has_items:
        return np.zeros(whole.cells.height, np.uint32), 1
    ranks = whole.cells[ITEM].rank("dense")
    return (ranks - 1).cast(pl.UInt32).to_numpy(), int(ranks.n_unique())
