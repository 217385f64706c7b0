"""The command that checks a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from doxa.cli.console import stderr
from doxa.cli.frames import put_frame
from doxa.recorded import known_store, store_path
from doxa.store.check import NAMES, check_store
from doxa.store.recover import recover

__all__ = ["check"]


def check(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run, its store, or a bundle.")
    ],
    recover_to: Annotated[
        Path | None,
        typer.Option(
            "--recover",
            metavar="OUT",
            help="A new folder, for a run with all that is whole; RUN stays as it is.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """Verify all that a run holds; exit with status 1 if something is damaged."""
    file = known_store(run)
    found = check_store(file)
    counted = pl.DataFrame(
        [
            (name, found.whole.get(table, 0), found.changed.get(table, 0), found.lost.get(table, 0))
            for table, name in NAMES.items()
        ],
        schema={"what": pl.String, "whole": pl.Int64, "damaged": pl.Int64, "lost": pl.Int64},
        orient="row",
    )
    put_frame(counted, title="Rows", as_json=as_json, out=None)
    for line in found.trouble:
        stderr.print(f"damaged: {line}")
    if recover_to is not None:
        kept = recover(file, store_path(recover_to))
        stderr.print(
            f"{kept['replies']} replies in {recover_to}; run the same  doxa ask  with  --out "
            f"{recover_to}  to ask for what is lost"
        )
    elif found.is_whole:
        stderr.print(f"{file} is whole")
    else:
        stderr.print(
            f"{file} is damaged; what is whole goes to a new run with  doxa check {run} "
            "--recover OUT"
        )
        raise typer.Exit(1)
