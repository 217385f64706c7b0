"""Comparing two models on the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import polars as pl
import typer

from doxa.analysis import Settings, compare_models, sample_sizes
from doxa.cli.frames import put_frame
from doxa.cli.shared import Confidence, Human, Resamples, Seed, Wave, counts_of, names, say_gaps
from doxa.errors import InvalidArgumentError
from doxa.evaluate import evaluate
from doxa.questionnaire import QuestionBank
from doxa.recorded import Recording, read_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.analysis.parts.correction import Correction

__all__ = ["compare"]


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="A model's name, or a run's folder.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The other one.")],
    run: Annotated[
        list[Path] | None, typer.Option(help="A run that holds the models named; may be repeated.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="What to keep apart, such as `country` or `language,steering`; "
            '"" for nothing; by default every way of asking and country.'
        ),
    ] = None,
    sizes: Annotated[
        float | None,
        typer.Option(
            metavar="DIFFERENCE",
            help="Say instead how many items, respondents and replies would show this difference.",
        ),
    ] = None,
    power: Annotated[float, typer.Option(help="With --sizes: the probability to see it.")] = 0.8,
    correction: Annotated[
        str, typer.Option(help="Of p-values: holm or benjamini_hochberg.")
    ] = "holm",
    human: Human = None,
    wave: Wave = 7,
    resamples: Resamples = 1000,
    confidence: Confidence = 0.95,
    seed: Seed = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="A file ending in .parquet, .csv or .jsonl.")
    ] = None,
) -> None:
    """Test whether model A is closer to people than model B, on the same items."""
    bank, counts = QuestionBank.load(), counts_of(human)
    sources = [read_run(path) for path in run or ()]
    (a, b), sources = _named((a, b), sources)
    for recording in sources:
        say_gaps(recording)
    settings = Settings(wave=wave, n_resamples=resamples, confidence=confidence, seed=seed)
    result = evaluate(sources, counts, bank, settings)
    if sizes is None:
        frame = compare_models(
            *result.sides,
            a,
            b,
            by=None if by is None else names(by),
            correction=cast("Correction", correction),
            settings=result.table_settings,
        )
        title = f"{a} less {b}: differences of alignment"
    else:
        frame = sample_sizes(
            *result.sides, a, b, difference=sizes, power=power, settings=result.table_settings
        )
        title = f"{a} and {b}: what would show a difference of {sizes:g} with power {power:g}"
    put_frame(frame, title=title, as_json=as_json, out=out)


def _named(
    given: tuple[str, str], sources: Sequence[Recording]
) -> tuple[list[str], list[Recording]]:
    """Read the folders among two names, and say under which name each one's model is found.

    Two runs of one model are told apart by their folders.
    """
    found, labels = list(sources), []
    for name in given:
        folder = Path(name)
        if not folder.is_dir():
            if not sources:
                raise InvalidArgumentError(
                    f"{name} is no folder of a run: name one, or say where the model is with --run"
                )
            labels.append(name)
            continue
        recording = read_run(folder)
        models = recording.replies["model"].unique().sort().to_list()
        if len(models) != 1:
            raise InvalidArgumentError(
                f"{folder} holds {len(models)} models ({', '.join(models)}): "
                f"name two and pass --run {folder}"
            )
        label = models[0]
        if label in labels or any(label in s.replies["model"] for s in sources):
            label = str(folder)
            replies = recording.replies.with_columns(model=pl.lit(label))
            recording = replace(recording, replies=replies)
        labels.append(label)
        found.append(recording)
    return labels, found
