"""Connections: bounds on time and size, tries, waits, and what is told of a failure."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from odd_replies import KINDS
from scripted_server import Raw, Script, completion, failing, replying, scripted

from doxa.backend.server import connection as module
from doxa.backend.server.address import Address
from doxa.backend.server.connection import LARGEST, Connection, _seconds
from doxa.backend.server.fault import FaultError

if TYPE_CHECKING:
    from collections.abc import Iterator

GOOD = (200, {}, completion("2"))


def posted(server: str, key_name: str = "OPENAI_API_KEY", **options: Any) -> dict[str, Any]:
    options = {"timeout": 5.0, "tries": 3, "pause": 0.01, "parallel": 1} | options
    connection = Connection(Address(server, key_name), **options)
    try:
        return connection.submit(connection.post("chat/completions", {"a": 1})).result()
    finally:
        connection.close()


def fault(*replies: Any, **options: Any) -> FaultError:
    with scripted(*replies) as address, pytest.raises(FaultError) as caught:
        posted(address, **options)
    assert len(caught.value.reason.splitlines()) == 1
    return caught.value


def test_the_address_s_query_and_the_key_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "right")
    with scripted(GOOD) as address:
        assert posted(f"{address}?region=eu", "MY_KEY")["choices"]
        assert Script.paths_seen == ["/v1/chat/completions?region=eu"]
        assert Script.headers_seen[0]["Authorization"] == "Bearer right"
    with scripted(GOOD) as address:
        posted(address.replace("//", "//me:pw@"), "MY_KEY")
        assert Script.headers_seen[0]["Authorization"] == "Basic bWU6cHc="


@pytest.mark.parametrize("status", [408, 429, 500, 503, 599])
def test_what_may_pass_is_tried_again(status: int) -> None:
    with scripted(failing(status), failing(status), GOOD) as address:
        assert posted(address)["choices"]
        assert len(Script.seen) == 3
    last = fault(failing(status, "out of\nmemory"))
    assert (last.reason, last.reach) == ("failed: out of memory, 3 times", "passing")


@pytest.mark.parametrize(
    ("reply", "reach", "said"),
    [
        (failing(400), "reply", "refuses the request: no"),
        (failing(401), "all", "refuses the API key: correct OPENAI_API_KEY"),
        (failing(403), "server", "refuses the API key, or the request: correct OPENAI_API_KEY"),
        (failing(404), "server", "has no such model, or the address is wrong; it says: no"),
        ((302, {"Location": "/login"}, {}), "server", "sends requests on to /login, and prompts"),
        (replying("<html>"), "reply", "sent something else than JSON: <html>"),
        (replying("["), "reply", "sent something else than JSON: ["),
        (replying("[" * 10**5), "reply", "sent something else than JSON: [[["),
        (replying("[1]"), "reply", "sent JSON that is no object: [1]"),
        (replying(b"\xff\xfe\xfd"), "reply", "sent something else than JSON"),
        (replying({"error": {"message": "full"}}), "reply", "refuses the request: full"),
        (Raw((b"HTTP/1.1 204 No Content\r\n\r\n",)), "reply", "sent an empty reply"),
        (replying("x", "Content-Encoding: gzip"), "reply", "compressed its reply, although"),
    ],
)
def test_what_cannot_pass_is_not_tried_again(reply: Any, reach: str, said: str) -> None:
    with scripted(reply) as address:
        with pytest.raises(FaultError) as caught:
            posted(address)
        assert len(Script.seen) == 1
    assert caught.value.reach == reach
    assert caught.value.reason.startswith(said)


def test_prompts_are_not_sent_on_to_another_host() -> None:
    with scripted(GOOD) as other:
        moved = (307, {"Location": f"{other}/x?token=hunter2"}, {})
        # the same handler class serves both; the second server must see nothing
        reason = fault(moved).reason
        assert "prompts are not sent there" in reason
        assert "hunter2" not in reason


def test_a_body_is_read_up_to_its_limit() -> None:
    padding = "x" * (LARGEST - 40)
    with scripted(replying({"choices": padding})) as address:
        assert posted(address)["choices"] == padding
    for name in ("huge", "endless", "endless_chunks", "endless_spaces"):
        reply = KINDS[name].make(None, {})  # type: ignore[arg-type]
        assert fault(reply, tries=1).reason == f"sent more than {LARGEST} bytes"


@pytest.mark.parametrize("name", ["silent", "slow", "endless_interim", "upgrade", "endless_tiny"])
def test_the_time_of_a_reply_is_limited_as_a_whole(name: str) -> None:
    start = time.monotonic()
    reply = KINDS[name].make(None, {})  # type: ignore[arg-type]
    last = fault(reply, tries=2, timeout=0.3)
    assert last.reach in ("passing", "reply")
    assert time.monotonic() - start < 5


def test_what_is_left_over_of_a_reply_is_not_read_as_the_next_one() -> None:
    [good], [stale] = (replying({"choices": name}).steps for name in ("good", "stale"))
    assert isinstance(good, bytes)
    assert isinstance(stale, bytes)

    async def several(connection: Connection) -> list[Any]:
        return [(await connection.post("chat/completions", {}))["choices"] for _ in range(3)]

    with scripted(Raw((good + stale,), holds=True)) as address:
        connection = Connection(Address(address), parallel=1, timeout=5, tries=1, pause=0)
        assert connection.submit(several(connection)).result() == ["good"] * 3
        connection.close()


def test_a_server_that_is_not_there_differs_from_one_that_breaks_off() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(FaultError, match="cannot be reached: start it, or correct") as caught:
        posted(f"http://127.0.0.1:{port}/v1")
    assert caught.value.reach == "all"
    broken = fault(Raw(()))
    assert broken.reach == "passing"
    assert broken.reason.startswith("broke off, or sent something else than HTTP")


def test_a_server_that_goes_away_is_waited_for_and_then_ends_the_run() -> None:
    with scripted(GOOD) as address:
        connection = Connection(Address(address), parallel=1, timeout=5, tries=3, pause=0.01)
        connection.submit(connection.post("x", {})).result()
    start = time.monotonic()
    with pytest.raises(FaultError, match=r"cannot be reached.*, 3 times") as caught:
        connection.submit(connection.post("x", {})).result()
    assert caught.value.reach == "all"
    assert time.monotonic() - start >= 0.03
    connection.close()


@pytest.fixture
def untrusted() -> Iterator[str]:
    """A server whose certificate nobody knows: the handshake fails on it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(1000)
                connection.sendall(b"\x15\x03\x01\x00\x02\x02\x28")  # alert: handshake failure

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_errors_of_tls_are_told_as_such(untrusted: str) -> None:
    with pytest.raises(FaultError, match=r"cannot be reached over TLS: .*handshake") as caught:
        posted(untrusted)
    assert caught.value.reach == "all"
    with (
        scripted(GOOD) as address,
        pytest.raises(FaultError, match=r"cannot be reached over TLS: .*; try http://"),
    ):
        posted(address.replace("http:", "https:"))


def test_a_certificate_that_is_not_trusted_is_told() -> None:
    connection = Connection(Address("https://h/v1"), parallel=1, timeout=5, tries=1, pause=0)
    cause = ssl.SSLCertVerificationError("x")
    cause.verify_message = "self-signed certificate"
    error = connection._http.ConnectError("x")
    error.__cause__ = cause
    assert connection._broken(error).reason == (
        "has a certificate that is not trusted: self-signed certificate"
    )
    connection.close()


def test_a_key_that_a_server_echoes_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    for status in (400, 403, 404, 500, 200):
        said = {"error": {"message": f"no {'x' * 185} key sk-canary"}}
        assert "canary" not in fault((status, {}, said), tries=1).reason
    assert "canary" not in fault((307, {"Location": "http://x/sk-canary"}, {})).reason


def test_what_a_server_says_cannot_steer_the_terminal() -> None:
    assert fault(failing(400, "\x1b[2Jno\r\n\u202ewhy")).reason == (
        "refuses the request: [2Jno why"
    )


def test_the_wait_that_a_server_asks_for_is_kept() -> None:
    patient = (429, {"Retry-After": "0.3"}, {"error": {"message": "slow down"}})
    with scripted(patient, GOOD) as address:
        start = time.perf_counter()
        assert posted(address)["choices"]
        assert time.perf_counter() - start >= 0.3


@pytest.mark.parametrize("asked", ["inf", "1e9", "3600"])
def test_a_long_wait_is_capped_and_announced(
    asked: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(module, "_TOLD", 0.05)
    busy = (503, {"Retry-After": asked}, {})
    with scripted(busy, GOOD) as address, caplog.at_level(logging.WARNING, "doxa"):
        assert posted(address)["choices"]
    assert len(caplog.messages) == 1
    assert f"is busy: waiting 0 s (it asks for {float(asked):.0f} s) before" in caplog.messages[0]


def test_the_header_retry_after() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert 90 < _seconds(soon) <= 100
    for nothing in ("", "soon", "nan", "-5", "Wed, 21 Oct 2015 07:28:00 GMT", "9" * 10**5 + "x"):
        assert _seconds(nothing) == 0


@pytest.mark.alone
def test_cancelling_and_closing_stop_a_silent_server_at_once() -> None:
    with scripted(Raw((), holds=True)) as address:
        connection = Connection(Address(address), parallel=1, timeout=60, tries=1, pause=0)
        future = connection.submit(connection.post("x", {}))
        limit = time.monotonic() + 5
        while not Script.seen and time.monotonic() < limit:
            time.sleep(0.01)
        start = time.monotonic()
        connection.close()
        connection.close()
        assert time.monotonic() - start < 0.9
        assert future.cancelled() or isinstance(future.exception(), asyncio.CancelledError)
