"""Every table that an evaluation gives, by name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import polars as pl

from doxa import analysis, measures
from doxa.analysis.parts.pairs import population_keys
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.evaluate.baselines import by_each_baseline
from doxa.evaluate.personas import groups_of
from doxa.evaluate.published import published_beside
from doxa.recorded import with_condition
from doxa.survey.group_counts import group_shares

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from doxa.evaluate.evaluation import Evaluation

__all__ = [
    "OF_PERSONAS",
    "OVER_WAVES",
    "TABLES",
    "Interval",
    "NamedTable",
    "Section",
    "list_tables",
    "make_table",
    "make_tables",
]

Section = Literal[
    "countries", "models", "grid", "steering", "time", "neighbours", "further", "reliability"
]  # fmt: skip
"""The sections of the report that a table may stand in."""

Interval = Literal["mean", "ratio", "correlation", "component", "simultaneous"]
"""What the intervals of a table are of. Means have the interval of scores. Ratios, correlations and
components of variance have percentile intervals. Simultaneous intervals hold for all rows at once.
"""


class NamedTable(NamedTuple):
    """A table that users can ask for by name.

    Attributes
    ----------
    title : str
        What it shows, in one line.
    make : callable
        Computes the table from an evaluation.
    section : Section, optional
        Its section of the report; None for a table that is too long for a page, or that the
        page shows in another way. A table on the page needs the columns `estimate`, `low` and
        `high`, and columns that name each row.
    interval : Interval
        What its intervals are of; the page says so.
    """

    title: str
    make: Callable[[Evaluation], pl.DataFrame]
    section: Section | None = None
    interval: Interval = "mean"


def _of_sides(make: Callable[..., pl.DataFrame]) -> Callable[[Evaluation], pl.DataFrame]:
    """Make a table from both sides' distributions."""
    return lambda e: make(*e.sides, settings=e.settings)


def _of_replies(make: Callable[..., pl.DataFrame]) -> Callable[[Evaluation], pl.DataFrame]:
    """Make a table from single replies and the human distributions."""
    return lambda e: make(e.replies.filter(group=""), *e.sides[1:], settings=e.settings)


def _of_personas(make: Callable[..., pl.DataFrame]) -> Callable[[Evaluation], pl.DataFrame]:
    """Make a table from both sides' distributions of groups."""
    return lambda e: make(*e.persona_sides, settings=e.settings)


def _mixture(evaluation: Evaluation) -> pl.DataFrame:
    shares = group_shares(evaluation.counts, groups_of(evaluation.replies))
    return analysis.persona_mixture(
        *evaluation.persona_sides, shares=shares, settings=evaluation.settings
    )


def _scores(evaluation: Evaluation) -> pl.DataFrame:
    """Give `model, condition, country`, groups, `alignment` and what it is to be read with."""
    groups = population_keys(evaluation.human_waves)[3:]
    return with_condition(evaluation.alignment, evaluation.bank).select(
        "model", "condition", "country", *groups, pl.col("estimate").alias("alignment"), "low",
        "high", "uniform", "normalised", "normalised_low", "normalised_high", "n_items",
        "rounding", "bounds",
    )  # fmt: skip


def _measures(evaluation: Evaluation, *, by_country: bool) -> pl.DataFrame:
    """Compute every measure of the registry that the data allow."""
    return measures.measure_table(
        *evaluation.sides, replies=evaluation.replies, by_country=by_country,
        settings=evaluation.settings,
    )  # fmt: skip


def _main_measures(evaluation: Evaluation) -> pl.DataFrame:
    """Take the measures that the page shows out of all of them."""
    table = make_table(evaluation, "measures")
    shown = table.filter(pl.col("measure").is_in(measures.MAIN))
    return shown.drop("set", "at", "country")


OF_PERSONAS: Final = ("personas", "persona_targeting", "persona_mixture", "flattening")
"""The tables of personas of groups."""

OVER_WAVES: Final = ("time", "nearest_wave", "wave_shift")
"""The tables that compare every wave that countries have, whichever wave is scored against."""

TABLES: Final[Mapping[str, NamedTable]] = MappingProxyType(
    {
        "alignment": NamedTable(
            "how close each way of asking comes to each country, with baseline and ceiling",
            lambda e: e.alignment,
            "countries",
        ),
        "scores": NamedTable(
            "alignment in brief: one number, its interval and its items a condition and country",
            _scores,
        ),
        "leaderboard": NamedTable(
            "which model is closest over all that every model was asked",
            _of_sides(analysis.leaderboard),
            "models",
            "simultaneous",
        ),
        "differences": NamedTable(
            "which of any two models is closer to each country, on the same items",
            _of_sides(analysis.model_differences),
        ),
        "published": NamedTable(
            "models of a published study, asked in its wording: their scores, to hold one's beside",
            published_beside,
        ),
        "baselines": NamedTable(
            "alignment beside every baseline: other countries, pooled, uniform, nearest",
            by_each_baseline,
        ),
        "uniformity": NamedTable(
            "whether countries are ranked as equal shares, which have no opinion, rank them",
            _of_sides(analysis.uniform_ranking),
            "further",
            "correlation",
        ),
        "consensus": NamedTable(
            "alignment where people agree, and where they are divided",
            _of_sides(analysis.consensus_alignment),
        ),
        "ceilings": NamedTable(
            "what people would score: a second sample, and with --retest those asked again",
            lambda e: analysis.human_ceilings(e.human_waves, e.bank, e.retest, settings=e.settings),
        ),
        "countries": NamedTable(
            "how close the countries are to each other",
            lambda e: analysis.population_matrix(e.human_waves, e.bank, settings=e.settings),
        ),
        "ways": NamedTable(
            "how close the ways of asking are to each other",
            lambda e: analysis.model_matrix(e.model_distributions, e.bank, settings=e.settings),
        ),
        "steering": NamedTable(
            "how much closer to its target each steering brings a model",
            lambda e: e.effects,
            "steering",
        ),
        "steering_means": NamedTable(
            "what each steering does for each model, over the countries that it steers to",
            _of_sides(analysis.steering_means),
        ),
        "targeting": NamedTable(
            "what each steering does for a country beyond what it does for the others",
            _of_sides(analysis.steering_targeting),
            "further",
        ),
        "personas": NamedTable(
            "how close each persona of a group comes to exactly that group",
            _of_personas(analysis.persona_alignment),
            "further",
        ),
        "persona_targeting": NamedTable(
            "whether a persona is closer to its own group than other groups' personas, or none",
            _of_personas(analysis.persona_targeting),
            "further",
        ),
        "persona_mixture": NamedTable(
            "how close a country's personas, put together in their shares, come to the country",
            _mixture,
            "further",
        ),
        "flattening": NamedTable(
            "how far apart a model's groups are, against how far apart people's are",
            _of_personas(analysis.persona_flattening),
            "further",
            "ratio",
        ),
        "own_language": NamedTable(
            "how much closer a country's own language brings a model than other languages",
            _of_sides(analysis.own_language),
            "grid",
        ),
        "language_gains": NamedTable(
            "what each language changes for each country, against English",
            _of_sides(analysis.language_gains),
        ),
        "winners": NamedTable(
            "which language and steering bring each model closest to each country",
            _of_sides(analysis.steering_winners),
            "further",
        ),
        "combinations": NamedTable(
            "what steerings together add to each alone",
            _of_sides(analysis.steering_combinations),
            "further",
        ),
        "time": NamedTable(
            "how close the answers come to each wave of the survey, and which is nearest",
            _of_sides(analysis.wave_alignment),
            "time",
        ),
        "nearest_wave": NamedTable(
            "which wave's people each way of asking is nearest to, with an interval of waves",
            _of_sides(analysis.nearest_wave),
        ),
        "wave_shift": NamedTable(
            "how much of people's own move between waves the answers share",
            _of_sides(analysis.wave_shift),
            "further",
            "ratio",
        ),
        "culture": NamedTable(
            "where countries and models lie on the Inglehart–Welzel cultural map",
            _of_sides(analysis.cultural_map),
        ),
        "culture_nearest": NamedTable(
            "which countries are nearest to each way of asking on the cultural map",
            _of_sides(analysis.nearest_countries),
        ),
        "worth": NamedTable(
            "how many real people a model's answers are worth, by country and topic",
            _of_sides(analysis.simulated_respondents),
        ),
        "variance": NamedTable(
            "what the score of a reply varies with: item, country, language, order, wording",
            _of_replies(analysis.score_variance),
            "further",
            "component",
        ),
        "form_sensitivity": NamedTable(
            "how far answers follow the form of a question: order of options, wording, labels",
            lambda e: analysis.form_sensitivity(e.replies, e.bank, settings=e.settings),
            "further",
        ),
        "order_effects": NamedTable(
            "what each order of the options does to the score",
            _of_replies(analysis.order_effects),
            "further",
        ),
        "elicitation": NamedTable(
            "whether two elicitations read the same opinions out of a model",
            _of_sides(analysis.elicitation_agreement),
            "further",
            "correlation",
        ),
        "shape": NamedTable(
            "whether a model's answers are flatter or sharper than people's, and share their mode",
            _of_sides(analysis.answer_shape),
            "further",
            "ratio",
        ),
        "topic_bias": NamedTable(
            "which way a model's mean answers depart from people's, by topic",
            _of_sides(analysis.topic_bias),
            "further",
        ),
        "structure": NamedTable(
            "whether countries that differ in the survey differ in a model asked as each",
            _of_sides(analysis.country_structure),
            "further",
            "correlation",
        ),
        "measures": NamedTable(
            "the measures that the field reports, by name, over all countries",
            lambda e: _measures(e, by_country=False),
        ),
        "measures_by_country": NamedTable(
            "the measures that the field reports, by name and country",
            lambda e: _measures(e, by_country=True),
        ),
        "main_measures": NamedTable(
            "measures that the field reports, over all countries: the main ones",
            _main_measures,
            "further",
            "ratio",
        ),
        "consistency": NamedTable(
            "entropy and agreement within families of items, beside people's",
            _of_sides(analysis.family_consistency),
            "further",
        ),
        "reliability": NamedTable(
            "shares of replies that are no answer, or no opinion, and mass off the options",
            lambda e: analysis.reply_reliability(e.replies, e.bank, e.prompts, settings=e.settings),
        ),
        "verdicts": NamedTable(
            "whether the replies of each way of asking vary with the question, or are no opinion",
            lambda e: analysis.reply_verdicts(e.replies, e.bank, e.prompts, settings=e.settings),
        ),
        "missing": NamedTable(
            "how far replies that are no answer could move each score",
            _of_replies(analysis.missing_bounds),
            "further",
        ),
        "human": NamedTable(
            "response distributions of people, item by item", lambda e: e.human_distributions
        ),
        "model": NamedTable(
            "response distributions of models, item by item",
            lambda e: e.model_distributions.drop("forms", "form_names"),
        ),
        "replies": NamedTable("every reply, with its status", lambda e: e.replies),
    }
)
"""Tables by name, in the order in which users see them."""


def make_table(evaluation: Evaluation, name: str) -> pl.DataFrame:
    """Return a table; compute it on first use.

    Parameters
    ----------
    evaluation : Evaluation
        Holds the data, and keeps the tables already made.
    name : str
        One of `TABLES`.

    Raises
    ------
    InvalidArgumentError
        The table is unknown; the message lists the known ones.
    NoDataError
        The evaluation lacks what the table needs.

    Examples
    --------
    >>> make_table(evaluation, "leaderboard").select("model", "rank").row(0)
    ('alpha', 1)
    """
    if name not in TABLES:
        raise InvalidArgumentError(f"no table {name!r}: there are {', '.join(TABLES)}")
    if name not in evaluation.tables:
        evaluation.tables[name] = TABLES[name].make(evaluation)
    return evaluation.tables[name]


def make_tables(evaluation: Evaluation) -> dict[str, pl.DataFrame]:
    """Make every table for which the evaluation has data, by name.

    Examples
    --------
    >>> sorted(make_tables(evaluation))[:3]
    ['alignment', 'baselines', 'ceilings']
    """
    made = {}
    for name in TABLES:
        try:
            made[name] = make_table(evaluation, name)
        except NoDataError:
            continue
    return made


def list_tables() -> pl.DataFrame:
    """List the tables, with columns `table` and `shows`.

    Examples
    --------
    >>> list_tables()["table"].head(3).to_list()
    ['alignment', 'scores', 'leaderboard']
    """
    rows = [(name, entry.title) for name, entry in TABLES.items()]
    return pl.DataFrame(rows, schema=["table", "shows"], orient="row")
