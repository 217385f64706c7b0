from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from doxa.harness.key import Key
from doxa.prompt import Condition
from doxa.recorded.own_answers import answers_of_line, answers_of_sample

KEY = Key("Q57", Condition("en"), "logprobs", ("A", "B"), (1, 2), 1, (), "")
WRITTEN = replace(KEY, elicitation="verbalized", form="begun")


def line(*shares: float) -> dict[str, Any]:
    return {"resps": [[[str(math.log(share)), "False"]] for share in shares]}


def completion(content: object, stop_reason: str = "stop", **more: object) -> dict[str, Any]:
    choice = {"message": {"content": content}, "stop_reason": stop_reason} | more
    return {"output": {"choices": [choice], "usage": {"input_tokens": 9, "output_tokens": 2}}}


def top(**shares: float) -> dict[str, Any]:
    listed = [{"token": token, "logprob": math.log(share)} for token, share in shares.items()]
    return {"content": [{**listed[0], "top_logprobs": listed}]}


def test_likelihoods_of_labels_are_one_answer() -> None:
    (answer,), greedy = answers_of_line(line(0.2, 0.6), KEY)
    assert answer.log_probabilities == pytest.approx([math.log(0.2), math.log(0.6)])
    assert (answer.text, greedy) == ("B", (False, False))


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({}, "no resps in the log"),
        ({"resps": [[["-1", "True"]]]}, "1 log-likelihoods for 2 labels"),
        ({"resps": [[["x"]], [["-1"]]]}, "a log-likelihood"),
        ({"resps": [[[0.5]], [["-1"]]]}, "0.5"),
        ({"resps": [[[None]], [["-1"]]]}, "a log-likelihood"),
    ],
)
def test_likelihoods_that_are_none_are_an_error(found: dict[str, Any], says: str) -> None:
    (answer,), _ = answers_of_line(found, KEY)
    assert answer.finish == "error"
    assert says in answer.text


def test_every_text_of_a_line_is_a_draw() -> None:
    answers, _ = answers_of_line(
        {"resps": [["A", "B", None]]}, replace(KEY, elicitation="sampling")
    )
    assert [answer.text for answer in answers] == ["A", "B", "no text"]
    assert [answer.finish for answer in answers] == ["stop", "stop", "error"]
    assert answers_of_line({"resps": [[]]}, WRITTEN)[0][0].finish == "error"


def test_a_verbalized_reply_ends_with_its_object() -> None:
    text = 'Sure: {"A": 40, "B": 60}. Or {"A": 1}?'
    (answer,), _ = answers_of_line({"resps": [[text]]}, WRITTEN)
    assert answer.text == 'Sure: {"A": 40, "B": 60}'
    (chat,), _ = answers_of_line({"resps": [[text]]}, replace(WRITTEN, form="chat"))
    assert chat.text == text
    (cut,) = answers_of_sample(completion('{"A": 40', "max_tokens"), WRITTEN)
    assert (cut.text, cut.finish) == ('{"A": 40', "length")
    (whole,) = answers_of_sample(completion('{"A": 40} and', "max_tokens"), WRITTEN)
    assert (whole.text, whole.finish) == ('{"A": 40}', "stop")


def test_a_thought_is_no_answer() -> None:
    (tagged,), _ = answers_of_line({"resps": [["<think>Hm.</think>\n\n{}"]]}, WRITTEN)
    parts = [{"type": "reasoning", "reasoning": "Hm."}, {"type": "text", "text": "{}"}]
    (apart,) = answers_of_sample(completion(parts), WRITTEN)
    for answer in (tagged, apart):
        assert (answer.thought, answer.thought_status, answer.text) == ("Hm.", "closed", "{}")
    scored = completion(parts, logprobs=top(A=0.5, B=0.2))
    (refused,) = answers_of_sample(scored, KEY)
    assert refused.finish == "error"
    assert "let its model think" in refused.text


def test_first_tokens_of_a_chat_are_read_as_a_server_s() -> None:
    (answer,) = answers_of_sample(completion("A", logprobs=top(A=0.5, B=0.2, x=0.1)), KEY)
    assert answer.log_probabilities == pytest.approx([math.log(0.5), math.log(0.2)])
    assert (answer.prompt_tokens, answer.completion_tokens) == (9, 2)
    (bounded,) = answers_of_sample(completion("A", logprobs=top(A=0.5, x=0.2)), KEY)
    assert bounded.ceilings
    (none,) = answers_of_sample(completion("A"), KEY)
    assert none.finish == "error"
    assert "no log-probabilities" in none.text


@pytest.mark.parametrize(
    "sample",
    [
        {},
        {"output": {"choices": []}},
        {"output": {"choices": "A"}},
        completion("A") | {"error": {"message": "Connection error."}},
        {"output": {"choices": [7]}},
        completion(7),
    ],
)
def test_a_sample_without_an_answer_is_an_error(sample: dict[str, Any]) -> None:
    (answer,) = answers_of_sample(sample, WRITTEN)
    assert answer.finish == "error"
    assert answer.text
