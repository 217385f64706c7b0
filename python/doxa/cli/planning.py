"""How much to ask: the numbers that would show a difference."""

from __future__ import annotations

from typing import Annotated

import polars as pl
import typer

from doxa.analysis import planned_sizes, sample_sizes
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
    ResamplesOption,
    RunsArgument,
    SeedOption,
    WaveOption,
    bank_of,
    counts_of,
    names,
    settings_of,
    wave_of,
)
from doxa.cli.scoring import sources_of
from doxa.cli.telling import say_people, say_unscored
from doxa.evaluate import evaluate

__all__ = ["power"]


def power(
    runs: RunsArgument = None,
    recorded: RecordedOption = None,
    difference: Annotated[
        float, typer.Option(help="The difference of mean alignment to detect, such as 0.01.")
    ] = 0.01,
    probability: Annotated[
        float, typer.Option("--power", help="The probability of detecting it, between 0 and 1.")
    ] = 0.8,
    models: Annotated[
        str,
        typer.Option(
            metavar="A,B",
            help="Two models to compare, or one to compare with the baseline. By default each "
            "model with the baseline.",
        ),
    ] = "",
    spread: Annotated[
        float | None,
        typer.Option(
            help="Without a run: the standard deviation of an item's difference that you expect, "
            "such as 0.1."
        ),
    ] = None,
    form_spread: Annotated[
        float, typer.Option(help="With --spread: what one form of an item adds to it.")
    ] = 0.0,
    human: HumanOption = None,
    only_human: OnlyHumanOption = False,
    questionnaire: QuestionnaireOption = None,
    rename: RenameOption = None,
    wave: WaveOption = None,
    resamples: ResamplesOption = 1000,
    confidence: ConfidenceOption = 0.95,
    seed: SeedOption = 0,
    baseline: BaselineOption = "leave-one-out",
    design_effect: DesignOption = 1.0,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Say how many items, respondents, replies and forms would show a difference.

    From a run: each number alone, while the others stay as they are. Without one, --spread says
    what you expect, and the table gives the items needed for 1 to 16 forms of each.
    """
    asked = f"a difference of {difference:g} with power {probability:g}"
    if spread is not None:
        if runs or recorded:
            raise typer.BadParameter(
                "--spread is for planning without a run: leave one of both out"
            )
        frame = planned_sizes(
            spread, form_spread=form_spread, difference=difference, power=probability,
            confidence=confidence,
        )  # fmt: skip
        put_frame(frame, title=f"what would show {asked}", as_json=as_json, out=out)
        return
    if not runs and not recorded:
        raise typer.BadParameter("name a run, or say with --spread what you expect")
    compared = names(models)
    if len(compared) > 2:
        raise typer.BadParameter(f"--models {models}: name two at most")
    bank = bank_of(questionnaire, (*(runs or ()), *(recorded or ())))
    counts = counts_of(human, only_human, bank)
    settings = settings_of(
        wave=wave_of(wave, bank, counts),
        resamples=resamples,
        confidence=confidence,
        seed=seed,
        baseline=baseline,
        design_effect=design_effect,
    )
    recordings = sources_of(runs, recorded, counts, bank, settings.wave, rename)
    evaluation = evaluate(recordings, counts, bank, settings)
    every = evaluation.model_distributions["model"].unique().sort().to_list()
    pairs = [compared] if compared else [[name] for name in every]
    tables = [
        sample_sizes(
            *evaluation.sides, *pair, difference=difference, power=probability,
            settings=evaluation.settings,
        )
        for pair in pairs
    ]  # fmt: skip
    say_people(evaluation)
    say_unscored(evaluation)
    put_frame(pl.concat(tables), title=f"what would show {asked}", as_json=as_json, out=out)
