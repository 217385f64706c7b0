"""How far a run is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich import progress as bars

from doxa.cli.console import stderr
from doxa.cli.interrupt import STOPPED, stop
from doxa.run.progress import Advance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.run.loop import Progress

__all__ = ["progress"]


@contextmanager
def progress(what: str, how_to_go_on: str) -> Iterator[Progress]:
    """Show progress with the time left; on Ctrl-C say how to go on, and exit with status 130."""
    bar = bars.Progress(
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TextColumn("{task.fields[rate]}"),
        bars.TimeRemainingColumn(),
        bars.TextColumn("left"),
        console=stderr,
        disable=not stderr.is_terminal,
    )
    task = bar.add_task(what, total=None, rate="")
    last = time.monotonic()
    first: list[int] = []

    def tell(done: int, total: int, seconds: float) -> None:
        nonlocal last
        if not first:
            first.append(done)
            bar.start()  # not before: a download has a bar of its own
        advance = Advance.since(first[0], done, total, seconds)
        bar.update(task, completed=done, total=total, rate=advance.rate)
        if not stderr.is_terminal and (time.monotonic() - last > 10 or done == total):
            last = time.monotonic()
            stderr.print(f"{what}: {advance}")

    try:
        try:
            yield tell
        finally:
            bar.stop()
    except KeyboardInterrupt:
        stop(f"stopped; every reply so far is kept: {how_to_go_on} goes on from here")
        raise typer.Exit(STOPPED) from None
