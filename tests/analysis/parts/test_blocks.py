"""The complete block of populations and items."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from doxa.analysis.parts.blocks import keep_block, largest_block

HELD = arrays(bool, st.tuples(st.integers(1, 7), st.integers(1, 9)))


@given(HELD)
def test_the_block_has_no_gap_and_no_longer_prefix_is_larger(held: np.ndarray) -> None:
    populations, items = largest_block(held)
    assert held[np.ix_(populations, items)].all()
    by_size = sorted(range(len(held)), key=lambda row: -held[row].sum())
    sizes = [n * held[by_size[:n]].all(axis=0).sum() for n in range(1, len(held) + 1)]
    assert len(populations) * items.sum() == max(sizes)


def test_all_are_kept_where_nothing_lacks() -> None:
    populations, items = largest_block(np.ones((3, 4), bool))
    assert (populations.tolist(), items.all()) == ([0, 1, 2], True)
    populations, items = largest_block(np.zeros((3, 4), bool))
    assert (populations.size, items.any()) == (0, False)


def test_one_population_with_few_items_does_not_cost_the_others_theirs() -> None:
    """India has 15 of 144 items in the published shares: nothing would be left for the rest."""
    cells = [("IND", "Q1"), *((c, f"Q{q}") for c in ("JPN", "USA", "COL") for q in range(1, 9))]
    frame = pl.DataFrame(cells, schema=["country", "question"], orient="row")
    kept = keep_block(frame, ["country"])
    assert kept["country"].unique().sort().to_list() == ["COL", "JPN", "USA"]
    assert kept.height == 24


def test_a_population_has_an_item_where_all_its_rows_are_there() -> None:
    rows = [("JPN", "Q1", 1), ("JPN", "Q1", 2), ("USA", "Q1", 1), ("JPN", "Q2", 1)]
    frame = pl.DataFrame(rows, schema=["country", "question", "side"], orient="row")
    assert keep_block(frame, ["country"]).rows() == [("JPN", "Q1", 1), ("JPN", "Q1", 2)]
    assert keep_block(frame.clear(), ["country"]).is_empty()
