"""Where the commands print: consoles, command groups, progress, what a recording lacks."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich import progress as bars
from rich.console import Console
from rich.segment import Segment

from doxa.cli.interrupt import STOPPED, stop
from doxa.evaluate import people_facts
from doxa.evaluate.people import counts_behind
from doxa.outside.quoting import shown
from doxa.run.parts import gaps
from doxa.run.progress import Advance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl
    from rich.console import ConsoleOptions, RenderableType
    from rich.text import Text

    from doxa.evaluate import Evaluation
    from doxa.recorded import Recording
    from doxa.run.loop import Progress
    from doxa.store import Store

__all__ = [
    "plain_app",
    "progress",
    "put",
    "say_gaps",
    "say_notices",
    "say_people",
    "say_unscored",
    "stderr",
    "stdout",
]


class _PlainConsole(Console):
    """A console that takes text for text: no markup, no emoji, no controls but its own."""

    def __init__(self, *, stderr: bool = False, highlight: bool = True) -> None:
        super().__init__(
            stderr=stderr, soft_wrap=True, highlight=highlight, markup=False, emoji=False
        )

    def render_str(self, text: str, **options: Any) -> Text:
        # before a table measures it
        return super().render_str(shown(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(shown(segment.text), segment.style)


stdout = _PlainConsole()
stderr = _PlainConsole(stderr=True, highlight=False)


def put(text: str) -> None:
    """Write data to stdout; controls in it are written as escapes, as JSON has them."""
    sys.stdout.write(shown(text))


def plain_app(description: str) -> typer.Typer:
    """Make a command group that shows its help when called alone."""
    return typer.Typer(
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help=description,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


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


def say_notices(store: Store) -> None:
    """Say what is to be known about a run's file."""
    for notice in store.notices:
        stderr.print(notice)
    for gap in gaps(store.metadata):
        stderr.print(f"{store.path}: {gap}")


def say_gaps(recordings: Iterable[Recording]) -> None:
    """Print what was left out of recordings, and what is unknown about them."""
    for recording in recordings:
        for what, which in recording.left_out.items():
            stderr.print(f"{recording.name}: left out: {what}: {which}", markup=False)
        for what, which in recording.unknown.items():
            stderr.print(f"{recording.name}: not known: {what}: {which}", markup=False)


def say_people(evaluation: Evaluation, over_waves: pl.DataFrame | None = None) -> None:
    """Print whose answers the scores are against, and what rounding and bounds can do to them.

    A table over waves has countries and waves of its own: the ones that it names.
    """
    counts, wave = evaluation.counts, evaluation.settings.wave
    if over_waves is not None:
        counts, wave = counts_behind(counts, over_waves), None
    for what, which in people_facts(counts, wave, evaluation.bank).items():
        stderr.print(f"{what}: {which}", markup=False)
    if counts["n"].null_count() and evaluation.rounding:
        of = "" if over_waves is None else f" of wave {evaluation.settings.wave}"
        stderr.print(
            f"published shares{of} are rounded, most to 0.1 %: a score is off by at most "
            f"{evaluation.rounding:.4f}",
            markup=False,
        )
    if evaluation.bounds:
        stderr.print(
            "some of the model's shares are known within bounds only: a score is off by at most "
            f"{evaluation.bounds:.4f}",
            markup=False,
        )


def say_unscored(evaluation: Evaluation) -> None:
    """Print which replies are in no score because their country has no human counts."""
    for target, n in evaluation.unscored.items():
        stderr.print(
            f"in no score: {n} replies steered towards {target}, which the human counts lack in "
            "the wave that is scored: bring its counts with --human",
            markup=False,
        )
