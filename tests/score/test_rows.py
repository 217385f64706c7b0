"""Rows and labels in every container; errors name the first bad row."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import doxa
from doxa import _core
from doxa.errors import InvalidArgumentError, InvalidDistributionError
from doxa.score.rows import (
    as_rows,
    group_labels,
    item_labels,
    nominal_flags,
    ragged,
    row_positions,
)

if TYPE_CHECKING:
    from collections.abc import Callable

GOOD = [0.25, 0.25, 0.5]
PROBLEMS = {
    "nan": ([0.5, np.nan, 0.5], "holds NaN"),
    "infinity": ([0.5, np.inf, 0.5], "holds inf"),
    "negative": ([0.7, -0.2, 0.5], r"holds -0\.2"),
    "sum": ([0.5, 0.5, 0.4], r"sums to 1\.4.*doxa\.normalize"),
    "nearly": ([0.25, 0.25, 0.500002], r"sums to 1\.00000(2|19)"),
    "empty": ([], "is empty"),
    "single": ([1.0], "has a single option"),
    "length": ([0.5, 0.5], r"has (2|3) options where the other side has (2|3)"),
}
CONTAINERS: dict[str, Callable[[list[list[float]]], object]] = {
    "list": lambda rows: [np.array(row) for row in rows],
    "polars": lambda rows: pl.Series(rows, dtype=pl.List(pl.Float64)),
    "arrow": lambda rows: pa.array(rows, pa.list_(pa.float64())),
    "polars float32": lambda rows: pl.Series(rows, dtype=pl.List(pl.Float32)),
}


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("side", ["model", "human"])
@pytest.mark.parametrize("place", [0, 40, 70])
def test_the_first_bad_row_is_named(container: str, problem: str, side: str, place: int) -> None:
    bad, message = PROBLEMS[problem]
    rows = [GOOD] * 71
    rows[place] = bad
    if place == 40:
        rows[50] = [np.nan, 1.0, 0.0]
    make = CONTAINERS[container]
    sides = {"model": [GOOD] * 71, "human": [GOOD] * 71, side: rows}
    expected = f"row {place}" if "32" in container else f"row {place} {message}"
    with pytest.raises(InvalidDistributionError, match=expected) as caught:
        doxa.score_batch(make(sides["model"]), make(sides["human"]))
    assert caught.value.row == place


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_bad_rows_of_a_matrix(kind: type) -> None:
    for problem in ("nan", "infinity", "negative", "sum"):
        bad, message = PROBLEMS[problem]
        table = np.array([GOOD, GOOD, bad], kind)
        sound = np.array([GOOD] * 3, kind)
        with pytest.raises(InvalidDistributionError, match="row 2"):
            doxa.score_batch(table, sound)
        if kind is np.float64:
            with pytest.raises(InvalidDistributionError, match=f"human row 2 {message}"):
                doxa.score_batch(sound, table)


@pytest.mark.parametrize(
    ("model", "human", "message"),
    [
        ([GOOD, GOOD], [GOOD], "2 model rows and 1 human rows"),
        (np.array(GOOD), np.array(GOOD), "1 dimensions"),
        ([0.5, 0.5], [0.5, 0.5], "row 0 has 0 dimensions"),
        ([["a"]], [GOOD], "holds no distributions"),
        (7, 7, "holds no distributions"),
        (np.array([[1, 0], [0, 2]]), np.eye(2), "model row 1 sums to 2"),
    ],
)
def test_other_misfits(model: object, human: object, message: str) -> None:
    with pytest.raises(InvalidDistributionError, match=message):
        doxa.score_batch(model, human)


@pytest.mark.parametrize(
    ("positions", "message"),
    [
        ([1, 2], "3 options but 2 positions"),
        ([1, 3, 2], "do not strictly increase"),
        ([1, 2, np.inf], "do not strictly increase"),
        ([[1, 2, 3], [1, 2]], "row 1 has 3 options but 2 positions"),
    ],
)
def test_bad_positions(positions: list[float], message: str) -> None:
    with pytest.raises(InvalidDistributionError, match=message):
        doxa.score_batch([GOOD] * 2, [GOOD] * 2, positions=positions)


@pytest.mark.parametrize(
    "n",
    [
        3_000_000,
        pytest.param(
            100_000_000,
            marks=pytest.mark.skipif(
                "DOXA_LARGE_TESTS" not in os.environ, reason="needs 3 GB: set DOXA_LARGE_TESTS"
            ),
        ),
    ],
)
def test_one_bad_row_among_many_leaves_nothing_half_done(n: int) -> None:
    rows = np.full((n, 2), 0.5, np.float32)
    rows[n // 2] = (0.5, 0.75)
    rows[n - 9] = (np.nan, 0)
    before = rows.copy()
    sound = np.full((n, 2), 0.5, np.float32)
    with pytest.raises(InvalidDistributionError, match=rf"model row {n // 2} sums to 1\.25"):
        _core.score(rows, sound, ["alignment"], threads=4)
    assert np.array_equal(rows, before, equal_nan=True)
    assert (sound == 0.5).all()


def test_arrays_that_are_not_contiguous_are_copied_into_order() -> None:
    wide = np.random.default_rng(0).dirichlet(np.ones(4), 6)
    expected = doxa.score_batch(wide.copy(), wide[::-1].copy()).scores
    assert doxa.score_batch(np.asfortranarray(wide), wide[::-1]).scores.equals(expected)


def test_rows_are_borrowed_where_the_core_can() -> None:
    table = np.eye(3)
    assert as_rows(table) is table
    series = pl.Series([[0.5, 0.5]])
    assert as_rows(series) is series
    assert as_rows(np.eye(2, dtype=int)).dtype == np.float64
    assert as_rows(np.eye(2, dtype=np.float32)).dtype == np.float32


@pytest.mark.parametrize("kind", [pl.UInt32, pl.Int8, pl.Decimal(4, 1)])
def test_a_column_of_other_numbers_is_converted(kind: pl.DataType) -> None:
    lists = pl.Series([[0, 1], None, [1, 0, 0]], dtype=pl.List(kind))
    assert as_rows(lists).to_list() == [[0.0, 1.0], None, [1.0, 0.0, 0.0]]
    arrays = lists.filter(lists.list.len() == 2).cast(pl.Array(kind, 2))
    assert as_rows(arrays).dtype == pl.List(pl.Float64)
    whole = lists.drop_nulls()
    assert doxa.score_batch(whole, whole).scores["alignment"].to_list() == [1.0, 1.0]


def test_ragged_rows_stand_end_to_end() -> None:
    values, offsets = ragged([[1.0], [], [2.0, 3.0]])
    assert (values.tolist(), offsets.tolist()) == ([1, 2, 3], [0, 1, 1, 3])
    values, offsets = ragged([])
    assert (values.size, offsets.tolist()) == (0, [0])


def test_scales_are_flags() -> None:
    assert nominal_flags("nominal") is True
    assert nominal_flags("ordinal") is False
    flags = nominal_flags(["ordinal", "nominal"])
    assert flags.tolist() == [False, True]  # type: ignore[union-attr]
    with pytest.raises(InvalidArgumentError, match="scale 'x' of row 1 is neither"):
        nominal_flags(["ordinal", "x"])


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical, pl.Enum(["nominal", "ordinal", "x"])])
def test_scales_in_a_column_are_flags(kind: pl.DataType) -> None:
    column = pl.Series(["ordinal", "nominal", "ordinal"], dtype=kind)
    assert np.asarray(nominal_flags(column)).tolist() == [False, True, False]
    half = np.full((3, 2), 0.5)
    assert _core.score(half, half, ["alignment"], nominal=nominal_flags(column)).tolist() == [
        [1] * 3
    ]
    for wrong in ("x", None):
        with pytest.raises(InvalidArgumentError, match=f"scale {wrong!r} of row 8 is neither"):
            nominal_flags(pl.Series(["ordinal", wrong], dtype=kind), first_row=7)


def test_positions_are_for_all_rows_or_row_by_row() -> None:
    assert row_positions(None) is None
    assert row_positions([]) is None
    assert row_positions([1, 2, 4]).tolist() == [1.0, 2.0, 4.0]  # type: ignore[union-attr]
    assert row_positions(pl.Series([1, 2, 4])).tolist() == [1.0, 2.0, 4.0]  # type: ignore[union-attr]
    column = pl.Series([[1, 2], None, [], [1, 3, 5]], dtype=pl.List(pl.Int64))
    from_column = row_positions(column)
    assert from_column is not None
    assert [part.tolist() for part in from_column] == [[1, 2, 1, 3, 5], [0, 2, 2, 2, 5]]
    values, offsets = row_positions([[1, 2], None, [1, 3, 5]])  # type: ignore[misc, list-item]
    assert (values.tolist(), offsets.tolist()) == ([1, 2, 1, 3, 5], [0, 2, 2, 5])


def test_groups_are_numbered_as_they_appear() -> None:
    keys = pl.DataFrame({"country": ["USA", "JPN", "USA", None], "wave": [7, 7, 7, None]})
    groups = group_labels(keys, 4)
    assert (groups.index.tolist(), groups.n) == ([0, 1, 0, 2], 3)
    assert groups.find(("JPN", 7)) == groups.find({"wave": 7, "country": "JPN"}) == 1
    with pytest.raises(
        InvalidArgumentError, match="no group 'JPN': groups are named by country, w"
    ):
        groups.find("JPN")
    nobody = group_labels(None, 3)
    assert (nobody.index.tolist(), nobody.n, nobody.keys) == ([0, 0, 0], 1, None)
    with pytest.raises(InvalidArgumentError, match="there are no groups to compare"):
        nobody.find("USA")


def test_items_are_sorted_names_or_places_within_the_group() -> None:
    groups = group_labels(["a", "b", "a", "b", "b"], 5)
    places = item_labels(None, groups, 5)
    assert (places.index.tolist(), places.n) == ([0, 0, 1, 1, 2], 3)
    named = item_labels(["Q2", "Q1", "Q2", "Q9", "Q1"], groups, 5)
    assert (named.index.tolist(), named.n) == ([1, 0, 1, 2, 0], 3)
    single = item_labels(None, group_labels(None, 3), 3)
    assert (single.index.tolist(), single.n) == ([0, 1, 2], 3)
    with pytest.raises(InvalidArgumentError, match="the item label of row 1 is null"):
        item_labels(["Q1", None], group_labels(None, 2), 2)
