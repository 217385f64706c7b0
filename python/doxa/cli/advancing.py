"""How far a run is: a bar on a terminal, a line every two seconds elsewhere."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich import progress as bars

from doxa.cli.console import stderr
from doxa.cli.interrupt import STOPPED, stop
from doxa.run.course import Course
from doxa.run.progress import Advance, duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.run.loop import Progress

__all__ = ["progress"]

EVERY = 2.0
"""Seconds between two lines."""


@contextmanager
def progress(what: str, how_to_go_on: str, course: Course | None = None) -> Iterator[Progress]:
    """Show progress with the time left; on Ctrl-C say how to go on, and exit with status 130."""
    shown = _Shown(what, course)
    try:
        try:
            shown.ticker.start()
            yield shown.tell
        finally:
            shown.end()
    except KeyboardInterrupt:
        stop(f"stopped; every reply so far is kept: {how_to_go_on} goes on from here")
        raise typer.Exit(STOPPED) from None


class _Shown:
    """What is shown: also while nothing comes, by a thread of its own."""

    def __init__(self, what: str, course: Course | None) -> None:
        self._what = what
        self._course = course
        self._began = time.monotonic()
        self._first: int | None = None
        self._told = (0, 0, 0.0)
        self._ended = threading.Event()
        self.ticker = threading.Thread(target=self._tick, daemon=True, name="progress")
        self._bar = bars.Progress(
            bars.TextColumn("{task.description}", markup=False),
            bars.BarColumn(),
            bars.TextColumn("{task.fields[said]}", markup=False),
            console=stderr,
            disable=not stderr.is_terminal,
        )
        self._task = self._bar.add_task(what, total=None, said="")

    def tell(self, done: int, total: int, seconds: float) -> None:
        """Take note of replies; the last one is said at once."""
        if self._first is None:
            self._first, self._began = done, time.monotonic()
        self._told = done, total, seconds
        if stderr.is_terminal or done == total:
            self._say()

    def end(self) -> None:
        """Show no more."""
        self._ended.set()
        if self.ticker.ident is not None:
            self.ticker.join(1.0)
        self._bar.stop()

    def _tick(self) -> None:
        while not self._ended.wait(EVERY):
            self._say()

    def _say(self) -> None:
        (done, total, _), said = self._told, self._words()
        if not stderr.is_terminal:
            stderr.print(f"{self._what}: {said}")
        elif self._first is not None or (self._course and self._course.doing):
            # not before: a download has a bar of its own
            self._bar.start()
            self._bar.update(self._task, completed=done, total=total or None, said=said)

    def _words(self) -> str:
        waited = duration(time.monotonic() - self._began)
        if self._first is None:
            doing = self._course.doing if self._course else ""
            return f"{doing or 'getting ready'}, {waited} so far"
        done, total, seconds = self._told
        advance = Advance.since(self._first, done, total, seconds, self._course)
        if done == self._first and done < total:
            return f"{advance}; the first new one is under way, {waited} so far"
        return str(advance)
