"""Comparing two models on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from doxa.analysis import compare_models
from doxa.cli.frames import put_frame
from doxa.cli.options import (
    ConfidenceOption,
    DesignOption,
    HumanOption,
    JsonOption,
    OnlyHumanOption,
    OutOption,
    QuestionnaireOption,
    RenameOption,
    ResamplesOption,
    SeedOption,
    WaveOption,
    bank_of,
    counts_of,
    names,
    new_names,
    settings_of,
    wave_of,
)
from doxa.cli.telling import say_gaps, say_people, say_unscored
from doxa.evaluate import evaluate, name_models, rename_models

if TYPE_CHECKING:
    from doxa.analysis.parts.correction import Correction

__all__ = ["compare"]


def compare(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[A] [B]",
            help="Models' names; or a run, a bundle or a recorded file that holds one model. "
            "Without both, what is read holds two models.",
        ),
    ] = None,
    run: Annotated[
        list[Path] | None,
        typer.Option(help="A run or bundle that holds the models named; may be repeated."),
    ] = None,
    recorded: Annotated[
        list[Path] | None,
        typer.Option("--from", help="The same, of any kind that `doxa score --from` reads."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="Compare within each of these, such as `country` or `language,steering`; "
            '"" for nothing; by default every way of asking and country.'
        ),
    ] = None,
    reasoning: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="How much A and B thought first, such as `off,512`; A and B may then be one "
            "model. By default the same of both.",
        ),
    ] = None,
    correction: Annotated[
        str, typer.Option(help="Correction of p-values: holm or benjamini_hochberg.")
    ] = "holm",
    human: HumanOption = None,
    only_human: OnlyHumanOption = False,
    questionnaire: QuestionnaireOption = None,
    rename: RenameOption = None,
    wave: WaveOption = None,
    resamples: ResamplesOption = 1000,
    confidence: ConfidenceOption = 0.95,
    seed: SeedOption = 0,
    design_effect: DesignOption = 1.0,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Test whether model A is closer to people than model B, on the same items.

    The two may be in one recording or in two, of the same program or of different ones; a model
    that is in both is named after the second one there.
    """
    if len(models or ()) > 2:
        raise typer.BadParameter(f"{len(models or ())} models: name two at most")
    files = [*(run or ()), *(recorded or ())]
    named = (Path(model) for model in models or ())
    bank = bank_of(questionnaire, [*files, *(path for path in named if path.exists())])
    counts = counts_of(human, only_human, bank)
    wave = wave_of(wave, bank, counts)
    settings = settings_of(
        wave=wave,
        resamples=resamples,
        confidence=confidence,
        seed=seed,
        design_effect=design_effect,
    )
    (a, b), recordings = name_models(models or (), files, counts, bank, wave=wave)
    say_gaps(recordings)
    renamed = new_names(rename)
    recordings = rename_models(recordings, renamed)
    a, b = renamed.get(a, a), renamed.get(b, b)
    evaluation = evaluate(recordings, counts, bank, settings)
    thought = _pair(reasoning)
    frame = compare_models(
        *evaluation.sides,
        a,
        b,
        by=None if by is None else names(by),
        reasoning=thought,
        correction=cast("Correction", correction),
        settings=evaluation.settings,
    )
    if thought is not None:
        a, b = (f"{name} ({how})" for name, how in zip((a, b), thought, strict=True))
    title = f"{a} less {b}: differences of alignment"
    say_people(evaluation)
    say_unscored(evaluation)
    put_frame(frame, title=title, as_json=as_json, out=out)


def _pair(reasoning: str | None) -> tuple[str, str] | None:
    if reasoning is None:
        return None
    found = names(reasoning)
    if len(found) != 2:
        raise typer.BadParameter(f"--reasoning {reasoning}: give two, such as off,512")
    return found[0], found[1]
