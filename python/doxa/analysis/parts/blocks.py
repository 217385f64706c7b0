"""Which populations to compare on which items, where not every population has every item."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["keep_block", "largest_block"]


def largest_block(held: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Choose populations and items such that each of these populations has each of these items.

    The populations are taken in the order of how many items they have, as many as make the number
    of cells (populations times items) largest; of equal numbers, the one with more populations.

    Parameters
    ----------
    held : numpy.ndarray
        Shape (populations, items): whether a population has an item.

    Returns
    -------
    populations : numpy.ndarray
        Places of those chosen, ascending; empty if no population has an item.
    items : numpy.ndarray
        Shape (items,): whether an item is chosen.

    Examples
    --------
    >>> populations, items = largest_block(np.array([[1, 1, 1], [1, 1, 0], [0, 0, 1]], bool))
    >>> populations.tolist(), items.tolist()
    ([0, 1], [True, True, False])
    """
    order = np.argsort(-held.sum(axis=1), kind="stable")
    together = np.logical_and.accumulate(held[order], axis=0)
    cells = together.sum(axis=1) * np.arange(1, len(held) + 1)
    if not cells.any():
        return np.empty(0, np.int64), np.zeros(held.shape[1], bool)
    last = int(np.flatnonzero(cells == cells.max())[-1])
    return np.sort(order[: last + 1]), together[last]


def keep_block(frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Keep the rows of the populations and items that `largest_block` chooses.

    Parameters
    ----------
    frame : polars.DataFrame
        The columns `keys` and `question`. A population has an item where it has as many rows of
        it as any population has.
    keys : list of str
        The columns that name a population.
    """
    rows = frame.group_by(*keys, "question").len("rows")
    full = rows.filter(pl.col("rows") == pl.col("rows").max())
    populations = frame.select(keys).unique(maintain_order=True).with_row_index("population")
    questions = frame["question"].unique(maintain_order=True)
    cells = full.join(populations, on=keys, nulls_equal=True)
    held = np.zeros((populations.height, len(questions)), bool)
    places = {name: place for place, name in enumerate(questions)}
    held[cells["population"].to_numpy(), [places[name] for name in cells["question"]]] = True
    chosen, items = largest_block(held)
    return frame.join(
        populations[chosen], on=keys, how="semi", nulls_equal=True, maintain_order="left"
    ).filter(pl.col("question").is_in(questions.filter(pl.Series(items)).implode()))
