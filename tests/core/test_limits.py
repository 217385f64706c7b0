"""No number makes the core abort, hang or ignore Ctrl-C, and no panic leaves it."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import doxa
from doxa import _core
from doxa.errors import DoxaError, InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

N = 50_000


def labels(groups: int, items: int) -> tuple[np.ndarray, np.ndarray, int, int]:
    each = np.tile(np.arange(items, dtype=np.uint32), groups)
    return np.repeat(np.arange(groups, dtype=np.uint32), items), each, groups, items


def shares(n: int, options: int = 3) -> np.ndarray:
    return np.random.default_rng(0).dirichlet(np.ones(options), n)


FEW = shares(50)
SCORES = np.random.default_rng(0).random(50)


@pytest.mark.parametrize("n_resamples", [10**12, 2**62, 2**64 - 1])
@pytest.mark.parametrize("threads", [1, 2])
def test_more_replicates_than_memory_are_refused(n_resamples: int, threads: int) -> None:
    draws: dict[str, Any] = {"n_resamples": n_resamples, "seed": 0, "threads": threads}
    recipe = {"method": "basic", "confidence": 0.95}
    counts = {"human_n": np.full(50, 9.0), "model_n": None, **draws}
    answers = np.zeros((50, 4), np.uint8)
    nobody: dict[str, Any] = dict.fromkeys(("weights", "strata", "clusters"))
    one = labels(1, 50)
    for call in (
        lambda: _core.item_replicates(SCORES, one, **draws),
        lambda: _core.item_intervals(SCORES, one, **draws, **recipe),
        lambda: _core.count_replicates(FEW, FEW, ["hellinger"], one, draw_items=True, **counts),
        lambda: _core.count_replicates(FEW, FEW, ["alignment"], one, draw_items=False, **counts),
        lambda: _core.sample_replicates(
            FEW, ["alignment"], one, answers, [3] * 50, **nobody, draw_items=True,
            draw_respondents=True, sample=0, **draws,
        ),
        lambda: _core.stream(0, 0, n_resamples),
    ):  # fmt: skip
        with pytest.raises(
            InvalidArgumentError, match=r"this needs .*B of memory.*: ask for fewer"
        ):
            call()


def test_more_groups_than_memory_are_refused() -> None:
    no = np.empty(0, np.uint32)
    nothing = (no, no, 2**31, 1)
    empty = np.empty((0, 2))
    with pytest.raises(InvalidArgumentError, match="this needs"):
        _core.pairwise_means(empty, nothing, empty, nothing, "alignment")


def test_the_shell_is_told_in_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    many = np.repeat(FEW, 4000, axis=0)
    batch = doxa.score_batch(many, many, resample="items", n_resamples=10**7)
    with pytest.raises(InvalidArgumentError) as caught:
        _ = batch.groups
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


ROWS = shares(400_000)
NONE = np.zeros(2000, np.uint32)
LONG: dict[str, Callable[[], object]] = {
    "drawing items": lambda: _core.item_replicates(
        np.zeros(N), labels(1, N), n_resamples=20_000, seed=0
    ),
    "one group": lambda: _core.item_intervals(
        np.zeros(N), labels(1, N), n_resamples=5000, seed=0, method="bca", confidence=0.95
    ),
    "delta": lambda: _core.delta_errors(
        ROWS, ROWS, ["hellinger"] * 160, labels(1, len(ROWS)), human_n=np.full(len(ROWS), 9.0)
    ),
    "counts": lambda: _core.count_replicates(
        ROWS, ROWS, ["hellinger"], labels(1, len(ROWS)), draw_items=False,
        human_n=np.full(len(ROWS), 900.0), model_n=None, n_resamples=64, seed=0,
    ),
    "answers": lambda: _core.sample_replicates(
        shares(300, 4), ["alignment"], labels(1, 300),
        np.random.default_rng(0).integers(0, 4, (300, 100_000), np.uint8), [4] * 300,
        weights=np.full(100_000, 1.5), strata=None, clusters=None, draw_items=False,
        draw_respondents=True, n_resamples=2048, seed=0, sample=0,
    ),
    "matrix": lambda: _core.pairwise_means(
        FEW.repeat(2000, axis=0), (*np.zeros((2, 100_000), np.uint32), 1, 1),
        FEW.repeat(40, axis=0), (np.arange(2000, dtype=np.uint32), NONE, 2000, 1), "js_distance",
    ),
}  # fmt: skip


@pytest.mark.alone
@pytest.mark.parametrize("work", LONG)
def test_ctrl_c_ends_long_work_soon(work: str) -> None:
    def interrupt(*_: object) -> None:
        nonlocal told
        told = time.monotonic()
        raise KeyboardInterrupt

    told = 0.0
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            LONG[work]()
        assert time.monotonic() - told < 0.5
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_more_threads_than_sense_are_not_started() -> None:
    many = np.repeat(FEW, 4000, axis=0)
    started = time.monotonic()
    for n in (10**9, 10**30):
        assert doxa.score_batch(many, many, n_threads=n).scores.height == len(many)
    assert time.monotonic() - started < 5
    for n in (0, -1, 1.5, True, "2"):
        with pytest.raises(InvalidArgumentError, match="n_threads="):
            doxa.score_batch(FEW, FEW, n_threads=n)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [-50.0, 0.0, np.nan, np.inf, 1e300])
def test_the_delta_method_needs_respondents(size: float) -> None:
    sizes = [size, *[50.0] * 49]
    with pytest.raises(InvalidArgumentError, match=r"number of respondents of row 0 is"):
        doxa.score_batch(FEW, FEW, resample="respondents", method="delta", human_n=sizes)


class Exported:
    """An array that gives its capsules away once, and then the empty ones again."""

    def __init__(self, array: pa.Array) -> None:
        self.capsules = array.__arrow_c_array__()

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        return self.capsules


def test_an_array_that_was_consumed_is_refused() -> None:
    once = Exported(pa.array([[0.5, 0.5]]))
    with pytest.raises(DoxaError, match="has been consumed"):
        _core.score(once, once, ["alignment"])


class Far:
    """An array whose place in its buffers was changed after it was made."""

    def __init__(self, array: pa.Array, offset: int) -> None:
        self.array, self.offset = array, offset

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        import ctypes

        schema, array = self.array.__arrow_c_array__()
        pointer = ctypes.pythonapi.PyCapsule_GetPointer
        pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
        # length, null count, offset: the first three numbers of the structure
        numbers = (ctypes.c_int64 * 3).from_address(pointer(array, b"arrow_array"))
        numbers[2] = self.offset
        return schema, array


@pytest.mark.parametrize("offset", [2**62, 2**61, 2**47, 1000])
def test_an_offset_outside_any_memory_is_refused(offset: int) -> None:
    rows = pa.FixedSizeListArray.from_arrays(pa.array([0.5] * 8), 4)
    sound = np.full((2, 4), 0.25)
    with pytest.raises(InvalidArgumentError, match=r"outside any memory|shorter than its array"):
        _core.score(Far(rows, offset), sound, ["alignment"])


def test_tables_are_refused_with_the_way_to_pass_them() -> None:
    frame = pl.DataFrame({"1": [0.2], "2": [0.8]})
    for table in (frame, frame.lazy(), frame.to_arrow()):
        with pytest.raises(DoxaError, match=r"holds columns, not rows: pass frame\.to_numpy\(\)"):
            doxa.score_batch(table, table)
    assert doxa.score_batch(frame.to_numpy(), frame.to_numpy()).scores.height == 1
