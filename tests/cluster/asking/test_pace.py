from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from doxa.cluster.asking.pace import Pace


@given(st.floats(1e-6, 1e4), st.integers(1, 10**6), st.integers(1, 500))
def test_a_block_takes_some_seconds_and_leaves_work_for_all(
    seconds: float, left: int, workers: int
) -> None:
    pace = Pace()
    assert pace.block(left, workers) == 1
    pace.took(seconds, tasks=1)
    size = pace.block(left, workers)
    assert 1 <= size <= 1000
    assert size == 1 or size * seconds <= 5
    assert size == 1 or (size - 1) * 2 * workers < left


def test_the_pace_follows_what_blocks_take() -> None:
    pace = Pace()
    assert [pace.took(seconds, 10) for seconds in (10.0, 20.0, 20.0)] == [1.0, 1.5, 1.75]
    assert pace.limit(tasks=10, patience=1) == 175
    assert pace.limit(tasks=10, patience=200, others=[1000.0]) == 200
