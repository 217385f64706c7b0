"""The command that puts several runs in one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from doxa.cli.advancing import progress
from doxa.cli.console import stderr
from doxa.recorded import known_store, store_path
from doxa.run.merge import merge as merge_runs

__all__ = ["merge"]


def merge(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN...", help="Folders of runs, or bundles: shards, or one for each model."
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="The folder of all; more runs are added to one that exists.")
    ],
) -> None:
    """Put runs of one experiment together: shards, runs of other models, or both.

    Run it again after an interruption, or with further runs: what is known is not copied again.
    """
    start = time.perf_counter()
    names = {known_store(run): run for run in runs}
    with progress("merging", "this command again") as tell:
        merged = merge_runs(
            [*names],
            store_path(out),
            told=stderr.print,
            progress=lambda done, total: tell(done, total, time.perf_counter() - start),
        )
    for file, taken in merged.taken.items():
        known = taken.replies - taken.new - taken.differing
        said = [f"{taken.new} new"] if taken.new else []
        said += [f"{known} known already"] if known else []
        said += [f"{taken.differing} that differ from known ones"] if taken.differing else []
        stderr.print(f"{names[file]}: {taken.replies} replies: {', '.join(said) or 'none'}")
    for file, (replies, cells) in merged.unfinished.items():
        stderr.print(
            f"{names[file]} has {replies} of {cells} replies: run its  doxa ask  again, then this"
        )
    missing = f"{merged.missing} replies missing"
    for line in merged.shards:
        stderr.print(f"{line}; {missing}")
    if merged.differing:
        stderr.print(
            f"{merged.differing} replies differ from another one to the same request: the first "
            f"counts;  doxa export {out} --differing  writes the others"
        )
    stderr.print(f"{merged.replies} replies in {out}, {missing}")
    stderr.print(f"score them with  doxa score {out}")
