"""Scores of models of a published study, to hold one's own beside."""

from __future__ import annotations

import functools
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import NoDataError
from doxa.files.tables import read_csv

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.evaluate.evaluation import Evaluation

__all__ = ["NOT_PUBLISHED", "NUMBERS", "PUBLISHED", "published_beside", "published_scores"]

SURVEY: Final = "WVS"
WAVE: Final = 7

PUBLISHED: Final = (
    "replies that the authors of “On the Alignment of Large Language Models with Global Human "
    "Opinion” (AAAI 2026) recorded, asked in English without steering, in the study's own wording "
    "of the questions; scored by doxa's rules against the people's answers that doxa ships"
)
"""What the published scores are of."""

NOT_PUBLISHED: Final = ("GPT-4", "DeepSeek-V3", "DeepSeek-R1")
"""The study's models without scores here: no recorded replies of theirs are at hand."""

NUMBERS: Final = (
    "estimate", "low", "high", "ceiling", "baseline", "gap", "gap_low", "gap_high", "uniform",
    "normalised", "normalised_low", "normalised_high",
)  # fmt: skip
"""The columns that are numbers of a score."""


@functools.cache
def published_scores() -> pl.DataFrame:
    """Give the scores of the models of a published study, as doxa ships them.

    Four of the study's seven models, scored on the 104 items that all four answered in English
    without steering, or those of them that people of the country were asked. Countries with fewer
    than five such items are left out.

    Returns
    -------
    polars.DataFrame
        One row per model and country: `model`, `country`, `n_items`, and as
        `doxa.analysis.country_alignment` gives them `estimate`, `low`, `high`, `ceiling`,
        `baseline`, `gap`, `gap_low`, `gap_high`, `uniform`, `normalised`, `normalised_low` and
        `normalised_high`, rounded to four decimals.

    Notes
    -----
    `PUBLISHED` says what they are of. The wording of a question moves a model's answers, so a
    difference from one's own scores is not the models' alone. ``tools/published_scores.py`` makes
    the numbers from the study's recorded replies.

    Examples
    --------
    >>> published_scores()["model"].unique().sort().to_list()
    ['Aya23', 'GPT-3.5', 'Llama3', 'Qwen2.5']
    """
    path: Path
    with as_file(files("doxa.evaluate").joinpath("published.csv")) as path:
        return read_csv(path, types=dict.fromkeys(NUMBERS, pl.Float64) | {"n_items": pl.Int64})


def published_beside(evaluation: Evaluation) -> pl.DataFrame:
    """Give the published scores of the countries that an evaluation has in the same wave.

    Parameters
    ----------
    evaluation : Evaluation
        Its human answers name the countries.

    Returns
    -------
    polars.DataFrame
        As `published_scores`, and `source`: "published". Of each model one row more, with the
        country "all": means over the countries, each weighted by its items. Their `low` and `high`
        are means of the countries' ends, which makes the interval too wide rather than too narrow:
        countries share their items, but not all their error.

    Raises
    ------
    NoDataError
        The evaluation is not against wave 7 of the World Values Survey.
    """
    people = evaluation.human_distributions.filter(survey=SURVEY, wave=WAVE)
    scores = published_scores().join(people.select("country").unique(), on="country", how="semi")
    if scores.is_empty():
        raise NoDataError("the published scores are against wave 7 of the World Values Survey")
    weight = pl.col("n_items") / pl.col("n_items").sum()
    means = scores.group_by("model", maintain_order=True).agg(
        country=pl.lit("all"),
        **{name: (pl.col(name) * weight).sum() for name in NUMBERS},
        n_items=pl.col("n_items").max(),
    )
    return pl.concat([scores, means.select(scores.columns)]).with_columns(
        source=pl.lit("published")
    )
