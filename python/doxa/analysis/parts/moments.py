"""The moment equations of crossed random effects, for items that are weighted or drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["Moments"]

_SINGULAR: Final = 1e10
"""Condition number from which a system of moment equations is taken to have no solution."""


class Levels:
    """The levels of one source of variance, and which level each row belongs to.

    A level lies within one item, as those of "item × country" do, or it has rows of several
    items, as those of "country" do.
    """

    def __init__(
        self, codes: NDArray[np.int64], item: NDArray[np.int64], *, within_items: bool
    ) -> None:
        self.codes = codes
        self.n_levels = int(codes.max()) + 1
        self.within_items = within_items
        self.item_of_level = np.zeros(self.n_levels, np.int64)
        self.item_of_level[codes] = item


class Moments:
    """The moment equations of one table of scores, for any weights of its items.

    Each equation is a sum over the levels of a source. A level within one item is counted as
    often as its item is drawn. A level with rows of several items is summed over the drawn
    items first, and squared and divided after that.

    Parameters
    ----------
    rows : polars.DataFrame
        One row per score.
    sources : mapping of str to sequence of str
        Name of a source of variance → the columns whose combinations are its levels.
    value, item : str
        The columns of scores and of items.

    Attributes
    ----------
    kept : list of int
        Places of the sources whose components can be told apart; the last is the residual.
    """

    def __init__(
        self, rows: pl.DataFrame, sources: Mapping[str, Sequence[str]], value: str, item: str
    ) -> None:
        self.y = rows[value].to_numpy() - rows[value].to_numpy().mean()
        self.item, *codes = _codes(rows, [[item], *sources.values()])
        self.n_items = int(self.item.max()) + 1
        everything, each_row = np.zeros(self.y.size, np.int64), np.arange(self.y.size)
        within = [False, *(item in columns for columns in sources.values()), True]
        self.sources = [
            Levels(numbers, self.item, within_items=inside)
            for numbers, inside in zip([everything, *codes, each_row], within, strict=True)
        ]
        self.kept = _independent(self._equations(np.ones((1, self.n_items)), self.sources)[0][0])

    def components(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Solve for the components of the kept sources; NaN where there is no solution.

        Parameters
        ----------
        weights : numpy.ndarray
            Shape (replicates, items): how often each item is there.

        Returns
        -------
        numpy.ndarray
            Shape (replicates, kept sources), the residual last.
        """
        chosen = [self.sources[0], *(self.sources[number + 1] for number in self.kept)]
        left, right = self._equations(weights, chosen)
        solvable = np.linalg.cond(left) < _SINGULAR
        found = np.full(right.shape, np.nan)
        found[solvable] = np.linalg.solve(left[solvable], right[solvable][..., None])[..., 0]
        return found

    def _equations(
        self, weights: NDArray[np.float64], chosen: list[Levels]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give both sides of the equations of all but the first source, which is the mean."""
        others = chosen[1:]
        tables = [table for f in chosen for table in self._tables(f, others)]
        ends = np.cumsum([table.shape[1] for table in tables])[:-1]
        drawn = iter(np.split(weights @ np.hstack(tables), ends, axis=1))
        sums: list[NDArray[np.float64]] = []
        factors: list[NDArray[np.float64]] = []
        for f in chosen:
            if f.within_items:
                both = next(drawn)
                sums.append(both[:, 0])
                factors.append(both[:, 1:])
                continue
            rows, totals = next(drawn), next(drawn)
            sums.append(_sum_of_ratios(totals**2, rows))
            squares = [_squares(next(drawn), f, g) for g in others]
            factors.append(np.stack([_sum_of_ratios(one, rows) for one in squares], axis=1))
        left, right = np.stack(factors, axis=1), np.stack(sums, axis=1)
        return left[:, 1:] - left[:, :1], right[:, 1:] - right[:, :1]

    def _tables(self, f: Levels, others: list[Levels]) -> list[NDArray[Any]]:
        """Give the addends of one equation, item by item: arrays of shape (items, any).

        The right side of the equation of source f is Σ (sum of y)² / (number of rows) over its
        levels; its left side has, for each source g, Σ (rows in common with a level of g)² /
        (number of rows) over the levels of both.
        """
        if f.within_items:
            squares: list[NDArray[Any]] = [np.square(np.bincount(f.codes, self.y, f.n_levels))]
            for g in others:
                level, common = _common_rows(f.codes, g)
                squares.append(np.bincount(level, np.square(common), f.n_levels))
            shares = np.array(squares) / np.bincount(f.codes)
            added = [np.bincount(f.item_of_level, share, self.n_items) for share in shares]
            return [np.stack(added, axis=1)]
        tables: list[NDArray[Any]] = [
            self._by_item(f.codes, f.n_levels),
            self._by_item(f.codes, f.n_levels, self.y),
        ]
        for g in others:
            if g.within_items:
                cell, common = _common_rows(self.item * f.n_levels + f.codes, g)
                squared = np.bincount(cell, np.square(common), self.n_items * f.n_levels)
                tables.append(squared.reshape(self.n_items, f.n_levels))
            else:
                crossed = f.codes * g.n_levels + g.codes
                tables.append(self._by_item(crossed, f.n_levels * g.n_levels))
        return tables

    def _by_item(
        self, codes: NDArray[np.int64], n_codes: int, values: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Add up rows, or values, by item and code: shape (items, codes)."""
        added = np.bincount(self.item * n_codes + codes, values, self.n_items * n_codes)
        return added.reshape(self.n_items, n_codes).astype(np.float64)


def _squares(drawn: NDArray[np.float64], f: Levels, g: Levels) -> NDArray[np.float64]:
    """Give, for each level of f, the sum of (rows in common with each level of g)²."""
    if g.within_items:
        return drawn
    squares: NDArray[np.float64] = np.square(drawn).reshape(-1, f.n_levels, g.n_levels).sum(axis=2)
    return squares


def _codes(rows: pl.DataFrame, sources: Iterable[Sequence[str]]) -> list[NDArray[np.int64]]:
    """Give numbers from 0 to each source's combinations of values, in sorted order."""
    ranks = rows.select(
        (pl.struct(columns).rank("dense") - 1).cast(pl.Int64).alias(str(number))
        for number, columns in enumerate(sources)
    )
    return [column.to_numpy() for column in ranks]


def _common_rows(
    codes: NDArray[np.int64], g: Levels
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """List the codes that share rows with each level of a source, and how many."""
    joint, counts = np.unique(codes * g.n_levels + g.codes, return_counts=True)
    return joint // g.n_levels, counts.astype(np.float64)


def _sum_of_ratios(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide, and add up each row; a level that was not drawn has no rows and adds nothing."""
    ratios = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    total: NDArray[np.float64] = ratios.sum(axis=1)
    return total


def _independent(factors: NDArray[np.float64]) -> list[int]:
    """Choose sources whose equations together have one solution; earlier ones take precedence.

    The last one is the residual, which is always chosen.
    """
    residual = len(factors) - 1
    kept: list[int] = []
    for number in range(residual):
        tried = [*kept, number, residual]
        if np.linalg.cond(factors[np.ix_(tried, tried)]) < _SINGULAR:
            kept.append(number)
    return [*kept, residual]
