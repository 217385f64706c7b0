"""Scoring what models replied: tables, and the report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import polars as pl
import typer

from doxa.analysis import Settings
from doxa.cli.frames import put_frame
from doxa.cli.shared import (
    Baseline,
    Confidence,
    Human,
    Recorded,
    Resample,
    Resamples,
    Runs,
    Seed,
    Wave,
    baseline_of,
    counts_of,
    names,
    progress,
    say_gaps,
    stderr,
    stdout,
)
from doxa.demo import NOTICE, demo_experiment, demo_model
from doxa.errors import NoDataError
from doxa.evaluate import Evaluation, evaluate
from doxa.evaluate.preset import PRESETS, score_by_preset
from doxa.evaluate.tables import TABLES, list_tables, make_table
from doxa.questionnaire import QuestionBank
from doxa.recorded import Recording, read_recording, read_run, store_path
from doxa.report import write_figures, write_report, write_tables
from doxa.report.terminal import alignment_table
from doxa.report.words import join
from doxa.run import ask as ask_models
from doxa.survey import sample

__all__ = ["demo", "report", "score"]


def demo(
    out: Annotated[Path, typer.Option(help="The run's folder.")] = Path("runs/demo"),
    items: Annotated[int, typer.Option(min=1, help="How many items.")] = 40,
) -> None:
    """Ask a small model 40 questions in seven ways, score it, write a report."""
    bank, counts = QuestionBank.load(), sample(wave=7)
    model = demo_model()
    experiment = demo_experiment(model, n_items=items, bank=bank, human=counts)
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


def score(
    runs: Runs = None,
    recorded: Recorded = None,
    human: Human = None,
    table: Annotated[
        str,
        typer.Option(
            help="Which table; `--table list` lists them. Default: alignment, or with --from "
            "scores, the same in brief."
        ),
    ] = "",
    preset: Annotated[
        str, typer.Option(help=f"Other people's rules instead: {', '.join(PRESETS)}.")
    ] = "",
    beside: Annotated[
        bool, typer.Option("--beside", help="With --preset: beside it the scores by doxa's rules.")
    ] = False,
    wave: Wave = 7,
    resample: Resample = "items",
    resamples: Resamples = 1000,
    confidence: Confidence = 0.95,
    seed: Seed = 0,
    baseline: Baseline = "leave-one-out",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="A file ending in .parquet, .csv or .jsonl.")
    ] = None,
) -> None:
    """Score replies: alignment by country, language and steering, with intervals; other tables."""
    if table == "list":
        put_frame(list_tables(), title="Tables", as_json=as_json, out=out)
        return
    if beside and not preset:
        raise typer.BadParameter("--beside sets doxa's rules beside a --preset: name one")
    bank, counts = QuestionBank.load(), counts_of(human)
    sources = _sources(runs, recorded, bank, counts, wave)
    settings = Settings(
        wave=wave,
        resample=tuple(names(resample)),  # type: ignore[arg-type]
        n_resamples=resamples,
        confidence=confidence,
        seed=seed,
        baseline=baseline_of(baseline),
    )
    if preset:
        result = evaluate(sources, counts, bank, settings)
        frame, title = score_by_preset(result, preset, beside=beside), f"scores by {preset}"
        put_frame(frame, title=title, as_json=as_json, out=out)
        return
    table = table or ("scores" if recorded else "alignment")
    frame = make_table(evaluate(sources, counts, bank, settings), table)
    if table == "alignment" and not as_json and out is None:
        stdout.print(alignment_table(frame, confidence))
    else:
        put_frame(frame, title=f"{table}: {TABLES[table].title}", as_json=as_json, out=out)


def _sources(
    runs: Sequence[Path] | None,
    recorded: Sequence[Path] | None,
    bank: QuestionBank,
    counts: pl.DataFrame,
    wave: int,
) -> list[Recording]:
    """Read runs, and what other programs recorded on countries that there are counts of."""
    if not runs and not recorded:
        raise typer.BadParameter("name the folder of a run, or a file with --from")
    countries = counts.filter(pl.col("wave") == wave)["country"].unique()
    found = [read_run(run) for run in runs or ()]
    found += [read_recording(file, bank=bank, targets=countries) for file in recorded or ()]
    for recording in found:
        say_gaps(recording)
    return found


def report(
    runs: Runs = None,
    recorded: Recorded = None,
    out: Annotated[Path, typer.Option(help="The HTML file.")] = Path("report.html"),
    tables: Annotated[
        Path | None, typer.Option(help="A folder for every table: CSV, Parquet, LaTeX.")
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(help="A folder for every figure: SVG and PNG.")
    ] = None,
    human: Human = None,
    wave: Wave = 7,
    resample: Resample = "items",
    resamples: Resamples = 1000,
    confidence: Confidence = 0.95,
    seed: Seed = 0,
) -> None:
    """Write one self-contained HTML file on some runs; on request, its tables and figures too."""
    settings = Settings(
        wave=wave,
        resample=tuple(names(resample)),  # type: ignore[arg-type]
        n_resamples=resamples,
        confidence=confidence,
        seed=seed,
    )
    bank, counts = QuestionBank.load(), counts_of(human)
    result = evaluate(_sources(runs, recorded, bank, counts, wave), counts, bank, settings)
    models = join(result.replies["model"].unique(maintain_order=True).to_list())
    verb = "does" if result.replies["model"].n_unique() == 1 else "do"
    page = _write_report(result, out, title=f"Whose opinions {verb} {models} express?")
    if tables is not None:
        titles = {name: table.title for name, table in TABLES.items()}
        written = write_tables(tables, _all_tables(result), titles=titles)
        stderr.print(f"{len(written)} files in {tables}", markup=False)
    if figures is not None:
        written = write_figures(
            figures,
            alignment=result.alignment,
            steering=result.steering if result.steering.height else None,
            replies=result.replies,
        )
        stderr.print(f"{len(written)} files in {figures}", markup=False)
    stdout.print(str(page.resolve()), markup=False, highlight=False)


def _all_tables(result: Evaluation) -> dict[str, pl.DataFrame]:
    """Make every table that the replies have something for."""
    made = {}
    for name in TABLES:
        try:
            made[name] = make_table(result, name)
        except NoDataError:
            continue
    return made


# In a section of the page already, or too long for one: those are for `--tables`.
_NOT_FURTHER: Final = frozenset(
    {"alignment", "baselines", "countries", "reliability", "scores", "steering", "time", "ways"}
)


def _write_report(result: Evaluation, path: Path, *, title: str, notice: str = "") -> Path:
    tables = _all_tables(result)
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
        time=tables.get("time"),
        further={name: table for name, table in tables.items() if name not in _NOT_FURTHER},
        titles={name: table.title for name, table in TABLES.items()},
        confidence=result.settings.confidence,
    )
