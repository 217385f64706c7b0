"""The output of timing the core; speed is not tested."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.bench import core, time_core, work
from doxa.errors import DoxaError, InvalidArgumentError

if TYPE_CHECKING:
    from doxa.bench import Sizes


class Batch:
    def __init__(self, scores: pl.DataFrame) -> None:
        self.scores = scores


def test_every_piece_of_work_is_timed_and_announced(small: Sizes) -> None:
    said: list[str] = []
    timings = time_core(small, rounds=2, threads=1, tell=said.append)
    assert {timing.work: (timing.count, timing.unit) for timing in timings} == {
        "alignment": (200, "pairs"),
        "six metrics": (6 * 200, "values"),
        "bootstrap of items": (3 * 20 * 20, "scores"),
        "bootstrap of respondents, from counts": (2 * 20 * 20, "distances"),
        "bootstrap of respondents, weighted sample": (2 * 20 * 20, "distances"),
    }
    assert said == [f"timing {timing.work}" for timing in timings]
    for timing in timings:
        assert timing.rounds == 2
        assert math.isfinite(timing.seconds)
        assert timing.seconds > 0
        assert timing.per_second == pytest.approx(timing.count / timing.seconds)


def test_a_core_that_computes_something_else_is_not_timed(
    small: Sizes, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = work.score_batch

    def wrong(*arguments: object, **options: object) -> Batch:
        scores = right(*arguments, **options).scores  # type: ignore[arg-type]
        return Batch(scores.with_columns(pl.all() + 1e-6))

    monkeypatch.setattr(work, "score_batch", wrong)
    with pytest.raises(DoxaError, match="alignment: the core and NumPy disagree"):
        time_core(small)


def test_a_core_that_changes_its_mind_is_not_timed(
    small: Sizes, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, calls = work.score_batch, iter(range(9))

    def unsteady(*arguments: object, **options: object) -> Batch:
        scores = right(*arguments, **options).scores  # type: ignore[arg-type]
        return Batch(scores.with_columns(pl.all() + 1e-12 * next(calls)))

    monkeypatch.setattr(work, "score_batch", unsteady)
    with pytest.raises(DoxaError, match="alignment: two rounds gave different numbers"):
        time_core(small)


def test_slow_work_gets_the_fewest_rounds(small: Sizes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "_BUDGET", 0.0)
    assert {timing.rounds for timing in time_core(small, rounds=9)} == {3}


def test_no_rounds_are_refused(small: Sizes) -> None:
    with pytest.raises(InvalidArgumentError, match="rounds is 0: give 1 or more"):
        time_core(small, rounds=0)
