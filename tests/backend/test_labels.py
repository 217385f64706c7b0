from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.backend.labels import common_prefix, spelling


@given(st.lists(st.integers(0, 2)), st.lists(st.integers(0, 2)))
def test_the_common_prefix_is_the_longest(left: list[int], right: list[int]) -> None:
    length = common_prefix(left, right)
    assert left[:length] == right[:length]
    assert left[length : length + 1] != right[length : length + 1] or length == len(left)
    assert common_prefix(right, left) == length


def test_a_label_may_merge_with_the_end_of_the_prompt() -> None:
    cut = spelling(("=", " "), [("=", " 1"), ("=", " ", "x")])
    assert (cut.start, cut.tails) == (1, ((" 1",), (" ", "x")))
    assert cut.inner == [(), (" ",)]


def test_a_reply_is_one_label_and_not_a_longer_one() -> None:
    cut = spelling("=", ["=1", "=10", "=100", "=2"])
    after = {
        (): {"1": math.log(0.6), "2": math.log(0.1)},
        ("1",): {"0": math.log(0.5)},
        ("1", "0"): {"0": math.log(0.2)},
    }
    assert [math.exp(score) for score in cut.scores(after)] == pytest.approx([0.3, 0.24, 0.06, 0.1])


def test_a_label_that_cannot_come_has_probability_0() -> None:
    cut = spelling("=", ["=1", "=10", "=2"])
    after = {(): {"1": -math.inf, "2": 0.0}, ("1",): {"0": -1.0}}
    assert cut.scores(after) == (-math.inf, -math.inf, 0.0)
