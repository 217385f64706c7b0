"""The commands that write the replies of a run to a file, and that count them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from doxa.cli.console import stderr
from doxa.cli.frames import put_frame
from doxa.cli.options import (
    HumanOption,
    OnlyHumanOption,
    QuestionnaireOption,
    bank_of,
    counts_of,
)
from doxa.cli.telling import say_notices
from doxa.files import replacing
from doxa.recorded import count_statuses, is_run, known_store, read_statuses
from doxa.store import Store
from doxa.store.export import export_replies

__all__ = ["export", "statuses"]


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run, or a bundle.")],
    out: Annotated[
        Path | None, typer.Option(help="A file ending in .parquet, .csv or .jsonl; or .toml.")
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(
            help="A file, such as run.doxa, that somebody else scores again, bit for bit: replies, "
            "prompts, experiment, items, and hashes of the human answers."
        ),
    ] = None,
    human: HumanOption = None,
    only_human: OnlyHumanOption = False,
    questionnaire: QuestionnaireOption = None,
    differing: Annotated[
        bool,
        typer.Option(
            "--differing", help="Instead, what merged runs answered otherwise than its replies."
        ),
    ] = False,
) -> None:
    """Write every reply of a run to one file; to a .toml file, the experiment that was asked.

    With --bundle, write the whole run to one file, which  doxa score, report, compare, status,
    check, merge  and  export  take in place of a run's folder. --human says whose answers go with
    it, by their hashes alone.
    """
    if out is None and bundle is None:
        raise typer.BadParameter("name a file with --out, or with --bundle")
    if bundle is not None:
        from doxa.evaluate import share_run  # slow to import, and most exports need it not

        bank = bank_of(questionnaire, [run])
        found = share_run(run, bundle, counts_of(human, only_human, bank), bank)
        stderr.print(f"the whole run in {bundle}, SHA-256 {found}", markup=False)
    if out is None:
        return
    with Store.read(known_store(run)) as store:
        say_notices(store)
        replies, notes = store.differing() if differing else store.replies(), store.metadata
    if out.suffix == ".toml":
        with replacing(out) as partial:
            partial.write_text(notes.get("experiment", ""), encoding="utf-8")
        return
    export_replies(replies, out)
    stderr.print(f"{replies.height} replies in {out}", markup=False)


def statuses(
    replies: Annotated[
        Path,
        typer.Argument(
            metavar="RUN|FILE",
            help="Folder of a run, or a bundle; or a file: whatever  doxa score --from  reads, or "
            "a table with the columns model, choice_keys (the labels shown) and response.",
        ),
    ],
    questionnaire: QuestionnaireOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """Count replies by model and status, of a run or of a file that somebody recorded."""
    if is_run(replies):
        with Store.read(known_store(replies)) as store:
            say_notices(store)
            counts = count_statuses(store.replies(), str(replies))
    else:
        counts = read_statuses(replies, bank_of(questionnaire))
    put_frame(counts, title="Replies", as_json=as_json, out=None)
