"""A server on loopback that gives prepared replies and keeps what it was sent."""

from __future__ import annotations

import http.server
import json
import math
import select
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Prepared = tuple[int, dict[str, str], dict[str, Any]]


def completion(content: str, top: dict[str, float] | None = None) -> dict[str, Any]:
    scores = [
        {"token": token, "logprob": math.log(share), "bytes": None}
        for token, share in (top or {}).items()
    ]
    found = {"content": [{**scores[0], "top_logprobs": scores}]} if scores else None
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": found}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [choice],
        "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
    }


_OFFERED = ("/tokenize", "/detokenize", "/completion", "/v1/completions")
"""What is asked of a server to find out what it can do."""


@dataclass(frozen=True)
class Raw:
    """A reply byte by byte: bytes are sent, a number is a pause, None a reset of the connection.

    After the last step the connection is closed, or with `holds` left open until the client goes.
    `endless` is sent again and again.
    """

    steps: tuple[bytes | float | None, ...]
    holds: bool = False
    endless: bytes = b""

    def play(self, connection: socket.socket) -> None:
        for step in self.steps:
            if step is None:
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                connection.close()
                return
            if isinstance(step, float):
                # a client that has gone can be read from
                if select.select([connection], [], [], step)[0]:
                    return
            else:
                connection.sendall(step)
        while self.endless:
            connection.sendall(self.endless)
            # the client runs in the same process and needs its share of the time
            time.sleep(0.001)
        if self.holds:
            select.select([connection], [], [], 30)


class Script(http.server.BaseHTTPRequestHandler):
    """Answers from a list of (status, headers, body); the last one is repeated.

    An entry may also be a `Raw`; and `choose`, if it is set, picks the reply to a request.
    """

    replies: ClassVar[list[Prepared | Raw]] = []
    choose: ClassVar[Callable[[dict[str, Any]], Prepared | Raw] | None] = None
    seen: ClassVar[list[dict[str, Any]]] = []
    headers_seen: ClassVar[list[dict[str, str]]] = []
    paths_seen: ClassVar[list[str]] = []
    delay: ClassVar[float] = 0.0
    knows: ClassVar[dict[str, Callable[[dict[str, Any]], Any]]] = {}
    """What it offers besides chats: the reply to what is asked of a path."""

    def do_GET(self) -> None:
        self._offer({})

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        data = self.rfile.read(length)
        if len(data) < length:
            # the client has gone
            return
        asked = json.loads(data)
        path = self.path.partition("?")[0]
        if path in _OFFERED or path in self.knows:
            self._offer(asked)
            return
        self.headers_seen.append(dict(self.headers))
        self.paths_seen.append(self.path)
        self.seen.append(asked)
        if Script.choose is not None:
            reply = Script.choose(asked)
        else:
            reply = self.replies[min(len(self.seen), len(self.replies)) - 1]
        time.sleep(self.delay)
        if isinstance(reply, Raw):
            self.close_connection = True
            with suppress(OSError):
                reply.play(self.connection)
            return
        self._send(*reply)

    def _offer(self, asked: dict[str, Any]) -> None:
        """Answer what is asked of another path; what is not known is not found."""
        found = self.knows.get(self.path.partition("?")[0])
        if found is None:
            self._send(*failing(404, "not found"))
        else:
            reply = found(asked)
            self._send(*(reply if isinstance(reply, tuple) else (200, {}, reply)))

    def _send(self, status: int, headers: dict[str, str], body: dict[str, Any]) -> None:
        sent = json.dumps(body).encode()
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)
        except OSError:
            # the client did not wait
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    # more connections than this at once would be made to wait for a second
    request_queue_size = 256


@contextmanager
def scripted(
    *replies: Prepared | Raw,
    choose: Callable[[dict[str, Any]], Prepared | Raw] | None = None,
    knows: dict[str, Callable[[dict[str, Any]], Any]] | None = None,
) -> Iterator[str]:
    Script.replies, Script.seen, Script.delay, Script.choose = list(replies), [], 0.0, choose
    Script.headers_seen, Script.paths_seen, Script.knows = [], [], knows or {}
    server = _Server(("127.0.0.1", 0), Script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def replying(data: bytes | str | Any, *headers: str, status: str = "200 OK") -> Raw:
    """Make a reply of bytes, a text, or anything that JSON can hold."""
    if not isinstance(data, bytes):
        data = (data if isinstance(data, str) else json.dumps(data)).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", *headers, "", ""]
    return Raw(("\r\n".join(lines).encode() + data,))


def failing(status: int, said: str = "no") -> Prepared:
    return status, {}, {"error": {"message": said}}
