from __future__ import annotations

import json
import logging
import threading
import time
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from scripted_server import completion
from tiny_models import turn

from doxa.backend import Answer, Request, load
from doxa.backend.server import member as members
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Server:
    """A chat end point that can be slow, down, or of another model."""

    def __init__(self, *, delay: float = 0.0, serves: str = "") -> None:
        self.delay, self.serves, self.port = delay, serves, 0
        self.answered = 0
        self.dies_after = 10**9
        self.poison, self.revives = "", False
        self.status = 200
        self._http: ThreadingHTTPServer | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if server.serves and self.path == "/props":
                    props = {"default_generation_settings": {}, "chat_template": server.serves}
                    self.put(200, props)
                else:
                    self.put(404, {})

            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                if not self.path.endswith("chat/completions"):
                    self.put(404, {})
                    return
                time.sleep(server.delay)
                if server.answered >= server.dies_after or (
                    server.poison and server.poison in data.decode()
                ):
                    server.dies_after = 10**9 if server.revives else 0
                    self.close_connection = True
                    return
                server.answered += 1
                self.put(server.status, completion("2"))

            def put(self, status: int, body: Any) -> None:
                sent = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._http.server_port
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()

    def stop(self) -> None:
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None


@contextmanager
def running(*servers: Server) -> Iterator[tuple[str, ...]]:
    with ExitStack() as stack, mock.patch.object(members, "_FIRST_REST", 0.1):
        for server in servers:
            server.start()
            stack.callback(server.stop)
        yield tuple(server.address for server in servers)


def asked(addresses: Sequence[str], n: int = 12, **options: Any) -> list[tuple[Request, Answer]]:
    backend = load("m", backend="openai_server", server=tuple(addresses), pause=0.01, **options)
    try:
        return list(backend.ask(Request(turn(item), "text", max_tokens=4) for item in range(n)))
    finally:
        backend.close()


def of(pairs: Sequence[tuple[Request, Answer]], server: Server) -> int:
    return sum(answer.server.startswith(server.address) for _, answer in pairs)


def test_each_server_has_its_own_pace_and_each_answer_names_its_server() -> None:
    slow, quick = Server(delay=0.2), Server(delay=0.01)
    with running(slow, quick) as addresses:
        got = asked(addresses, 24)
    assert len({request for request, _ in got}) == 24
    assert of(got, slow) + of(got, quick) == 24
    assert of(got, slow) >= 1
    assert of(got, quick) > 2 * of(got, slow)


def test_one_that_fails_is_set_aside_and_its_requests_go_to_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    dying, good = Server(), Server(delay=0.02)
    dying.dies_after = 3
    with running(dying, good) as addresses, caplog.at_level(logging.WARNING, "doxa"):
        got = asked(addresses, 30, tries=1, parallel=2)
    assert sorted(request.turn.user for request, _ in got) == sorted(
        turn(n).user for n in range(30)
    )
    assert {answer.finish for _, answer in got} == {"stop"}
    assert of(got, dying) <= 3


# cancelling a connection that is just being made leaves a coroutine of its library unawaited
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_one_that_was_away_at_first_is_asked_when_it_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    late, good = Server(), Server(delay=0.05)
    with running(good), caplog.at_level(logging.WARNING, "doxa"):
        late.start()
        late.stop()
        backend = load("m", backend="openai_server", server=(late.address, good.address))
        late.start()
        try:
            wanted = (Request(turn(item), "text", max_tokens=4) for item in range(60))
            got = list(backend.ask(wanted))
        finally:
            backend.close()
            late.stop()
    assert len(got) == 60
    assert of(got, late) >= 1
    assert any(
        "cannot be reached" in line and "trying it again in" in line for line in caplog.messages
    )
    assert any("is back: a chat end point" in line for line in caplog.messages)


def test_the_run_ends_in_one_line_when_all_are_gone() -> None:
    first, second = Server(), Server()
    first.dies_after, second.dies_after = 3, 5
    with (
        running(first, second) as addresses,
        pytest.raises(ModelError, match="requests in a row") as caught,
    ):
        asked(addresses, 200, tries=1, parallel=2)
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelError, match=r"none of 2 servers can be asked; the last: .* start it"):
        asked([first.address, second.address])


def test_servers_of_different_models_are_refused() -> None:
    one, other = Server(serves="a{{ messages[-1].content }}"), Server(serves="b")
    with (
        running(one, other) as addresses,
        pytest.raises(ModelError, match="do not serve the same model in the same way") as caught,
    ):
        asked(addresses)
    assert one.address in str(caught.value)
    assert "\n" not in str(caught.value)


def test_keys_do_not_depend_on_which_server_answers() -> None:
    one, other = (
        Server(serves="a{{ messages[-1].content }}"),
        Server(serves="a{{ messages[-1].content }}"),
    )
    cards = []
    with running(one, other) as addresses:
        for named in (addresses[:1], addresses[1:], addresses):
            backend = load("m", backend="openai_server", server=tuple(named))
            cards.append(backend.card)
            backend.close()
    assert cards[0] == cards[1] == cards[2]


def test_a_request_that_makes_servers_fail_is_given_up() -> None:
    servers = [Server(delay=0.02) for _ in range(4)]
    for server in servers:
        server.poison = "Item 3:"
    with running(*servers) as addresses:
        for server in servers:
            server.revives = True
        got = dict(asked(addresses, 40))
    bad = [request.turn.user[:7] for request, answer in got.items() if answer.finish == "error"]
    assert len(got) == 40
    assert bad == ["Item 3:"]
