"""Asking models, and taking their replies out again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from doxa.cli.shared import Human, Wave, counts_of, names, progress, stderr
from doxa.errors import ExperimentError
from doxa.experiment import Experiment
from doxa.export import export_replies
from doxa.question import QuestionBank
from doxa.recorded import store_path
from doxa.run import ask as ask_models
from doxa.store import Store

__all__ = ["ask", "export"]


def ask(
    out: Annotated[Path, typer.Option(help="The run's folder; an old run goes on.")],
    model: Annotated[list[str] | None, typer.Option(help="A GGUF file; may be repeated.")] = None,
    experiment: Annotated[
        Path | None, typer.Option(help="A TOML file instead of the options below.")
    ] = None,
    languages: Annotated[str, typer.Option(help="Prompt languages.")] = "en",
    steering: Annotated[
        str,
        typer.Option(help="none, persona, few-shot, time-<wave>; joined by _; language_ in front."),
    ] = "none",
    targets: Annotated[str, typer.Option(help="Countries steered towards, alpha-3 codes.")] = "",
    questions: Annotated[
        str, typer.Option(help="Item ids, or how many spread over the topics; all by default.")
    ] = "",
    elicit: Annotated[
        str, typer.Option(help="verbalized, logprobs, sampling.")
    ] = "verbalized,logprobs",
    option_orders: Annotated[str, typer.Option(help="listed, reversed, seed:<n>.")] = "listed",
    retry: Annotated[str, typer.Option(help="failed: ask again what gave no distribution.")] = "",
    wave: Wave = 7,
    human: Human = None,
) -> None:
    """Ask models what they have not been asked yet; stop with Ctrl-C, run again to go on."""
    if retry not in ("", "failed"):
        raise ExperimentError(f"--retry {retry}: write --retry failed, or leave it out")
    bank, counts = QuestionBank.load(), counts_of(human)
    if experiment is not None:
        if model:
            raise ExperimentError(f"--model and --experiment {experiment}: give one of them")
        wanted = Experiment.from_toml(experiment, bank=bank, human=counts)
    else:
        wanted = Experiment.from_grid(
            model or [],
            bank=bank,
            human=counts,
            languages=names(languages),
            steering=names(steering),
            targets=names(targets),
            items=_items(questions),
            elicitations=names(elicit),
            option_orders=names(option_orders),
            wave=wave,
        )
    out.mkdir(parents=True, exist_ok=True)
    with progress("asking", "this command again") as report:
        ask_models(
            wanted,
            store_path(out),
            bank=bank,
            human=counts,
            progress=report,
            retry_failed=bool(retry),
        )
    with Store.open(store_path(out), create=False) as store:
        statuses = dict(store.replies()["status"].value_counts(sort=True).iter_rows())
    stderr.print("replies: " + ", ".join(f"{n} {status}" for status, n in statuses.items()))
    stderr.print(f"score them with  doxa score {out}", markup=False)


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    out: Annotated[Path, typer.Option(help="A file ending in .parquet, .csv or .jsonl.")],
) -> None:
    """Write every reply of a run to one file."""
    with Store.open(store_path(run), create=False) as store:
        replies = store.replies()
    export_replies(replies, out)
    stderr.print(f"{replies.height} replies in {out}", markup=False)


def _items(text: str) -> list[str] | int | None:
    if not text:
        return None
    return int(text) if text.isdecimal() else names(text)
