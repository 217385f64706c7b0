from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from scripted_server import Script, completion, failing, scripted
from tiny_models import turn

from doxa.backend import Answer, Request, Thought, load
from doxa.backend.server.chat import messages_of, share_schema
from doxa.errors import ModelError

SHARES = (200, {}, completion('{"1": 40, "2": 60}'))
ASKED = [Request(turn(item, reply_start="{"), "shares", ("1", "2")) for item in range(2)]


def test_a_turn_is_sent_as_messages_and_no_reply_is_begun() -> None:
    found = json.dumps(messages_of(turn(reply_start="Answer: ")))
    assert [one["role"] for one in messages_of(turn())] == ["system", "user"]
    assert "Answer: " not in found
    assert len(messages_of(turn(system=""))) == 1


def test_a_schema_asks_for_whole_numbers_of_every_label() -> None:
    schema = share_schema(("1", "2"))["json_schema"]["schema"]
    assert schema["required"] == ["1", "2"]
    assert {one["type"] for one in schema["properties"].values()} == {"integer"}


@pytest.mark.parametrize(
    ("status", "formats"),
    [
        (200, ["json_schema", "json_schema"]),
        (400, ["json_schema", "json_object", "json_object"]),
        (422, ["json_schema", "json_object", "json_object"]),
    ],
)
def test_a_server_without_schemas_is_asked_for_json(status: int, formats: list[str]) -> None:
    first = SHARES if status == 200 else failing(status)
    with scripted(first, SHARES) as address:
        backend = load("m", backend="openai_server", server=address)
        answers = [answer.text for _, answer in backend.ask(ASKED)]
        backend.close()
        assert [body["response_format"]["type"] for body in Script.seen] == formats
    assert answers == ['{"1": 40, "2": 60}'] * 2


def thoughtful(content: str, **more: object) -> tuple[int, dict[str, str], dict[str, Any]]:
    found = completion(content)
    found["choices"][0]["message"] |= more
    found["usage"]["completion_tokens_details"] = {"reasoning_tokens": 7}
    return (200, {}, found)


def answers(*replies: Any, thought: Thought | None = None, kind: str = "shares") -> list[Answer]:
    asked = [replace(one, kind=kind, thought=thought) for one in ASKED]  # type: ignore[arg-type]
    with scripted(*replies) as address:
        backend = load("m", backend="openai_server", server=address, pause=0.01)
        found = [answer for _, answer in backend.ask(asked)]
        backend.close()
    return found


def test_a_model_is_told_not_to_think_and_to_think() -> None:
    answers(SHARES)
    for body in Script.seen:
        assert body["chat_template_kwargs"]["enable_thinking"] is False
        assert body["reasoning_effort"] == "none"
    [found, _] = answers(thoughtful("{}", reasoning="One?"), thought=Thought(50, 0.5, 2**40))
    for body in Script.seen:
        assert body["chat_template_kwargs"]["enable_thinking"] is True
        assert body["reasoning_effort"] == "low"
        assert body["max_tokens"] > 50
        assert (body["temperature"], body["seed"]) == (0.5, 2**40 % 2**31)
    assert (found.thought, found.thought_status, found.thought_tokens) == ("One?", "closed", 7)


@pytest.mark.parametrize(
    ("refused", "taken"),
    [
        (0, {"chat_template_kwargs", "reasoning_effort"}),
        (1, {"chat_template_kwargs"}),
        (2, {"reasoning_effort"}),
        (3, set()),
    ],
)
def test_a_server_is_told_by_the_switch_that_it_takes(refused: int, taken: set[str]) -> None:
    found = answers(*[failing(400)] * refused, SHARES, kind="text")
    assert [answer.text for answer in found] == ['{"1": 40, "2": 60}'] * 2
    assert len(Script.seen) == refused + 2
    for body in Script.seen[refused:]:
        assert {"chat_template_kwargs", "reasoning_effort"} & body.keys() == taken


@pytest.mark.parametrize(
    ("budget", "effort"), [(1, "low"), (1024, "low"), (1025, "medium"), (8193, "high")]
)
def test_a_budget_is_told_as_an_effort(budget: int, effort: str) -> None:
    answers(thoughtful("{}", reasoning="One?"), thought=Thought(budget))
    assert {body["reasoning_effort"] for body in Script.seen} == {effort}


@pytest.mark.parametrize(
    "reply",
    [
        thoughtful("2", reasoning_content="One or two?"),
        thoughtful("<think>One or two?</think>2"),
        thoughtful("<|channel|>analysis<|message|>One or two?"),
        thoughtful("2"),
    ],
)
@pytest.mark.parametrize("kind", ["shares", "text", "options"])
def test_a_model_that_thinks_although_told_not_to_ends_the_run(reply: Any, kind: str) -> None:
    with pytest.raises(ModelError, match="think first with --reasoning"):
        answers(reply, kind=kind)


def test_options_are_not_read_from_the_token_that_opens_a_thought() -> None:
    inside = (200, {}, completion("", {"<think>": 0.9, "1": 0.05, "2": 0.04}))
    with pytest.raises(ModelError, match="lets its model think"):
        answers(inside, kind="options")


def test_a_reply_that_is_only_a_thought_is_no_answer() -> None:
    only = completion('<think>{"1": 40, "2": 60} or')
    only["choices"][0]["finish_reason"] = "length"
    [found, _] = answers((200, {}, only), thought=Thought(50))
    assert (found.text, found.finish, found.thought_status) == ("", "length", "cut")
    assert found.thought == '{"1": 40, "2": 60} or'
    [found, _] = answers(SHARES, thought=Thought(50))
    assert found.thought_status == "unknown"


def test_a_text_that_a_chat_end_point_writes_is_begun_by_nobody() -> None:
    assert [one.begun for one in answers(SHARES, SHARES, kind="text")] == [False, False]
