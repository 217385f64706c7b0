"""Asking models, and what becomes of their replies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from doxa.cli.shared import (
    Human,
    Resamples,
    Runs,
    Seed,
    Wave,
    counts_of,
    names,
    progress,
    stderr,
    stdout,
)
from doxa.demo import NOTICE, demo_experiment, demo_model
from doxa.errors import ExperimentError
from doxa.evaluation import Evaluation, evaluate, store_path
from doxa.experiment import Experiment
from doxa.export import export_replies
from doxa.question import QuestionBank
from doxa.report import write_report
from doxa.report.terminal import alignment_table
from doxa.run import ask as ask_models
from doxa.store import Store
from doxa.survey import sample

__all__ = ["ask", "demo", "export", "report", "score"]


def demo(
    out: Annotated[Path, typer.Option(help="The run's folder.")] = Path("runs/demo"),
    items: Annotated[int, typer.Option(min=1, help="How many items.")] = 40,
) -> None:
    """Ask a small model 40 questions in seven ways, score it, write a report."""
    bank, counts = QuestionBank.load(), sample(wave=7)
    model = demo_model()
    experiment = demo_experiment(model, n_items=items, bank=bank, human=counts)
    out.mkdir(parents=True, exist_ok=True)
    with progress("asking", "make demo, or this command again,") as report:
        ask_models(experiment, store_path(out), bank=bank, human=counts, progress=report)
    result = evaluate([out], counts, bank)
    page = _write_report(
        result,
        out / "report.html",
        title="Whose opinions does SmolLM2-135M express?",
        notice=NOTICE,
    )
    stdout.print(alignment_table(result.alignment))
    stderr.print(f"\n{NOTICE}")
    stderr.print("\nThe report:", end=" ")
    stdout.print(str(page.resolve()), markup=False, highlight=False)


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


def score(
    runs: Runs,
    human: Human = None,
    wave: Wave = 7,
    resamples: Resamples = 1000,
    seed: Seed = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Score runs: alignment by country, language and steering, with 95 % intervals."""
    result = evaluate(
        runs, counts_of(human), QuestionBank.load(), wave=wave, n_resamples=resamples, seed=seed
    )
    if as_json:
        sys.stdout.write(result.alignment.write_ndjson())
    else:
        stdout.print(alignment_table(result.alignment))


def report(
    runs: Runs,
    out: Annotated[Path, typer.Option(help="The HTML file.")] = Path("report.html"),
    human: Human = None,
    wave: Wave = 7,
    resamples: Resamples = 1000,
    seed: Seed = 0,
) -> None:
    """Write one self-contained HTML file on some runs."""
    result = evaluate(
        runs, counts_of(human), QuestionBank.load(), wave=wave, n_resamples=resamples, seed=seed
    )
    models = ", ".join(result.replies["model"].unique(maintain_order=True))
    page = _write_report(result, out, title=f"Whose opinions does {models} express?")
    stdout.print(str(page.resolve()), markup=False, highlight=False)


def _write_report(result: Evaluation, path: Path, *, title: str, notice: str = "") -> Path:
    return write_report(
        path,
        alignment=result.alignment,
        replies=result.replies,
        model_distributions=result.model_distributions,
        human_distributions=result.human_distributions,
        provenance=dict(result.provenance),
        title=title,
        steering=result.steering if result.steering.height else None,
        notice=notice,
        prompts=result.prompts,
    )


def _items(text: str) -> list[str] | int | None:
    if not text:
        return None
    return int(text) if text.isdecimal() else names(text)
