"""Valid Arrow arrays of every shape are read without copying; invalid ones are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doxa import _core
from doxa.errors import DoxaError, InvalidArgumentError, InvalidDistributionError

if TYPE_CHECKING:
    from collections.abc import Callable

ALIGNMENT = ["alignment"]
ROWS = [[0.2, 0.3, 0.5], [0.4, 0.6], [0.1, 0.2, 0.3, 0.4], [1.0, 0.0]]
SHIFTED = [[0.5, 0.3, 0.2], [0.6, 0.4], [0.4, 0.3, 0.2, 0.1], [0.0, 1.0]]
EXPECTED = [0.7, 0.8, 1 - 1.0 / 3, 0.0]

CONTAINERS: dict[str, Callable[[list[list[float]]], object]] = {
    "polars list": lambda rows: pl.Series(rows, dtype=pl.List(pl.Float64)),
    "polars list of float32": lambda rows: pl.Series(rows, dtype=pl.List(pl.Float32)),
    "polars slice": lambda rows: pl.Series([[9.0], *rows, [9.0]])[1:-1],
    "polars chunks": lambda rows: pl.concat(
        [pl.Series(rows[:1]), pl.Series(rows[1:])], rechunk=False
    ),
    "arrow list": lambda rows: pa.array(rows, pa.list_(pa.float64())),
    "arrow large list": lambda rows: pa.array(rows, pa.large_list(pa.float64())),
    "arrow slice": lambda rows: pa.array([[7.0, 7.0], *rows], pa.list_(pa.float64()))[1:],
    "arrow chunked": lambda rows: pa.chunked_array(
        [pa.array(rows[:2], pa.list_(pa.float64())), pa.array(rows[2:], pa.list_(pa.float64()))]
    ),
    "offsets into sliced values": lambda rows: pa.LargeListArray.from_arrays(
        np.concatenate([[0], np.cumsum([len(row) for row in rows])]),
        pa.array([3.0, *(x for row in rows for x in row)])[1:],
    ),
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_is_read(container: str) -> None:
    make = CONTAINERS[container]
    values = _core.score(make(ROWS), make(SHIFTED), ALIGNMENT)[0]
    assert values == pytest.approx(EXPECTED, abs=1e-7 if "32" in container else 1e-15)


def test_arrays_of_fixed_length() -> None:
    rows = np.array([[0.2, 0.8], [0.5, 0.5], [0.9, 0.1]])
    expected = _core.score(rows, rows[::-1].copy(), ALIGNMENT)
    fixed = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), 2)
    backwards = pl.Series(rows[::-1], dtype=pl.Array(pl.Float64, 2))
    assert (_core.score(fixed, backwards, ALIGNMENT) == expected).all()
    longer = pa.FixedSizeListArray.from_arrays(pa.array([5.0, 5.0, *rows.ravel()]), 2)[1:]
    assert (_core.score(longer, backwards, ALIGNMENT) == expected).all()


def test_empty_arrays_have_no_scores() -> None:
    for empty in (pl.Series([], dtype=pl.List(pl.Float64)), pa.array([], pa.list_(pa.float64()))):
        assert _core.score(empty, empty, ALIGNMENT).shape == (1, 0)


NULLS = [
    (pl.Series([[0.5, 0.5], None, [0.5, 0.5]]), "row 1 is null"),
    (pl.Series([[0.5, 0.5], [0.5, 0.5], [1.0, None]]), "row 2 holds a null"),
    (pa.array([None, [0.5, 0.5], [1.0, 0.0]]), "row 0 is null"),
    (
        pl.concat([pl.Series([[0.5, 0.5]]), pl.Series([[1.0, 0.0], None])], rechunk=False),
        "row 2 is null",
    ),
    (pa.array([[9.0], [0.5, 0.5], [0.5, None], [0.5, 0.5]])[1:], "row 1 holds a null"),
]


@pytest.mark.parametrize(("rows", "message"), NULLS)
def test_nulls_are_named_by_row(rows: object, message: str) -> None:
    sound = np.full((3, 2), 0.5)
    with pytest.raises(InvalidDistributionError, match=f"model {message}"):
        _core.score(rows, sound, ALIGNMENT)
    with pytest.raises(InvalidDistributionError, match=f"human {message}"):
        _core.score(sound, rows, ALIGNMENT)


def test_an_earlier_bad_row_is_told_before_a_null() -> None:
    rows = pl.Series([[0.5, 0.5], [0.5, 0.6], None])
    with pytest.raises(InvalidDistributionError, match=r"row 1 sums to 1\.1"):
        _core.score(rows, np.full((3, 2), 0.5), ALIGNMENT)


@pytest.mark.parametrize(
    "rows",
    [
        pl.Series([[1, 0]]),
        pl.Series([0.5, 0.5]),
        pa.array(["a"]),
        pa.array([[["a"]]]),
        pa.array([{"a": 1.0}]),
        pa.table({"a": [1.0]}),
    ],
)
def test_other_types_are_refused(rows: object) -> None:
    with pytest.raises(InvalidArgumentError, match="not a list of floats"):
        _core.score(rows, rows, ALIGNMENT)


def test_things_that_hold_no_rows_are_refused() -> None:
    with pytest.raises(InvalidDistributionError, match="holds no distributions"):
        _core.score(object(), object(), ALIGNMENT)


# Arrays that coverage guides, and many more of them: make fuzz.
EXAMPLES = 400
BAD = st.one_of(
    st.sampled_from([np.nan, np.inf, -np.inf, -0.1, 2.0, -0.0, 1e308, 5e-324]),
    st.floats(allow_nan=True, allow_infinity=True),
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    offsets=st.lists(
        st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 12), min_size=1, max_size=9
    ),
    values=st.lists(BAD | st.just(0.5), max_size=12),
    wide=st.booleans(),
    start=st.integers(0, 3),
)
def test_arbitrary_offsets_and_values_never_reach_outside(
    offsets: list[int], values: list[float], wide: bool, start: int
) -> None:
    """Arrow libraries pass on such arrays unchecked; the core must check them."""
    kind = np.int64 if wide else np.int32
    limits = np.iinfo(kind)
    bounds = np.zeros(len(offsets), kind)
    rows = len(bounds) - 1
    build = pa.LargeListArray if wide else pa.ListArray
    item = pa.large_list(pa.float64()) if wide else pa.list_(pa.float64())
    array = build.from_buffers(
        item, rows, [None, pa.py_buffer(bounds)], children=[pa.array(values, pa.float64())]
    )
    # PyArrow checks its input, so the offsets are changed afterwards.
    bounds[:] = [min(max(offset, limits.min), limits.max) for offset in offsets]
    array = array[min(start, rows) :]
    human = [[0.5, 0.5]] * len(array)
    sound = pl.Series(human, dtype=pl.List(pl.Float64))
    for model, other in ((array, sound), (sound, array), (array, array)):
        try:
            scores = _core.score(model, other, ["alignment", "js_distance"])
        except DoxaError:
            continue
        assert scores.shape == (2, len(array))
        assert np.isfinite(scores).all()


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.binary(max_size=160), options=st.integers(1, 5))
def test_arbitrary_bytes_as_values(data: bytes, options: int) -> None:
    values = np.frombuffer(data[: len(data) // 8 * 8], np.float64)
    rows = values.size // options
    table = values[: rows * options].reshape(rows, options).copy()
    try:
        scores = _core.score(table, table, ALIGNMENT)
    except InvalidDistributionError as refused:
        bad_row = refused.row
    else:
        assert (scores == 1).all()
        return
    assert bad_row is not None
    assert 0 <= bad_row < rows
