"""Writing the report: on some runs, or on the demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from doxa.cli.advancing import progress
from doxa.cli.console import stderr, stdout
from doxa.cli.options import (
    BaselineOption,
    ConfidenceOption,
    DesignOption,
    HumanOption,
    OnlyHumanOption,
    QuestionnaireOption,
    RecordedOption,
    RenameOption,
    ResampleOption,
    ResamplesOption,
    RetestOption,
    RunsArgument,
    SeedOption,
    WaveOption,
    bank_of,
    counts_of,
    settings_of,
    wave_of,
)
from doxa.cli.scoring import sources_of
from doxa.cli.telling import say_account, say_cautions, say_people, say_unscored
from doxa.demo import COUNTRIES, run_demo
from doxa.evaluate import evaluate
from doxa.outside.extras import require
from doxa.report import write_figures, write_report, write_tables
from doxa.report.terminal import alignment_table
from doxa.run.course import Course

__all__ = ["demo", "report"]


def demo(
    out: Annotated[Path, typer.Option(help="The run's folder.")] = Path("runs/demo"),
    items: Annotated[int, typer.Option(min=1, help="How many items.")] = 24,
    small: Annotated[
        bool, typer.Option("--small", help="Ask SmolLM2-135M in place of Gemma 3 270M.")
    ] = False,
) -> None:
    """Ask a small model in five languages, score it against 65 countries, write a report."""
    course = Course()
    with progress("asking", "make demo, or this command again,", course) as tell:
        made = run_demo(out, n_items=items, small=small, progress=tell, course=course)
    scores, confidence = made.evaluation.alignment, made.evaluation.settings.confidence
    own = pl.col("country") == pl.col("language").replace_strict(COUNTRIES, default="")
    english = pl.col("country").is_in(COUNTRIES.values()) & (pl.col("language") == "en")
    stdout.print(alignment_table(scores.filter(own | english), confidence))
    others = scores["country"].n_unique() - len(COUNTRIES)
    stderr.print(f"\n{others} more countries are on the page")
    say_people(made.evaluation)
    for sentence in (made.notice, *made.sentences):
        stderr.print(f"\n{sentence}")
    stderr.print("\nThe report:", end=" ")
    stdout.print(str(made.page.resolve()), markup=False, highlight=False)


def report(
    runs: RunsArgument = None,
    recorded: RecordedOption = None,
    out: Annotated[Path, typer.Option(help="The HTML file.")] = Path("report.html"),
    tables: Annotated[
        Path | None, typer.Option(help="A folder for every table: CSV, Parquet, LaTeX.")
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(help="A folder for every figure: SVG, PDF, PNG.")
    ] = None,
    address: Annotated[
        str,
        typer.Option(
            metavar="<URL>",
            help="Where the page will be on the web: card.png beside it is then its picture there.",
        ),
    ] = "",
    human: HumanOption = None,
    only_human: OnlyHumanOption = False,
    questionnaire: QuestionnaireOption = None,
    rename: RenameOption = None,
    wave: WaveOption = None,
    resample: ResampleOption = "items,forms",
    resamples: ResamplesOption = 1000,
    confidence: ConfidenceOption = 0.95,
    seed: SeedOption = 0,
    baseline: BaselineOption = "leave-one-out",
    design_effect: DesignOption = 1.0,
    retest: RetestOption = None,
) -> None:
    """Write one self-contained HTML file on some runs; on request, its tables and figures too."""
    if figures is not None or address:
        require("vl_convert")
    bank = bank_of(questionnaire, (*(runs or ()), *(recorded or ())))
    counts = counts_of(human, only_human, bank)
    settings = settings_of(
        wave=wave_of(wave, bank, counts),
        resample=resample,
        resamples=resamples,
        confidence=confidence,
        seed=seed,
        baseline=baseline,
        design_effect=design_effect,
        human=human,
        bank=bank,
    )
    recordings = sources_of(runs, recorded, counts, bank, settings.wave, rename)
    again = None if retest is None else counts_of(retest, only_human=True, bank=bank)
    evaluation = evaluate(recordings, counts, bank, settings, retest=again)
    page = write_report(out, evaluation, address=address)
    say_people(evaluation)
    say_unscored(evaluation)
    say_cautions(evaluation)
    say_account(recordings, evaluation)
    if tables is not None:
        stderr.print(f"{len(write_tables(tables, evaluation))} files in {tables}", markup=False)
    if figures is not None:
        stderr.print(f"{len(write_figures(figures, evaluation))} files in {figures}", markup=False)
    stdout.print(str(page.resolve()), markup=False, highlight=False)
