"""The command that says how far a run is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from doxa.cli.console import stderr, stdout
from doxa.cli.frames import show_frame
from doxa.cli.plain import put
from doxa.recorded import known_store
from doxa.run.progress import duration
from doxa.run.status import read_status

if TYPE_CHECKING:
    from doxa.run.status import Status

__all__ = ["status"]


def status(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run, or a bundle.")],
    by_worker: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also what each process and worker did.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say how far a run is, while it is asked or afterwards; nothing is written."""
    found = read_status(known_store(run))
    if as_json:
        put(f"{json.dumps(_table(run, found))}\n")
        return
    stdout.print(f"{run}: {found.advance}", highlight=False)
    for process in found.processes:
        stdout.print(f"asked by {process}", highlight=False)
    if not found.processes:
        stdout.print("nobody is asking")
    if found.last_reply is not None:
        stdout.print(f"the last reply came {duration(found.last_reply)} ago", highlight=False)
    counts = ", ".join(f"{n:,} {name}" for name, n in found.statuses.items())
    stdout.print(f"replies: {counts or 'none'}", highlight=False)
    show_frame(found.by_condition, title="Asked")
    if by_worker:
        show_frame(found.workers, title="Workers")
    for line in (*found.lacks, *found.notices):
        stderr.print(f"{run}: {line}")
    if found.differing:
        stderr.print(
            f"{run}: {found.differing} further replies differ from the one that counts:  doxa "
            f"export {run} --differing  writes them"
        )


def _table(run: Path, found: Status) -> dict[str, Any]:
    return {
        "run": str(run),
        "done": found.advance.done,
        "total": found.advance.total,
        "replies_a_second": found.advance.pace,
        "seconds_left": found.advance.left,
        "seconds_since_last_reply": found.last_reply,
        "statuses": found.statuses,
        "processes": [process._asdict() for process in found.processes],
        "lacks": found.lacks,
        "differing": found.differing,
        "notices": found.notices,
        "asked": found.by_condition.to_dicts(),
        "workers": found.workers.to_dicts(),
    }
