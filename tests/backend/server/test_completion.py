"""Bodies of completions: what can be read is read, with a note; the rest is a fault."""

from __future__ import annotations

import json
import math
import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd_replies import swapped

from doxa.backend.server.completion import scores_of, text_of, tokens_of
from doxa.backend.server.fault import FaultError


def listed(*entries: tuple[Any, Any]) -> dict[str, Any]:
    top = [{"token": token, "logprob": logprob} for token, logprob in entries]
    return {"choices": [{"logprobs": {"content": [{"top_logprobs": top}]}}]}


def test_scores_add_up_the_spellings_of_a_label() -> None:
    found = scores_of(listed(("1", math.log(0.5)), (" 2", math.log(0.2)), ("2", math.log(0.1))),
                      ["1", "2"])  # fmt: skip
    assert [math.exp(value) for value in found.values] == pytest.approx([0.5, 0.3])
    assert found.note == ""


@pytest.mark.parametrize("small", [-9999.0, -1e5, -math.inf])
def test_a_probability_too_small_to_report_is_bounded_by_the_smallest_reported(
    small: float,
) -> None:
    body = listed(("1", math.log(0.5)), ("I", math.log(0.25)), ("2", small))
    found = scores_of(body, ["1", "2"])
    assert found.values == (math.log(0.5), -math.inf)
    assert found.ceilings == (math.log(0.5), math.log(0.25))
    assert found.unseen == 0.25
    assert found.note == "not among the most likely first tokens, so from 0 to 0.25: 2"


def test_a_very_small_probability_does_not_become_0() -> None:
    found = scores_of(listed(("1", -0.1), ("2", -900.0), (" 2", -900.0)), ["1", "2"])
    assert found.values == (-0.1, pytest.approx(-900 + math.log(2)))


def test_a_token_that_is_listed_twice_counts_once_and_is_told() -> None:
    found = scores_of(listed(("1", -1.0), ("1", -1.0), ("2", -1.5)), ["1", "2"])
    assert found.values == (-1.0, -1.5)
    assert found.note == "listed more than once, different values added up: '1'"


def test_two_tokens_of_the_same_text_add_up_and_are_told() -> None:
    # sentencepiece has a token "1" and one with a space before it that is shown the same
    found = scores_of(listed(("1", math.log(0.4)), ("1", math.log(0.2))), ["1", "2"])
    assert math.exp(found.values[0]) == pytest.approx(0.6)
    assert "listed more than once" in found.note


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (listed(("1", 0.7), ("2", -1)), "the log-probability of '1' is 0.7: above 0"),
        (listed(("1", math.nan)), "is nan: not a number"),
        (listed(("1", "-1")), "is '-1': not a number"),
        (listed(("1", True)), "is True: not a number"),
        (listed(("1", None)), "is None: not a number"),
        (listed(("1", -0.1), ("2", -0.1)), "add up to 1.80967"),
        (listed((None, -1)), "a token is null"),
        (listed(("I", -0.1)), "lists no option among the 20 most likely"),
        (listed(("1", -9999.0), ("2", -math.inf)), "lists no option among the 20"),
        ({"choices": [{}]}, "gives no log-probabilities: elicit verbalized"),
        ({"choices": [{"logprobs": {"content": []}}]}, "gives no log-probabilities"),
        (listed(), "gives no log-probabilities"),
        ({"choices": [{"logprobs": [1]}]}, "of an odd form: a list"),
        ({"choices": [{"logprobs": {"content": {"a": 1}}}]}, "of an odd form: an object"),
        ({"choices": []}, "without a reply: choices is empty"),
        ({"choices": None}, "without a reply: choices is null"),
        ({}, "without a reply: choices is null"),
    ],
)
def test_scores_that_cannot_be_read(body: dict[str, Any], said: str) -> None:
    with pytest.raises(FaultError) as caught:
        scores_of(body, ["1", "2"])
    assert said in caught.value.reason


def test_labels_that_look_alike_are_told() -> None:
    with pytest.raises(FaultError, match="does not tell option 10 from 1: use letters"):
        scores_of(listed(("1", -0.7)), ["1", "10"])


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": "2"}, "2"),
        ({"content": None}, ""),
        ({"content": None, "refusal": "I cannot."}, "I cannot."),
        ({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, "ab"),
    ],
)
def test_texts(message: dict[str, Any], text: str) -> None:
    assert text_of({"choices": [{"message": message}]}) == (text, "stop")


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({}, "without a message: message is null"),
        ({"message": None}, "without a message: message is null"),
        ({"message": "2"}, "without a message: message is a text"),
        ({"message": {"content": ["2"]}}, "without text: content is a list"),
        ({"message": {"content": [{"type": "image"}]}}, "without text: content is a list"),
        ({"message": {"content": 2}}, "without text: content is a number or a truth value"),
    ],
)
def test_texts_that_are_not_there(choice: dict[str, Any], said: str) -> None:
    with pytest.raises(FaultError) as caught:
        text_of({"choices": [choice]})
    assert said in caught.value.reason


@pytest.mark.parametrize("bad", ["x", 10**30, -1, True, 9.5, [9]])
def test_a_number_of_tokens_that_is_none_is_unknown_and_told(bad: object) -> None:
    prompt, written, note = tokens_of({"usage": {"prompt_tokens": bad, "completion_tokens": 2}})
    assert (prompt, written) == (None, 2)
    assert note.startswith("not counted: prompt_tokens is ")


def test_a_server_need_not_tell_its_tokens() -> None:
    assert tokens_of({}) == tokens_of({"usage": None}) == (None, None, "")
    assert tokens_of({"usage": {"prompt_tokens": 3}}) == (3, None, "")
    assert tokens_of({"usage": 7})[:2] == (None, None)


@given(st.integers(0, 10**6))
def test_whatever_stands_anywhere_in_a_body_it_is_an_answer_or_a_fault(seed: int) -> None:
    reply = swapped(random.Random(seed), {"logprobs": True})
    [data] = reply.steps  # type: ignore[union-attr]
    body = json.loads(bytes(data).split(b"\r\n\r\n", 1)[1])  # type: ignore[arg-type]
    for read in (text_of, tokens_of, lambda found: scores_of(found, ["1", "2", "3", "4"])):
        with suppress(FaultError):
            read(body)
