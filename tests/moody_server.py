"""A server that answers every request in one way, and that can be slow or lie."""

from __future__ import annotations

import hashlib
import http.server
import json
import random
import re
import time
from typing import Any, ClassVar

from scripted_server import completion

LIES: tuple[tuple[int, str], ...] = (
    *((200, ""), (200, "<html>"), (200, "[]"), (200, "{}"), (200, '{"choices": []}'), (204, "")),
    *((200, '{"choices": [{"message": null}]}'), (500, "{}"), (503, "no"), (302, "")),
)
OPTION = re.compile(r"^(\d+) ?[:：.)]", re.MULTILINE)


class Model(http.server.BaseHTTPRequestHandler):
    """A server whose honest answer to a request is always the same."""

    mood: ClassVar[str] = "honest"
    chance: ClassVar[random.Random] = random.Random(1)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.path.endswith("/chat/completions"):
            self.send_error(404)
            return
        status, text = 200, json.dumps(honest(body))
        if self.mood == "slow":
            time.sleep(self.chance.random() * 0.4)
        elif self.mood == "lying" and self.chance.random() < 0.5:
            status, text = self.chance.choice(LIES)
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())
        except OSError:
            self.close_connection = True  # the command was killed

    def log_message(self, *_: object) -> None:
        pass


def honest(body: dict[str, Any]) -> dict[str, Any]:
    prompt = body["messages"][-1]["content"]
    labels = list(dict.fromkeys(OPTION.findall(prompt))) or ["1", "2"]
    seed = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).digest()
    if "response_format" not in body:
        return completion(labels[seed[0] % len(labels)])
    shares = [1 + byte % 20 for byte in seed[: len(labels)]]
    shares[-1] += 100 - sum(shares)
    return completion(json.dumps(dict(zip(labels, shares, strict=True))))
