"""For tests: a worker that dies of prompts with certain marks in them."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doxa.backend.child import serve
from doxa.backend.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from doxa.backend import Request


class Crashing(Worker):
    def expect(self, requests: Sequence[Request]) -> Iterator[Any]:
        if any("UNREADY" in request.turn.ask for request in requests):
            os.abort()
        return super().expect(requests)

    def ask(self, rounds: Sequence[Sequence[Request]]) -> Iterator[Any]:
        for together in rounds:
            for request in together:
                _die_of(request.turn.ask)
            yield from super().ask([together])


def _die_of(text: str) -> None:
    if "ABORT" in text:
        os.abort()
    if "KILL" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "ONCE" in text:
        done = Path(text.split()[text.split().index("ONCE") + 1])
        if not done.exists():
            done.touch()
            os.abort()


def main() -> None:
    serve(Crashing().answer)
