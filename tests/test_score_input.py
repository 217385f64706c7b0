"""Bad rows in every container: the right exception, naming the first of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import doxa
from doxa import _core
from doxa.errors import InvalidDistributionError

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


def test_normalize_keeps_the_container() -> None:
    counts = [[1.0, 3.0], [2.0, 2.0, 4.0]]
    shares = [[0.25, 0.75], [0.25, 0.25, 0.5]]
    assert [row.tolist() for row in doxa.normalize(counts)] == shares
    assert doxa.normalize(pl.Series("n", counts)).to_list() == shares
    assert doxa.normalize(np.array([[1, 3]])).tolist() == shares[:1]
    assert doxa.normalize([]) == []


@pytest.mark.parametrize("row", [[0.0, 0.0], [-1.0, 2.0], [np.nan, 1.0], []])
def test_normalize_refuses_what_has_no_shares(row: list[float]) -> None:
    with pytest.raises(InvalidDistributionError, match="row 1 cannot be normalised"):
        doxa.normalize([[1.0, 1.0], row])
