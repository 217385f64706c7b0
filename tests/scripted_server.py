"""A server on loopback that gives prepared replies and keeps what it was sent."""

from __future__ import annotations

import http.server
import json
import math
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator


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


class Script(http.server.BaseHTTPRequestHandler):
    """Answers from a list of (status, headers, body); the last one is repeated."""

    replies: ClassVar[list[tuple[int, dict[str, str], dict[str, Any]]]] = []
    seen: ClassVar[list[dict[str, Any]]] = []
    delay: ClassVar[float] = 0.0

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.seen.append(json.loads(self.rfile.read(length)))
        status, headers, body = self.replies[min(len(self.seen), len(self.replies)) - 1]
        time.sleep(self.delay)
        data = json.dumps(body).encode()
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            # the client did not wait
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def scripted(*replies: tuple[int, dict[str, str], dict[str, Any]]) -> Iterator[str]:
    Script.replies, Script.seen, Script.delay = list(replies), [], 0.0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def failing(status: int, said: str = "no") -> tuple[int, dict[str, str], dict[str, Any]]:
    return status, {}, {"error": {"message": said}}
