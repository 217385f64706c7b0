from __future__ import annotations

import pytest

from doxa.recorded.answers import final_answer, read_choice, read_shares
from doxa.recorded.options import Shown

NUMBERS, CODES = Shown(("1", "2", "3"), (2, 1, 0)), Shown(("2", "1", "0"), (2, 1, 0))
WORDS = {2: "Agree", 1: "Hard to say", 0: "Disagree"}


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ('{"1": 90, "2": 10, "3": 0}', {2: 0.9, 1: 0.1, 0: 0}),
        ('{"0": 90, "1": 10}', {2: 0, 1: 0.1, 0: 0.9}),
        ('{"Agree": 90, "Hard to say": 10}', {2: 0.9, 1: 0.1, 0: 0}),
        ('{"A": 100}', {2: 1, 1: 0, 0: 0}),
    ],
)
def test_a_reply_that_means_one_thing_counts(text: str, shares: dict[int, float]) -> None:
    letters = Shown(("A", "B", "C"), (2, 1, 0))
    found = read_shares(text, [NUMBERS, letters, CODES], WORDS)
    assert found is not None
    assert found.status == "ok"
    assert found.shares == pytest.approx(shares)


def test_a_reply_that_may_mean_two_things_is_undecided() -> None:
    assert read_shares('{"1": 90, "2": 10}', [NUMBERS, CODES], WORDS) is None
    # the same in both
    first, same = Shown(("1", "2"), (1, 2)), Shown(("1", "2"), (1, 2))
    assert read_shares('{"1": 90, "2": 10}', [first, same], {}) is not None


def test_a_reply_that_is_no_distribution_keeps_its_reason() -> None:
    found = read_shares('{"1": 60}', [NUMBERS, CODES], WORDS)
    assert found is not None
    assert (found.status, found.reason) == ("unparsable", "shares add up to 60, not 100")


def test_choices_by_label_and_by_words() -> None:
    found = read_choice("Disagree", [NUMBERS, CODES], WORDS, complete=True)
    assert found is not None
    assert found.shares == {2: 0, 1: 0, 0: 1}
    assert read_choice("1", [NUMBERS, CODES], WORDS, complete=True) is None
    cut = read_choice("3", [NUMBERS], {}, complete=False)
    assert cut is not None
    assert cut.status == "truncated"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("ANSWER: A\nNo.\nAnswer: B", "B"),
        ("**Answer**: (C)", "(C)"),
        ("My answer is D", "My answer is D"),
        ("\u56de\u7b54", "\u56de\u7b54"),
    ],
)
def test_the_last_answer_line_counts(text: str, answer: str) -> None:
    assert final_answer(text) == answer
