"""A process of doxa's own, for work that may crash, hang or fill the memory.

Both sides are here: `Child` starts the process and asks it, `serve` answers in it. What is asked
goes there pickled. What comes back is JSON, because the process may have read a hostile file.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from doxa.errors import DoxaError, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

__all__ = ["Child", "CrashError", "limit", "serve"]

_WAKE: Final = 0.2
"""Seconds after which a wait looks for Ctrl-C, for libraries keep it from ending the wait."""

_LAST_WORDS: Final = 4096
"""How many of the last bytes that a dead process wrote are read."""

_TOLD: Final = ("GGML_ASSERT", "what():", "Error", "error")
"""What a line contains that says why a process died, the surest first."""


class CrashError(Exception):
    """A child process has died, or was stopped at its time limit; the text says why."""


class Child:
    """A process that runs the function ``main`` of a module of doxa, which calls `serve`.

    Its standard output and error never reach the user's. It ends with this process, however this
    one ends.

    Parameters
    ----------
    module : str
        The module's name.
    seconds : float, optional
        How long an answer may take. Default: for ever.
    """

    def __init__(self, module: str, *, seconds: float | None = None) -> None:
        self._seconds = seconds
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        # it finds modules where this process does, and not in the working folder before all others
        found = [path or str(Path.cwd()) for path in sys.path]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from {module} import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            # an abort would start a debugger, which prints to the terminal
            env={**os.environ, "PYTHONPATH": os.pathsep.join(found), "GGML_NO_BACKTRACE": "1"},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._questions, answers = self._process.stdin, self._process.stdout
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        self._listener = Thread(target=self._listen, args=(answers,), daemon=True)
        self._listener.start()

    def ask(self, question: Any) -> Iterator[Any]:
        """Yield what `serve` is given to yield for a question; take all of it before the next.

        Raises
        ------
        CrashError
            The process died, or took too long; it is closed.
        ModelError
            It raised an error of doxa.
        """
        with suppress(OSError):  # it has died: the wait for its answer says why
            pickle.dump(question, self._questions)
            self._questions.flush()
        while True:
            kind, value = self._next()
            if kind == "end":
                return
            if kind == "error":
                raise ModelError(value)
            yield value

    def close(self) -> None:
        """End the process now."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._listener.join()
        with suppress(OSError):  # what was not sent is lost, as it should be
            self._questions.close()
        self._errors.close()

    def _listen(self, answers: BinaryIO) -> None:
        with answers:
            for line in answers:
                self._lines.put(line)
        self._lines.put(b"")

    def _next(self) -> tuple[str, Any]:
        end = time.monotonic() + self._seconds if self._seconds is not None else None
        while True:
            try:
                line = self._lines.get(timeout=_WAKE)
            except Empty:
                if end is not None and time.monotonic() > end:
                    self.close()
                    raise CrashError(f"stopped after {self._seconds:.0f} s") from None
                continue
            try:
                kind, value = json.loads(line)
            except ValueError:  # the process has died, perhaps in the middle of a line
                raise CrashError(self._why()) from None
            return kind, value

    def _why(self) -> str:
        """Say why the process died, and close it."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        code = self._process.returncode
        self._errors.seek(max(0, os.fstat(self._errors.fileno()).st_size - _LAST_WORDS))
        words = self._errors.read().decode("utf-8", "replace")
        self.close()
        lines = [" ".join(line.split()) for line in words.splitlines() if line.strip()]
        said = next((line for word in _TOLD for line in lines if word in line), "")
        if code is not None and code < 0:
            with suppress(ValueError):
                name = signal.Signals(-code).name
                name += " (out of memory?)" if name == "SIGKILL" and not said else ""
                return f"{name}: {_short(said)}" if said else name
        return _short(said or (lines[-1] if lines else f"exit status {code}"))


def _short(line: str) -> str:
    """Shorten a line, and leave out the folder of the source that it names."""
    first, _, rest = line.partition(": ")
    if rest and "/" in first:
        line = f"{first.rsplit('/', 1)[-1]}: {rest}"
    return line if len(line) <= 200 else f"{line[:200]}…"


def serve(answer: Callable[[Any], Iterable[Any]]) -> None:
    """Answer the questions of the process that started this one, and end with it.

    Parameters
    ----------
    answer : callable
        Takes a question, and yields values that JSON can hold. An error of doxa is handed on.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the other process
    limit("RLIMIT_CORE", 0)
    # what a library prints goes with the errors, not among the answers
    output = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    questions: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_take, args=(questions,), daemon=True).start()

    def tell(kind: str, value: Any = None) -> None:
        output.write(json.dumps((kind, value)) + "\n")
        output.flush()

    while True:
        question = questions.get()
        try:
            for value in answer(question):
                tell("value", value)
        except DoxaError as error:
            tell("error", str(error))
        except BaseException:
            traceback.print_exc()
            os._exit(1)  # at an ordinary end Python would wait for the thread
        else:
            tell("end")


def limit(what: str, most: int) -> None:
    """Limit what this process may take, where the system can.

    Parameters
    ----------
    what : str
        A name of the module ``resource``, which Windows lacks.
    most : int
        The limit; a lower one that is there already stays.
    """
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(getattr(resource, what))
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(getattr(resource, what), (most, hard))


def _take(questions: SimpleQueue[Any]) -> None:
    """Take questions until there are no more: the other process has ended, so end at once."""
    with suppress(EOFError):
        while True:
            questions.put(pickle.load(sys.stdin.buffer))
    os._exit(0)
