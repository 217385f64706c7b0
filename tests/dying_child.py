"""For tests: a process that answers, prints, dies or sleeps, as it is told."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from doxa.backend.child import serve

if TYPE_CHECKING:
    from collections.abc import Iterator


def answer(question: tuple[Any, ...]) -> Iterator[Any]:
    what, *values = question
    if what == "print":
        os.write(1, b"to the output\n")
        sys.stdout.write("to the output, too\n")
    elif what == "assert":
        os.write(2, b"chatter\n/far/away/ggml.c:12: GGML_ASSERT(1 == 2) failed\nmore\n")
        os.abort()
    elif what == "signal":
        os.kill(os.getpid(), values[0])
    elif what == "raise":
        raise values[0]
    elif what == "half":
        os.write(ANSWERS, b'["val')
        os._exit(3)
    elif what == "sleep":
        time.sleep(values[0])
    elif what == "interrupts":
        yield signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    yield from values if what == "echo" else ()


ANSWERS = 1


def main() -> None:
    global ANSWERS
    ANSWERS = os.dup(1)
    serve(answer)
