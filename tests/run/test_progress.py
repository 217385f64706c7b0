from __future__ import annotations

import pytest

from doxa.run.progress import Advance, duration


@pytest.mark.parametrize(
    ("advance", "said"),
    [
        (Advance(0, 10), "0 of 10 replies"),
        (Advance.since(4, 10, 10, 3.0), "10 of 10 replies, 2.0 a second"),
        (Advance.since(10, 10, 10, 3.0), "10 of 10 replies"),
        (Advance.since(0, 3, 10, 0.0), "3 of 10 replies"),
        (Advance.since(10, 4, 20, 3.0), "4 of 20 replies"),  # a shared store that lost errors
        (
            Advance.since(0, 1200, 10_000, 100),
            "1,200 of 10,000 replies, 12.0 a second, about 12 min left",
        ),
        (
            Advance.since(0, 3, 10, 60),
            "3 of 10 replies, 3.0 a minute, about 2 min left",
        ),
        (
            Advance(3, 10, 1.0, expected=7800.0),
            "3 of 10 replies, 1.0 a second, about 2 h 10 min left",
        ),
        (
            Advance(3, 10, None, expected=30.0, models=2),
            "3 of 10 replies, about 30 s left at this model's pace",
        ),
    ],
)
def test_an_advance_is_said_in_one_line(advance: Advance, said: str) -> None:
    assert str(advance) == said


def test_what_is_left_is_known_only_with_a_pace() -> None:
    assert Advance(1, 10).left is None
    assert Advance(1, 10, 0.0).left is None
    assert Advance(1, 10, 3.0).left == 3.0


def test_a_duration_has_the_unit_that_fits() -> None:
    assert [duration(seconds) for seconds in (0.4, 119, 121, 7199, 7201, 86400 * 4)] == [
        "0 s", "119 s", "2 min", "2 h", "2 h", "4 days",
    ]  # fmt: skip
    assert duration(7800) == "2 h 10 min"
    assert duration(59.6 * 60) == "1 h"
    assert duration(100 * 3600) == "4 days 4 h"
