from __future__ import annotations

from typing import Literal

import pytest

from doxa.backend import Answer
from doxa.elicit import ELICITATIONS, ElicitationSettings
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank

BANK = QuestionBank.load()
PROMPT = render("Q1", Condition("en", option_order="reversed", n_examples=0), bank=BANK)
SETTINGS = ElicitationSettings()


def test_verbalised_shares_go_to_the_codes_shown() -> None:
    whole = Answer('{"1": 10, "2": 20, "3": 30, "4": 40}')
    rest = Answer('"1": 10, "2": 20, "3": 30, "4": 40}')
    expected = dict(zip(PROMPT.codes, (0.1, 0.2, 0.3, 0.4), strict=True))
    assert PROMPT.codes == (4, 3, 2, 1)
    for answer in (whole, rest):
        assert ELICITATIONS["verbalized"].read(PROMPT, answer).probabilities == expected


def test_free_replies_are_asked_as_text() -> None:
    request = ELICITATIONS["verbalized"].request(
        PROMPT, ElicitationSettings(verbalized="free"), 0, 0
    )
    assert (request.kind, request.max_tokens, request.stop) == ("text", 256, "}")


def test_constrained_replies_are_asked_as_shares_for_every_draw() -> None:
    request = ELICITATIONS["verbalized"].request(PROMPT, SETTINGS, 0, 0)
    assert (request.kind, request.choices) == ("shares", ("1", "2", "3", "4"))
    assert ELICITATIONS["verbalized"].request(PROMPT, SETTINGS, 3, 2) == request


def test_a_free_reply_that_is_not_a_distribution_keeps_its_reason() -> None:
    reading = ELICITATIONS["verbalized"].read(PROMPT, Answer('"1": 60}'))
    assert (reading.status, reading.reason) == ("unparsable", "shares add up to 60, not 100")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        # a server does not begin the reply, so nothing was begun that could be cut off
        ("I'm sorry, but I cannot answer.", "refused"),
        ('"No comment", said the model.', "refused"),
        ("As of 2024 I have no opinion.", "unparsable"),
        ('{"1": 10, "2": 20', "truncated"),
        ('"1": 10, "2": 20', "truncated"),
        ('Sure: {"1": 10, "2": 20, "3": 30, "4": 40}', "ok"),
        ('"1": 10, "2": 20, "3": 30, "4": 40} {"a', "ok"),
    ],
)
def test_words_are_a_refusal_and_only_an_object_can_be_cut_off(text: str, status: str) -> None:
    assert ELICITATIONS["verbalized"].read(PROMPT, Answer(text)).status == status


@pytest.mark.parametrize(
    ("text", "finish", "status"),
    [
        ('"1": 10, "2": 20, "3": 30, "4": 40}', "stop", "unparsable"),
        ('{"1": 10, "2": 20, "3": 30, "4": 40}', "stop", "ok"),
        ('{"1": 10, "2": 20, "3": 30, "4": 40}', "length", "ok"),
        ('{"1": 10, "2"', "length", "truncated"),
        ("I would say that", "length", "truncated"),
    ],
)
def test_a_reply_that_nothing_was_begun_for_is_read_as_it_is(
    text: str, finish: Literal["stop", "length"], status: str
) -> None:
    answer = Answer(text, finish, begun=False)
    assert ELICITATIONS["verbalized"].read(PROMPT, answer).status == status
