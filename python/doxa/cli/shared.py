"""What the commands share: options, consoles, progress."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from doxa.analysis.parts.settings import BaselineKind
from doxa.errors import InvalidArgumentError
from doxa.survey import read_counts, sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl

    from doxa.recorded import Recording

    Report = Callable[[int, int, float], None]

__all__ = [
    "Baseline",
    "Confidence",
    "Human",
    "Recorded",
    "Resample",
    "Resamples",
    "Runs",
    "Seed",
    "Wave",
    "baseline_of",
    "counts_of",
    "names",
    "plain_app",
    "progress",
    "say_gaps",
    "stderr",
    "stdout",
]

stdout = Console(soft_wrap=True)
stderr = Console(stderr=True, soft_wrap=True, highlight=False)

Human = Annotated[
    Path | None,
    typer.Option(
        help="Human counts: CSV, Parquet or a folder that `doxa survey import` wrote; by default "
        "the sample that comes with doxa."
    ),
]
Wave = Annotated[int, typer.Option(help="The survey's wave.")]
Resample = Annotated[
    str, typer.Option(help="What the bootstrap resamples: items, respondents, replies, or several.")
]
Baseline = Annotated[
    str,
    typer.Option(help="What scores are read against: leave-one-out, pooled, uniform, nearest."),
]
Resamples = Annotated[int, typer.Option(min=1, help="Bootstrap resamples.")]
Confidence = Annotated[float, typer.Option(help="Of the intervals, between 0 and 1.")]
Seed = Annotated[int, typer.Option(min=0, help="Fixes every draw.")]
Runs = Annotated[list[Path] | None, typer.Argument(metavar="RUN...", help="Folders of runs.")]
Recorded = Annotated[
    list[Path] | None,
    typer.Option(
        "--from",
        help="Replies that another program recorded; may be repeated. What kind of file it is "
        "is told from its content.",
    ),
]


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


def counts_of(path: Path | None) -> pl.DataFrame:
    """Read human counts, or take the shipped ones."""
    return sample() if path is None else read_counts(path)


def say_gaps(recording: Recording) -> None:
    """Say what a recording holds that was not taken, and what is not known about it."""
    for what, which in recording.left_out.items():
        stderr.print(f"{recording.name}: left out: {what}: {which}", markup=False)
    for what, which in recording.unknown.items():
        stderr.print(f"{recording.name}: not known: {what}: {which}", markup=False)


def names(text: str) -> list[str]:
    """Split a list at its commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def baseline_of(text: str) -> BaselineKind:
    """Read what scores are read against.

    Raises
    ------
    InvalidArgumentError
        There is no such baseline.
    """
    known: tuple[BaselineKind, ...] = get_args(BaselineKind)
    for kind in known:
        if kind == text.replace("-", "_"):
            return kind
    shown = ", ".join(kind.replace("_", "-") for kind in known)
    raise InvalidArgumentError(f"--baseline {text}: name one of {shown}")


@contextmanager
def progress(what: str, how_to_go_on: str) -> Iterator[Report]:
    """Show progress with the time left; on Ctrl-C say how to go on, and leave with status 130."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=stderr,
        disable=not stderr.is_terminal,
    )
    task = bar.add_task(what, total=None, rate="")
    last = time.monotonic()
    first: list[int] = []

    def report(done: int, total: int, seconds: float) -> None:
        nonlocal last
        first.append(done) if not first else None
        new = done - first[0]
        rate = f"{new / seconds:.1f} a second" if new and seconds else ""
        bar.update(task, completed=done, total=total, rate=rate)
        if not stderr.is_terminal and (time.monotonic() - last > 10 or done == total):
            last = time.monotonic()
            left = seconds * (total - done) / max(new, 1)
            stderr.print(
                f"{what}: {done} of {total}, {seconds:.0f} s, {rate}, about {left:.0f} s left"
                if new
                else f"{what}: {done} of {total}"
            )

    try:
        with bar:
            yield report
    except KeyboardInterrupt:
        stderr.print(f"stopped; every reply so far is kept: {how_to_go_on} goes on from here")
        raise typer.Exit(130) from None
