"""What a block of pairs adds to the means of all: small, and exact whatever the blocks are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from doxa import _core
from doxa.errors import InvalidArgumentError
from doxa.score.exact import digits
from doxa.score.forked import check_threads
from doxa.score.options import chosen_metrics, thread_count
from doxa.score.rows import as_rows, nominal_flags, row_positions

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

__all__ = ["FIRST", "ITEM", "PairColumns", "ScorePart", "merged", "part_of", "score_part"]

ITEM: Final = "item"
FIRST: Final = "first"
"""The number of the first row of a cell: groups stand in the order in which they appear."""


@dataclass(frozen=True, slots=True)
class ScorePart:
    """What some pairs add to the means of groups; `score_part` makes it.

    Attributes
    ----------
    cells : polars.DataFrame
        One row per group and item. Its size depends on their number, not on that of the pairs.
    keys, metrics : tuple of str
        Names of the columns of groups, and of the metrics.
    has_items : bool
        Whether the items are known.
    n_rows : int
        How many pairs were scored.
    """

    cells: pl.DataFrame
    keys: tuple[str, ...]
    metrics: tuple[str, ...]
    has_items: bool
    n_rows: int

    def after(self, rows: int) -> ScorePart:
        """Count the rows on from so many that stand before them."""
        import polars as pl

        counted = pl.col(FIRST) + rows
        return replace(self, cells=self.cells.with_columns(counted))

    @property
    def group(self) -> list[str]:
        """The columns of `cells` that name a group."""
        return [f"key {i}" for i in range(len(self.keys))]

    @property
    def named(self) -> list[str]:
        """The columns of `cells` that name a cell."""
        return [*self.group, *([ITEM] if self.has_items else [])]


@dataclass(frozen=True, slots=True)
class PairColumns:
    """The columns in which pairs stand, and how to score them; checked before anything is read."""

    model: str
    human: str
    metrics: tuple[str, ...]
    scale: str
    scale_column: str | None
    positions: Any
    groups: tuple[str, ...]
    items: str | None
    threads: int

    @classmethod
    def of(
        cls,
        *,
        model: str,
        human: str,
        metrics: str | Sequence[str],
        scale: str,
        scale_column: str | None,
        positions: Sequence[float] | None,
        groups: Sequence[str],
        items: str | None,
        n_threads: int | None,
    ) -> PairColumns:
        """Check the arguments of `score_part`.

        Raises
        ------
        InvalidArgumentError
            One has an invalid value.
        """
        nominal_flags(scale)
        names = (groups,) if isinstance(groups, str) else tuple(groups)
        return cls(
            model,
            human,
            chosen_metrics(metrics),
            scale,
            scale_column,
            row_positions(positions),
            names,
            items,
            thread_count(n_threads),
        )

    @property
    def all(self) -> list[str]:
        """Every column that is read, once."""
        return list(dict.fromkeys((self.model, self.human, *self.labels)))

    @property
    def labels(self) -> list[str]:
        """The columns that are read beside the pairs, once."""
        named = [*self.groups, self.items, self.scale_column]
        return list(dict.fromkeys(name for name in named if name is not None))

    def check(self, known: Sequence[str], source: str = "the source") -> None:
        """Refuse a source without these columns.

        Raises
        ------
        InvalidArgumentError
            A column is missing.
        """
        for column in (self.model, self.human, *self.labels):
            if column not in known:
                raise InvalidArgumentError(f"{source} has no column {column!r}: name one it has")

    def scores(self, batch: Any, labels: pl.DataFrame, first_row: int) -> NDArray[np.float64]:
        """Score the pairs of a batch, shape (metrics, n); the columns of pairs are borrowed."""
        kinds = self.scale if self.scale_column is None else labels[self.scale_column]
        return _core.score(
            as_rows(batch[self.model]),
            as_rows(batch[self.human]),
            self.metrics,
            nominal=nominal_flags(kinds, first_row),
            positions=self.positions,
            threads=self.threads,
            first_row=first_row,
        )

    def part(self, values: NDArray[np.float64], labels: pl.DataFrame, first_row: int) -> ScorePart:
        """Add up the scores of a batch by group and item.

        Raises
        ------
        InvalidArgumentError
            A row has no item.
        """
        import polars as pl

        places = {f"key {i}": labels[name] for i, name in enumerate(self.groups)}
        if self.items is not None:
            places[ITEM] = labels[self.items]
            if places[ITEM].null_count():
                row = first_row + int(places[ITEM].is_null().arg_max() or 0)
                raise InvalidArgumentError(f"the item label of row {row} is null: name the item")
        n = values.shape[1]
        columns: dict[str, Any] = {FIRST: np.arange(first_row, first_row + n, dtype=np.int64)}
        for number, scores in enumerate(values):
            missing, infinite = np.isnan(scores), np.isinf(scores)
            columns[f"{number} n"] = (~missing).astype(np.int64)
            if infinite.any():
                columns[f"{number} infinite"] = np.where(infinite, scores, 0.0)
            finite = np.where(missing | infinite, 0.0, scores)
            for exponent, found in digits(finite).items():
                columns[f"{number} {exponent}"] = found
        table = pl.DataFrame({**places, **columns})
        cells = _summed(table, list(places))
        return ScorePart(cells, self.groups, self.metrics, self.items is not None, n)


def score_part(
    batch: Any,
    *,
    model: str = "model",
    human: str = "human",
    metrics: str | Sequence[str] = "alignment",
    scale: str = "ordinal",
    scale_column: str | None = None,
    positions: Sequence[float] | None = None,
    groups: Sequence[str] = (),
    items: str | None = None,
    n_threads: int | None = None,
) -> ScorePart:
    """Score a block of pairs that any engine holds, and keep what their means need.

    `combine_parts` makes the means of groups, and their intervals, from the parts of all blocks.
    They are the same to the last bit, however the pairs are cut into blocks.

    Parameters
    ----------
    batch : polars.DataFrame, pyarrow.Table or pyarrow.RecordBatch
        Holds one pair per row. Columns of lists are read where they lie, without copying.
    model, human, metrics, scale, scale_column, positions, groups
        As in `score_parquet`.
    items : str, optional
        The column with the item of each row; needed if items are to be resampled.
    n_threads : int, optional
        At most this many threads.

    Returns
    -------
    ScorePart
        Can be pickled. Its size grows with the number of groups and items, not of pairs.

    Raises
    ------
    InvalidDistributionError
        A row is not a response distribution; rows are counted from the first of the batch.
    InvalidArgumentError
        Another argument has an invalid value.

    Examples
    --------
    >>> import polars as pl
    >>> pairs = pl.DataFrame({"model": [[0.4, 0.6]] * 2, "human": [[0.5, 0.5]] * 2})
    >>> score_part(pairs, metrics=["alignment", "hellinger"]).n_rows
    2
    """
    check_threads()
    columns = PairColumns.of(
        model=model,
        human=human,
        metrics=metrics,
        scale=scale,
        scale_column=scale_column,
        positions=positions,
        groups=groups,
        items=items,
        n_threads=n_threads,
    )
    return part_of(batch, columns)[0]


def part_of(
    batch: Any, columns: PairColumns, first_row: int = 0
) -> tuple[ScorePart, NDArray[np.float64]]:
    """Return the part and the scores, shape (metrics, n); rows are counted from `first_row`."""
    labels = _labels(batch, columns)
    values = columns.scores(batch, labels, first_row)
    return columns.part(values, labels, first_row), values


def _labels(batch: Any, columns: PairColumns) -> pl.DataFrame:
    """Take the columns beside the pairs out of a table of Polars or pyarrow."""
    import polars as pl

    if isinstance(batch, pl.DataFrame):
        columns.check(batch.columns)
        return batch.select(columns.labels)
    names = getattr(getattr(batch, "schema", None), "names", None)
    if names is None:
        raise InvalidArgumentError(
            f"a {type(batch).__name__} is no block of pairs: pass a polars.DataFrame or a "
            "pyarrow.Table"
        )
    columns.check(names)
    return pl.DataFrame({name: pl.Series(name, batch[name]) for name in columns.labels})


def merged(parts: Sequence[ScorePart]) -> ScorePart:
    """Add up parts, at least one; their order makes no difference.

    Raises
    ------
    InvalidArgumentError
        They were made with other groups, items or metrics, or a column changes its type.
    """
    import polars as pl

    first = parts[0]
    for part in parts:
        alike = (part.keys, part.metrics, part.named) == (first.keys, first.metrics, first.named)
        if not alike:
            raise InvalidArgumentError(
                "parts of different groups, items or metrics: make all with the same arguments"
            )
    try:
        cells = pl.concat([part.cells for part in parts], how="diagonal_relaxed")
    except pl.exceptions.PolarsError as error:
        raise InvalidArgumentError(
            f"a column of groups or items has not the same type in all blocks ({error}): cast it"
        ) from None
    n_rows = sum(part.n_rows for part in parts)
    return replace(first, cells=_summed(cells, first.named), n_rows=n_rows)


def _summed(table: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Add up the rows of each cell; numbers are whole, or infinite, so their order is no matter."""
    import polars as pl

    sums = [pl.col(FIRST).min(), pl.exclude(FIRST, *names).sum()]
    return table.group_by(names).agg(sums) if names else table.select(sums)
