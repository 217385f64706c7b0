"""`doxa survey show`: how people answered an item."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from doxa.cli.console import stderr, stdout
from doxa.cli.options import (
    HumanOption,
    JsonOption,
    OnlyHumanOption,
    QuestionnaireOption,
    WaveOption,
    bank_of,
    counts_of,
    names,
    wave_of,
)
from doxa.cli.plain import put
from doxa.distribution import human_distributions
from doxa.errors import NoDataError, QuestionnaireError
from doxa.report.answers import answers_of, as_text, check_ending, write_answers
from doxa.survey import COUNT_COLUMNS
from doxa.survey.pooling import pool_counts

__all__ = ["show"]


def show(
    item: Annotated[str, typer.Argument(help="An item's id, such as Q164.")],
    by: Annotated[
        str,
        typer.Option(help="country, and the groups that the counts were split by, such as sex."),
    ] = "country",
    countries: Annotated[
        str | None, typer.Option(help="Some countries alone, alpha-3 codes.")
    ] = None,
    wave: WaveOption = None,
    human: HumanOption = None,
    only_human: OnlyHumanOption = False,
    questionnaire: QuestionnaireOption = None,
    out: Annotated[
        Path | None, typer.Option(help="A file ending in .svg, .png or .html: a chart.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Draw how people answered an item: bars in the terminal, or a chart in a file."""
    if out is not None:
        check_ending(out)
    bank = bank_of(questionnaire)
    if item not in bank.items:
        raise QuestionnaireError(f"no item {item!r}: `doxa prompts export` lists the items")
    counts = counts_of(human, only_human, bank)
    wave = wave_of(wave, bank, counts)
    counts = counts.filter(pl.col("question") == item, pl.col("wave") == wave)
    counts = _of(counts, countries)
    groups = [name for name in names(by) if name != "country"]
    missing = [name for name in groups if name in COUNT_COLUMNS or name not in counts.columns]
    if missing:
        raise NoDataError(
            f"the counts are not split by {missing[0]}: import the survey's file with "
            f"--by {','.join(groups)}; published shares have no such split"
        )
    people = human_distributions(_split(counts, groups), bank)
    if people.is_empty():
        raise NoDataError(f"no answers to {item} in wave {wave}: name another wave or human side")
    answers = answers_of(people, bank, item)
    question = bank.question(item, bank.default_language)
    if as_json:
        for one in answers:
            shares = dict(zip(map(str, question.item.scale.codes), one.shares, strict=True))
            put(json.dumps(one._asdict() | {"shares": shares}) + "\n")
        return
    if out is None:
        for line in as_text(answers, question, stdout.width):
            stdout.print(line, markup=False, highlight=False)
        return
    write_answers(out, answers, question)
    plural = "" if len(answers) == 1 else "s"
    stderr.print(f"{len(answers)} population{plural} in {out}", markup=False)


def _split(counts: pl.DataFrame, groups: list[str]) -> pl.DataFrame:
    """Put cells together into the groups asked for and their total; else into whole countries."""
    split = pool_counts(counts, groups)
    if not groups:
        return split
    return pl.concat([split, pool_counts(split.drop_nulls("n"))], how="diagonal")


def _of(counts: pl.DataFrame, countries: str | None) -> pl.DataFrame:
    if countries is None:
        return counts
    wanted = names(countries)
    unknown = [name for name in wanted if name not in counts["country"]]
    if unknown:
        held = ", ".join(counts["country"].unique().sort())
        raise NoDataError(f"no answers of {unknown[0]}: there are {held}")
    return counts.filter(pl.col("country").is_in(wanted))
