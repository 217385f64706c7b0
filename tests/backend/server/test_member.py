from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scripted_server import completion, scripted
from tiny_models import turn

from doxa.backend import Request
from doxa.backend.server.address import Address
from doxa.backend.server.fault import FaultError
from doxa.backend.server.member import Member
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator


def made(address: str, most: int = 8) -> Member:
    how = {"timeout": 5.0, "tries": 1, "pause": 0.0}
    return Member(Address(address), "m", most=most, bounds=False, alone=True, **how)  # type: ignore[arg-type]


@pytest.fixture
def member() -> Iterator[Member]:
    with scripted((200, {}, completion("2"))) as address:
        one = made(address)
        one.connect()
        yield one
        one.close()


def test_the_pace_is_halved_by_a_busy_server_and_grows_with_answers(member: Member) -> None:
    request = Request(turn(), "text", max_tokens=3)
    futures = [member.ask(request) for _ in range(4)]
    assert {future.result().text for future in futures} == {"2"}
    assert member.free == 0.5
    member.failed(FaultError("was busy", "passing"))
    assert member.free == 0
    member.running = 0
    member.failed(FaultError("sent nonsense", "reply"))
    for _ in range(100):
        member.answered()
    member.running = 4
    assert member.free == 0.5


def test_rests_grow_until_it_answers(member: Member) -> None:
    assert [member.set_aside() for _ in range(3)] == [5.0, 10.0, 20.0]
    assert (member.up, member.free, member.due) == (False, 0.0, False)
    endpoint = member.try_again().result()
    member.back(endpoint)
    assert (member.up, member.free) == (True, 1.0)
    member.answered()
    assert member.set_aside() == 5.0


def test_a_server_that_cannot_be_reached_is_named() -> None:
    one = made("http://127.0.0.1:1/v1")
    with pytest.raises(ModelError, match=r"the server at http://127.0.0.1:1/v1/ cannot be reached"):
        one.connect()
    one.close()
