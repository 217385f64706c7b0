"""Scoring what models replied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer

from doxa.cli.console import stdout
from doxa.cli.frames import put_frame
from doxa.cli.options import (
    BaselineOption,
    ConfidenceOption,
    DesignOption,
    HumanOption,
    JsonOption,
    OnlyHumanOption,
    OutOption,
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
    names,
    new_names,
    settings_of,
    wave_of,
)
from doxa.cli.telling import (
    say_account,
    say_cautions,
    say_gaps,
    say_people,
    say_personas,
    say_unscored,
)
from doxa.evaluate import (
    PRESETS,
    TABLES,
    evaluate,
    list_tables,
    make_table,
    read_sources,
    rename_models,
    score_by_preset,
)
from doxa.evaluate.personas import keep_personas
from doxa.evaluate.tables import OF_PERSONAS, OVER_WAVES
from doxa.measures import chosen_measures, list_measures, measure_table
from doxa.recorded import Recording
from doxa.report.terminal import alignment_table

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

__all__ = ["score", "sources_of"]


def score(
    runs: RunsArgument = None,
    recorded: RecordedOption = None,
    human: HumanOption = None,
    only_human: OnlyHumanOption = False,
    questionnaire: QuestionnaireOption = None,
    rename: RenameOption = None,
    table: Annotated[
        str,
        typer.Option(
            help="Which table; `--table list` lists them. Default: alignment, or with --from "
            "scores, the same in brief."
        ),
    ] = "",
    measures: Annotated[
        str,
        typer.Option(
            help="Measures by name, such as simbench,pfs: those that the field reports. "
            "`--measures list` lists them with their sources and caveats; all for every one.",
        ),
    ] = "",
    by_country: Annotated[
        bool, typer.Option("--by-country", help="With --measures: a row for each country.")
    ] = False,
    by: Annotated[
        str | None,
        typer.Option(
            help="Score the personas of groups by these variables, such as sex,age, each against "
            "exactly its group's answers: --human is a folder imported with --by. The table is "
            "then personas, unless --table names another."
        ),
    ] = None,
    preset: Annotated[
        str, typer.Option(help=f"Score by another study's rules:  {', '.join(PRESETS)}.")
    ] = "",
    beside: Annotated[
        bool, typer.Option("--beside", help="With --preset: add the scores by doxa's rules.")
    ] = False,
    wave: WaveOption = None,
    resample: ResampleOption = "items,forms",
    resamples: ResamplesOption = 1000,
    confidence: ConfidenceOption = 0.95,
    seed: SeedOption = 0,
    baseline: BaselineOption = "leave-one-out",
    design_effect: DesignOption = 1.0,
    retest: RetestOption = None,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Score replies: alignment by country, language and steering, with intervals; other tables."""
    if table == "list":
        put_frame(list_tables(), title="Tables", as_json=as_json, out=out)
        return
    if measures == "list":
        put_frame(list_measures(), title="Measures", as_json=as_json, out=out)
        return
    if by_country and not measures:
        raise typer.BadParameter("--by-country is for measures: name some with --measures")
    if measures and (table or preset):
        raise typer.BadParameter("--measures makes a table of its own: leave --table out")
    if measures:
        chosen_measures(names(measures))  # a name that is not known is told before anything is read
    if beside and not preset:
        raise typer.BadParameter("--beside needs a preset to compare with: name one with --preset")
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
    if by is not None:
        recordings, table = keep_personas(recordings, names(by)), table or "personas"
    again = None if retest is None else counts_of(retest, only_human=True, bank=bank)
    evaluation = evaluate(recordings, counts, bank, settings, retest=again)
    if preset:
        frame, title = score_by_preset(evaluation, preset, beside=beside), f"scores by {preset}"
        say_people(evaluation)
        say_unscored(evaluation)
        put_frame(frame, title=title, as_json=as_json, out=out)
        say_account(recordings, evaluation, preset)
        return
    if measures:
        frame = measure_table(
            *evaluation.sides, replies=evaluation.replies, by_country=by_country,
            measures=measures if measures == "all" else names(measures),
            settings=evaluation.settings,
        )  # fmt: skip
        say_people(evaluation)
        say_unscored(evaluation)
        put_frame(frame, title=f"measures: {measures}", as_json=as_json, out=out)
        say_account(recordings, evaluation)
        return
    table = table or ("scores" if recorded else "alignment")
    frame = make_table(evaluation, table)
    say_people(evaluation, frame if table in OVER_WAVES else None)
    say_unscored(evaluation)
    if table in OF_PERSONAS:
        say_personas(evaluation, table)
    if table == "alignment" and not as_json and out is None:
        stdout.print(alignment_table(frame, confidence))
    else:
        put_frame(frame, title=f"{table}: {TABLES[table].title}", as_json=as_json, out=out)
    say_cautions(evaluation)
    say_account(recordings, evaluation)


def sources_of(
    runs: Sequence[Path] | None,
    recorded: Sequence[Path] | None,
    counts: pl.DataFrame,
    bank: QuestionBank,
    wave: int | None,
    rename: Sequence[str] | None,
) -> list[Recording]:
    """Read the runs and files of a command, rename models, print what is left out or unknown."""
    if not runs and not recorded:
        raise typer.BadParameter("name the folder of a run, or a file with --from")
    recordings = read_sources(runs or (), recorded or (), counts, bank, wave=wave)
    say_gaps(recordings)
    return rename_models(recordings, new_names(rename))
