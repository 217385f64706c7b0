"""Whether a model's answers differ between countries as people's answers do in the survey."""

from __future__ import annotations

import math
from itertools import islice, permutations
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl

from doxa.analysis.parts.blocks import keep_block
from doxa.analysis.parts.correction import with_adjusted
from doxa.analysis.parts.item_scores import score_items
from doxa.analysis.parts.notes import finish
from doxa.analysis.parts.pairs import population_keys, restrict
from doxa.analysis.parts.rank_correlation import rank_correlations
from doxa.analysis.parts.settings import DEFAULTS
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.score.intervals import percentile_interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from doxa.analysis.parts.correction import Correction
    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["country_answers", "country_structure", "mantel_p_value"]

OWN_LANGUAGE: Final = "own"
"""The `language` of answers that were asked for each country in its own main language."""

_WAY: Final = ("model", "elicitation", "steering", "group", "reasoning")
_ASKED: Final = (*_WAY, "language")
_CORRELATION: Final = "rank correlation of distances"
_RATIO: Final = "ratio of mean distances"
_FEW: Final = "fewer than three countries: no rank correlation"
_ALIKE: Final = "all distances alike on one side: no rank correlation"
_NO_DISTANCE: Final = "the survey's countries do not differ: no ratio"
_CHUNK: Final = 1000


def country_structure(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    *,
    n_permutations: int = 9999,
    correction: Correction = "holm",
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Compare the distances between countries in a model's answers with those in the survey.

    The distance between two countries is 1 minus the mean alignment of their distributions, over
    items that all countries have on both sides. Countries with few items are left out where they
    would cost the others more than they bring: countries times items is made largest. A model's
    answers for a country are those steered towards it, or those without steering in its main
    language.

    Parameters
    ----------
    model, human
        As in `country_alignment`.
    bank : QuestionBank
        The items, with their scales, and the countries, with their languages.
    n_permutations : int
        Permutations of the countries to draw for the test, at least 1. If no more exist, all are
        used.
    correction : {"holm", "benjamini_hochberg"}
        How to correct for the number of tests in the table.
    settings : Settings
        Only items are resampled, whatever `resample` is; the seed fixes the permutations too.

    Returns
    -------
    polars.DataFrame
        Two rows per model, elicitation, steering, group, reasoning and language ("own" if
        each country was asked in its own): these keys, `survey`, `wave` and further keys,
        `measure`, `estimate`, `low`, `high`, `p_value`, `p_adjusted`, `n_countries`, `n_items`,
        `resampled`, `note`. The measures:

        rank correlation of distances
            Spearman's, over the pairs of countries, in [-1, 1]. Its p-value is one-sided,
            from Mantel's permutation test of no association.
        ratio of mean distances
            The mean distance in the model's answers divided by that in the survey, at least 0.
            Below 1 the model understates how much countries differ; above 1 it exaggerates.

    Raises
    ------
    NoDataError
        A side has no distributions, or no answers stand for two countries or more.
    InvalidArgumentError
        `n_permutations` is below 1, or the correction is unknown.

    References
    ----------
    Mantel, N. (1967). The detection of disease clustering and a generalized regression
    approach. *Cancer Research* 27(2), 209–220.

    Examples
    --------
    >>> table = country_structure(model, human, bank)
    >>> table["measure"].unique(maintain_order=True).to_list()
    ['rank correlation of distances', 'ratio of mean distances']
    """
    if n_permutations < 1:
        raise InvalidArgumentError(f"n_permutations={n_permutations}: it must be 1 or more")
    model, human = restrict(model, human, bank, settings)
    answers, keys = country_answers(model, human, bank)
    rows = []
    for part in answers.partition_by(keys, maintain_order=True):
        distances = CountryDistances.of(part, bank, settings)
        numbers = distances.n_countries, distances.n_items
        for measure, row in (
            (_CORRELATION, _correlation(distances, n_permutations, settings)),
            (_RATIO, _ratio(distances, settings.confidence)),
        ):
            rows.append((*part.select(keys).row(0), measure, *row, *numbers))
    schema = {name: answers.schema[name] for name in keys} | _TABLE
    table = finish(pl.DataFrame(rows, schema=schema, orient="row"), pl.col("said"))
    return with_adjusted(table, correction).drop("said")


_TABLE: Final = {
    "measure": pl.String,
    "estimate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "p_value": pl.Float64,
    "said": pl.String,
    "n_countries": pl.Int64,
    "n_items": pl.Int64,
}


def mantel_p_value(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    *,
    n_permutations: int = 9999,
    seed: int = 0,
) -> tuple[float, int]:
    """Test whether two symmetric matrices are associated, by permuting the rows of one.

    Parameters
    ----------
    first, second : numpy.ndarray
        Shape (n, n), symmetric; the diagonals do not matter.
    n_permutations : int
        Permutations to draw; if no more exist, all are used.
    seed : int
        Fixes the permutations drawn.

    Returns
    -------
    p_value : float
        (k + 1) / (m + 1), where k of m permutations correlate at least as highly as the matrices
        themselves (Pearson's correlation over the pairs; pass ranks for Spearman's).
    m : int
        The number of permutations.

    Examples
    --------
    >>> line = np.abs(np.subtract.outer(np.arange(5.0), np.arange(5.0)))
    >>> p_value, m = mantel_p_value(line, line)
    >>> m, round(p_value * (m + 1))
    (119, 2)
    """
    size = len(first)
    rows, columns = np.triu_indices(size, 1)
    fixed = second[rows, columns] - second[rows, columns].mean()
    observed = float(first[rows, columns] @ fixed)
    tolerance = 1e-12 * float(np.abs(first[rows, columns]) @ np.abs(fixed))
    as_high = count = 0
    for order in _permutations_of(size, n_permutations, seed):
        drawn = first[order[:, rows], order[:, columns]] @ fixed
        as_high += int((drawn >= observed - tolerance).sum())
        count += len(order)
    return (as_high + 1) / (count + 1), count


def _permutations_of(size: int, n_permutations: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield permutations in chunks of rows: all except the identity, or as many as asked for."""
    if math.factorial(size) - 1 <= n_permutations:
        yield np.array(list(islice(permutations(range(size)), 1, None)), np.int64)
        return
    rng = np.random.default_rng(seed)
    for start in range(0, n_permutations, _CHUNK):
        wanted = min(_CHUNK, n_permutations - start)
        yield rng.permuted(np.tile(np.arange(size), (wanted, 1)), axis=1)


def country_answers(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> tuple[pl.DataFrame, list[str]]:
    """Pair the answers that a model gave as each country with that country's people.

    Returns
    -------
    answers : polars.DataFrame
        One row per key, country and question, in this order, with `probabilities` and
        `probabilities_human`.
    keys : list of str
        What names a set of countries: the way of asking, survey, wave and further keys.

    Raises
    ------
    NoDataError
        No answers stand for two countries or more.

    Examples
    --------
    >>> answers, keys = country_answers(model, human, bank)
    >>> answers["country"].unique().sort().to_list()
    ['JPN', 'USA']
    """
    populations = [name for name in population_keys(human) if name != "country"]
    keys = [*_ASKED, *populations]
    answers = (
        _asked_as(model, human, bank)
        .join(
            human.select(*populations, "country", "question", "probabilities"),
            on=["country", "question"],
            suffix="_human",
        )
        .filter(pl.col("country").n_unique().over(keys) > 1)
        .sort(*keys, "country", "question")
    )
    if answers.is_empty():
        raise NoDataError(
            "no answers stand for two countries of the survey: steer towards two or more targets, "
            "or ask in the main languages of two or more countries"
        )
    return answers, keys


def _asked_as(model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    """Add the country that each distribution stands for, and the language of asking."""
    names = [*_ASKED, "country", "question", "probabilities"]
    main = pl.DataFrame(
        [
            (country, languages[0])
            for country in human["country"].unique().sort()
            if country in bank.countries and (languages := bank.languages_of(country))
        ],
        schema={"country": pl.String, "main_language": pl.String},
        orient="row",
    )
    targeted = model.filter(pl.col("target") != "").with_columns(country="target")
    own = targeted.join(main, on="country").filter(pl.col("language") == pl.col("main_language"))
    spoken = model.filter(pl.col("target") == "").join(
        main, left_on="language", right_on="main_language"
    )
    mixed = pl.concat([own.select(names), spoken.select(names)]).filter(
        pl.col("language").n_unique().over(_WAY) > 1
    )
    return pl.concat([targeted.select(names), mixed.with_columns(language=pl.lit(OWN_LANGUAGE))])


class CountryDistances(NamedTuple):
    """Distances between pairs of countries on both sides, with bootstrap replicates.

    Arrays of shape (pairs,) and (pairs, n_resamples).
    """

    n_countries: int
    n_items: int
    model: NDArray[np.float64]
    human: NDArray[np.float64]
    model_drawn: NDArray[np.float64]
    human_drawn: NDArray[np.float64]

    @classmethod
    def of(cls, part: pl.DataFrame, bank: QuestionBank, settings: Settings) -> CountryDistances:
        """Measure the distances between the countries that `keep_block` keeps, over its items."""
        answers = keep_block(part, ["country"])
        n_countries, n_items = answers["country"].n_unique(), answers["question"].n_unique()
        if n_countries < 2:
            none = np.empty(0)
            return cls(n_countries, 0, none, none, none, none)
        pairs = answers.join(answers, on="question", suffix="_other").filter(
            pl.col("country") < pl.col("country_other")
        )
        pairs = pairs.sort("country", "country_other", "question")
        found: list[NDArray[np.float64]] = []
        for column in ("probabilities", "probabilities_human"):
            ends, other = ["country", "country_other"], column + "_other"
            batch = score_items(pairs, bank, ends, settings, first=column, second=other)
            found += [1 - batch.groups["estimate"].to_numpy(), 1 - batch.replicates()]
        model, model_drawn, human, human_drawn = found
        return cls(n_countries, n_items, model, human, model_drawn, human_drawn)


_Row = tuple[float | None, float | None, float | None, float | None, str | None]


def _correlation(distances: CountryDistances, n_permutations: int, settings: Settings) -> _Row:
    size = distances.n_countries
    if distances.n_items == 0:
        return None, None, None, None, None
    if size < 3:
        return None, None, None, None, _FEW
    (estimate,) = rank_correlations(distances.model[:, None], distances.human[:, None])
    if np.isnan(estimate):
        return None, None, None, None, _ALIKE
    drawn = rank_correlations(distances.model_drawn, distances.human_drawn)
    low, high = percentile_interval(drawn[~np.isnan(drawn)], settings.confidence)
    squares = []
    for values in (distances.model, distances.human):
        square = np.zeros((size, size))
        square[np.triu_indices(size, 1)] = pl.Series(values).rank("average")
        squares.append(square + square.T)
    p_value, count = mantel_p_value(*squares, n_permutations=n_permutations, seed=settings.seed)
    least = f"{size} countries: no p-value below {1 / (count + 1):.2g}"
    return float(estimate), low, high, p_value, least if count < 19 else None


def _ratio(distances: CountryDistances, confidence: float) -> _Row:
    if distances.n_items == 0:
        return None, None, None, None, None
    below = distances.human.mean()
    if not below > 0:
        return None, None, None, None, _NO_DISTANCE
    below_drawn = distances.human_drawn.mean(axis=0)
    drawn = distances.model_drawn.mean(axis=0)[below_drawn > 0] / below_drawn[below_drawn > 0]
    low, high = percentile_interval(drawn, confidence)
    return float(distances.model.mean() / below), low, high, None, None
