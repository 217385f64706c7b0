"""Models side by side: any two of them, and what a steering does for each."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.blocks import largest_block
from doxa.analysis.parts.contrasts import GroupScores
from doxa.analysis.parts.notes import SCORE_NOTES, note
from doxa.analysis.parts.pairs import pair_items, population_keys, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.analysis.steering import steering_pairs
from doxa.distribution import MODEL_KEYS
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["MOST_DIFFERENCES", "model_differences", "steering_means"]

MOST_DIFFERENCES: Final = 20_000
"""Rows of `model_differences` beyond which further ways of asking are left out."""

_WAY: Final = tuple(name for name in MODEL_KEYS if name != "model")
_STEERED: Final = ("model", "elicitation", "steering", "group", "reasoning")
_FEWER: Final = "countries not in the mean, with few of the items that the others have: {}"


def model_differences(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    *,
    most: int = MOST_DIFFERENCES,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Compare every two models within each way of asking and population, on the same items.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`. Steered answers count only for their target.
    most : int
        Rows that the table may have. Ways of asking are taken in order, those without steering
        and in English first, as long as all their pairs fit; the first is always taken.
        `compare_models` has no such limit.
    settings : Settings
        Both sides of a difference use the same draws.

    Returns
    -------
    polars.DataFrame
        One row per two models, way of asking and population: `a`, `b`, the keys, `n_items`,
        `estimate` (mean alignment of a minus that of b; positive: a is closer), `low`, `high`,
        `std_error`, `p_value` (two-sided, not corrected for the number of rows), `resampled`,
        `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or no two models were asked anything in the same way.

    Examples
    --------
    >>> table = model_differences(model, human, bank)
    >>> table.select("a", "b", "elicitation", "country").row(0)
    ('alpha', 'beta', 'logprobs', 'BGD')
    """
    model, human = restrict(model, human, bank, settings)
    pairs = pair_items(model, human, bank)
    keys = [*_WAY, *population_keys(human)]
    chosen = _chosen_ways(pairs, keys, most)
    if chosen.is_empty():
        raise NoDataError("no two models were asked anything in the same way: nothing to compare")
    tables = []
    for way in chosen.iter_slices(1):
        asked = pairs.join(way, on=_WAY, how="semi", maintain_order="left")
        scores = GroupScores(asked, bank, ["model", *keys], settings)
        rows, contrasts = _pairs_of_models(scores.groups, keys)
        tests, _ = scores.contrast(contrasts, replicates=False)
        told = tests.with_columns(
            pl.lit(scores.settings.resampled).alias("resampled"),
            note(*SCORE_NOTES, scores.notes_of(contrasts)),
        )
        tables.append(pl.concat([rows, told], how="horizontal"))
    return pl.concat(tables)


def _chosen_ways(pairs: pl.DataFrame, keys: Sequence[str], most: int) -> pl.DataFrame:
    """Choose the ways of asking whose pairs of models fit into a table."""
    groups = pairs.select("model", *keys).unique()
    models = pl.len().cast(pl.Int64)
    per_cell = groups.group_by(keys).agg(n=models * (models - 1) // 2)
    ways = (
        per_cell.group_by(_WAY)
        .agg(pl.col("n").sum())
        .filter(pl.col("n") > 0)
        .sort(pl.col("steering") != "none", pl.col("language") != "en", *_WAY)
    )
    # each elicitation has its first way: none stands without a comparison
    first = pl.int_range(pl.len()).over("elicitation") == 0
    fits = pl.col("n").cum_sum() <= most
    return ways.filter(first | fits).select(_WAY)


def _pairs_of_models(
    groups: pl.DataFrame, keys: list[str]
) -> tuple[pl.DataFrame, list[dict[int, float]]]:
    """Pair the models of each cell: the names of both with the cell's keys, and the contrasts."""
    rows: list[tuple[Any, ...]] = []
    contrasts = []
    numbered = groups.with_row_index("_group")
    for cell, members in numbered.group_by(keys, maintain_order=True):
        named = members.sort("model").select("model", "_group").rows()
        for (a, first), (b, second) in combinations(named, 2):
            rows.append((a, b, *cell))
            contrasts.append({first: 1.0, second: -1.0})
    types = {"a": pl.String, "b": pl.String} | dict(groups.select(keys).schema)
    return pl.DataFrame(rows, schema=types, orient="row"), contrasts


def steering_means(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Measure what each steering does for each model, over all countries that it steers to.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`.
    settings : Settings
        Both sides of a difference use the same draws. The countries are taken as given.

    Returns
    -------
    polars.DataFrame
        One row per model, elicitation, steering, group and reasoning: these keys, `survey`, `wave`,
        further keys, `unsteered` and `steered` (mean alignments with the countries steered to,
        in the same languages and on the same items), `n_countries`, `n_items`, `estimate`
        (steered minus unsteered), `low`, `high`, `std_error`, `p_value` (two-sided), `resampled`,
        `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or no steering towards a country can be compared with
        unsteered answers in the same language.

    Notes
    -----
    The mean uses the countries and items that make countries times items largest.

    Examples
    --------
    >>> table = steering_means(model, human, bank)
    >>> table.select("model", "steering", "n_countries").row(0)
    ('alpha', 'persona', 2)
    """
    model, human = restrict(model, human, bank, settings)
    populations = population_keys(human)
    keys = [*_STEERED, *(name for name in populations if name != "country")]
    pairs = pair_items(model, human, bank)
    scores = GroupScores(pairs, bank, [*MODEL_KEYS, *populations], settings)
    own = steering_pairs(scores.groups, None).filter(pl.col("target") == pl.col("country"))
    if own.is_empty():
        raise NoDataError("no steering has a country of the survey as target: name one")
    rows: list[dict[str, Any]] = []
    contrasts = []
    for way, effects in own.group_by(keys, maintain_order=True):
        row, contrast = _mean_effect(scores, effects)
        rows.append(dict(zip(keys, way, strict=True)) | row)
        contrasts.append(contrast)
    tests, _ = scores.contrast(contrasts, replicates=False)
    named = pl.DataFrame(rows, infer_schema_length=None)
    return pl.concat([named, tests], how="horizontal").select(
        *keys, "unsteered", "steered", "n_countries", *tests.columns,
        pl.lit(scores.settings.resampled).alias("resampled"),
        note(*SCORE_NOTES, scores.notes_of(contrasts), pl.col("told")),
    )  # fmt: skip


def _mean_effect(
    scores: GroupScores, effects: pl.DataFrame
) -> tuple[dict[str, Any], Mapping[int, float]]:
    """Average the effects of one steering over its countries, on the items that all have."""
    steered, unsteered = effects["steered"].to_numpy(), effects["unsteered"].to_numpy()
    held = ~np.isnan(scores.values[steered]) & ~np.isnan(scores.values[unsteered])
    kept, items = largest_block(held)
    countries = effects["country"].gather(kept).n_unique()
    fewer = effects["country"].n_unique() - countries
    sides = {"unsteered": unsteered[kept], "steered": steered[kept]}
    weight = 1.0 / max(1, len(kept))
    weights: dict[int, float] = {}
    for side, sign in (("steered", weight), ("unsteered", -weight)):
        for group in sides[side].tolist():
            weights[group] = weights.get(group, 0.0) + sign
    means = {
        name: float(scores.values[np.ix_(groups, items)].mean()) if len(kept) else None
        for name, groups in sides.items()
    }
    told = _FEWER.format(fewer) if fewer else None
    return means | {"n_countries": countries, "told": told}, weights or {0: float("nan")}
