from __future__ import annotations

import json

import pytest
from scripted_server import Script, completion, failing, scripted
from tiny_models import turn

from doxa.backend import Request, load
from doxa.backend.server.chat import messages_of, share_schema

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
