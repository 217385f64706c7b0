from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.run.parts import Parts, gaps, numbers

HAVE = st.dictionaries(st.sampled_from("abc"), st.frozensets(st.integers(1, 5)), max_size=3)
PARTS = HAVE.map(lambda have: Parts(5, have)) | st.sampled_from("abc").map(
    lambda model: Parts(0, {model: frozenset()})
)


@given(PARTS, PARTS, PARTS)
def test_parts_are_joined_in_any_order_and_as_often_as_you_like(
    a: Parts, b: Parts, c: Parts
) -> None:
    assert a.joined(b) == b.joined(a)
    if a.of or b.of:
        assert a.joined(b).joined(b) == a.joined(b)
    if a.of and c.of:
        assert a.joined(b).joined(c) == a.joined(b.joined(c))


@given(HAVE)
def test_what_is_noted_is_read_back(have: dict[str, frozenset[int]]) -> None:
    parts = Parts(5, have)
    assert Parts.read({"shards": parts.written()}, ["ignored"]) == parts


def test_a_shard_counts_for_the_models_that_it_has_replies_of() -> None:
    one = Parts.read({"shard": "2/3"}, ["a", "b"])
    assert one == Parts(3, {"a": frozenset({2}), "b": frozenset({2})})
    whole = Parts.read({}, ["b"])
    assert whole.of == 0
    both = one.joined(whole)
    assert both.have == {"a": frozenset({2}), "b": frozenset({1, 2, 3})}
    assert both.missing() == ["2 of 3 shards of a not among these: 1, 3"]


@pytest.mark.parametrize(
    ("values", "said"),
    [([], ""), ([3], "3"), ([3, 4], "3, 4"), ([5, 3, 4], "3-5"), ([1, 3, 4, 5, 7], "1, 3-5, 7")],
)
def test_numbers_that_follow_each_other_are_a_range(values: list[int], said: str) -> None:
    assert numbers(values) == said


def test_everything_that_a_store_lacks_is_said() -> None:
    assert gaps({"experiment": ""}) == []
    notes = {
        "shards": json.dumps({"of": 16, "have": {"a": [1], "b": [1]}}),
        "merge": "not finished",
    }
    assert gaps(notes) == [
        "15 of 16 shards not among these: 2-16",
        "doxa merge  was ended before it was done: run it again",
    ]
