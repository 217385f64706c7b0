"""Whatever a backend answers, the reading has a status, and the answer can be stored."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.backend import Answer
from doxa.elicit import ELICITATIONS, Reading
from doxa.elicit import outcome as module
from doxa.elicit.outcome import outcome
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank

if TYPE_CHECKING:
    from collections.abc import Callable

PROMPT = render("Q1", Condition("en", n_examples=0), bank=QuestionBank.load(), draws=5)
NUMBER: Any = st.one_of(st.none(), st.integers(), st.floats(), st.booleans(), st.text(max_size=3))
TEXT = st.one_of(
    st.text(st.characters()), st.text("{}\"'1234:,%. \n-e\ud800\x00"), st.sampled_from(["", "1"])
)


@given(
    elicitation=st.sampled_from(list(ELICITATIONS)),
    text=TEXT,
    finish=st.sampled_from(["stop", "length", "error"]),
    scores=st.lists(NUMBER, max_size=5).map(tuple),
    baseline=st.lists(NUMBER, max_size=5).map(tuple),
    tokens=NUMBER,
    seconds=NUMBER,
)
def test_whatever_comes_has_a_status(
    elicitation: str, text: str, finish: Any, scores: Any, baseline: Any, tokens: Any, seconds: Any
) -> None:
    answer = Answer(text, finish, scores, tokens, tokens, seconds, baseline)
    reading, sound = outcome(elicitation, PROMPT, answer)
    assert (reading.status == "ok") == bool(reading.probabilities)
    assert reading.status == "ok" or reading.reason
    if reading.probabilities:
        shares = list(reading.probabilities.values())
        assert all(0 <= share <= 1 for share in shares)
        assert sum(shares) == pytest.approx(1)
    sound.text.encode()
    reading.reason.encode()
    for count in (sound.prompt_tokens, sound.completion_tokens):
        assert count is None or (type(count) is int and 0 <= count < 2**31)
    assert math.isfinite(sound.seconds)
    assert all(score <= 0 for score in sound.log_probabilities + sound.baseline)


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ((-1.0, -2.0, -3.0, 0.5), "an impossible number: a log-probability is 0.5: above 0"),
        ((-1.0, -2.0, -3.0, math.nan), "an impossible number: a log-probability is nan"),
        ((-0.1, -0.1, -3.0, -3.0), "an impossible number: the probabilities of the options add"),
        ((-math.inf,) * 4, "no option has a probability above 0"),
        ((-1.0,), "1 log-probabilities for 4 options"),
    ],
)
def test_impossible_probabilities_are_errors(scores: tuple[float, ...], said: str) -> None:
    reading, _ = outcome("logprobs", PROMPT, Answer("1", log_probabilities=scores))
    assert reading.status == "error"
    assert reading.reason.startswith(said)


def test_a_baseline_of_another_length_is_an_error() -> None:
    scores = (-1.0, -2.0, -3.0, -4.0)
    reading, _ = outcome(
        "logprobs", PROMPT, Answer("1", log_probabilities=scores, baseline=(-1.0,))
    )
    assert reading.status == "error"


def test_odd_tokens_and_characters_are_told_and_do_not_cost_the_reply() -> None:
    answer = Answer("2 \ud83d", prompt_tokens="x", completion_tokens=10**30)  # type: ignore[arg-type]
    reading, sound = outcome("sampling", PROMPT, replace(answer, note="late"))
    assert reading.status == "ok"
    assert (sound.text, sound.prompt_tokens, sound.completion_tokens) == ("2 \ufffd", None, None)
    assert reading.reason == (
        "late; 1 characters that are no Unicode replaced; not counted: prompt_tokens is 'x': not a "
        "whole number; not counted: completion_tokens is 1000000000000000000000000000000: not from "
        "0 to 2147483647"
    )


def test_a_reply_without_a_word_was_cut_off_or_refused() -> None:
    assert outcome("verbalized", PROMPT, Answer("", "length"))[0].status == "truncated"
    assert outcome("verbalized", PROMPT, Answer(""))[0].status == "refused"


@pytest.mark.parametrize(
    "read",
    [
        lambda *_: Reading("ok", "", dict.fromkeys(PROMPT.codes, 0.3)),
        lambda *_: Reading("ok", "", {1: 1.0}),
        lambda *_: Reading("ok", "", dict.fromkeys(PROMPT.codes, math.nan)),
        lambda *_: Reading("ok", "", dict.fromkeys(PROMPT.codes, 0.25), off_option_mass=1.5),
        lambda *_: 1 / 0,
        lambda *_: [][0],
    ],
)
def test_a_reader_that_fails_makes_an_error(read: Callable[..., Reading]) -> None:
    changed = replace(ELICITATIONS["sampling"], read=read)
    with mock.patch.dict(module.ELICITATIONS, {"sampling": changed}):
        reading, _ = outcome("sampling", PROMPT, Answer("1"))
    assert reading.status == "error"
    assert reading.reason.startswith("cannot be read: ")
