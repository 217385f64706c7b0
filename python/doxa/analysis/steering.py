"""What steering changes: paired differences from not steering."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.analysis.correction import with_adjusted
from doxa.analysis.pairs import pair_all, population_keys, restrict_humans, restrict_models
from doxa.analysis.resampling import Resampling
from doxa.analysis.scored import Scored
from doxa.distribution import MODEL_KEYS
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from doxa.analysis.correction import Correction
    from doxa.distribution import HasItems
    from doxa.score import ResampleSource

__all__ = ["score_pairs", "steering_effects", "steering_pairs"]

_UNSTEERED: Final = "unsteered_"
ONE_ITEM: Final = "one item: no test"
NO_ITEM: Final = "no item in common: no effect"


def steering_effects(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    reference_language: str | None = None,
    targets_only: bool = False,
    exclude_items: Iterable[str] = (),
    wave: int | None = 7,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    resample: ResampleSource | Sequence[ResampleSource] = "items",
    correction: Correction = "holm",
    family: Sequence[str] = (),
) -> pl.DataFrame:
    """Measure how much closer to a population each steering brings a model.

    An effect is the mean over items of alignment with the steering minus alignment without
    any, of the same model, elicitation and template, on the items that both have.

    Parameters
    ----------
    model : polars.DataFrame
        As `doxa.distribution.model_distributions` gives it.
    human : polars.DataFrame
        As `doxa.distribution.human_distributions` gives it.
    bank : QuestionBank or other HasItems
        The items, with their scales.
    reference_language : str, optional
        The language of the unsteered replies to compare with. Default: the steered prompt's
        own. With a language, unsteered prompts in other languages become rows too.
    targets_only : bool
        Whether to measure only what a steering does for the country it names; the tests of
        other countries are then no part of the family.
    exclude_items : iterable of str
        Items left out, such as those shown as few-shot examples.
    wave : int or None
        The survey's wave; None for every wave.
    n_resamples, confidence, seed, resample
        Of the bootstrap, as in `country_alignment`. Both sides of a difference are compared
        with the same draws of items and respondents.
    correction : {"holm", "benjamini_hochberg"}
        As in `doxa.analysis.adjust_p_values`.
    family : sequence of str
        Key columns; rows that agree in them are one family of tests. By default the whole
        table is, so filter after the correction only what was never a question.

    Returns
    -------
    polars.DataFrame
        One row per steered way of asking and population: `model`, `elicitation`, `language`,
        `steering`, `target`, `template`, `survey`, `wave`, `country`, further keys,
        `reference_language`, `n_items`, `estimate` (positive: the steering helps), `low`,
        `high`, `std_error`, `p_value` (two-sided, by Student's t), `p_adjusted`, `resampled`,
        `note`. A number that cannot be had is null, and `note` says why.

    Raises
    ------
    NoDataError
        A side has no distributions, or nothing unsteered shares an item with anything steered.
    InvalidArgumentError
        An argument is out of range.
    """
    resampling = Resampling.of(resample, n_resamples, confidence, seed)
    pairs, keys = score_pairs(model, human, bank, wave=wave, exclude_items=exclude_items)
    scored = Scored(pairs, bank, keys, resampling)
    effects = steering_pairs(scored.groups, reference_language)
    if targets_only:
        effects = effects.filter(pl.col("target") == pl.col("country"))
        if effects.is_empty():
            raise NoDataError("no steering names a country that the survey has")
    contrasts = [{a: 1.0, b: -1.0} for a, b in effects.select("steered", "unsteered").iter_rows()]
    tests, _ = scored.summarise(contrasts)
    table = pl.concat([effects, tests], how="horizontal").select(
        *keys,
        pl.col(_UNSTEERED + "language").alias("reference_language"),
        "n_items",
        "estimate",
        "low",
        "high",
        "std_error",
        "p_value",
        resampled=pl.lit(resampling.label),
        note=pl.when(pl.col("n_items") == 0)
        .then(pl.lit(NO_ITEM))
        .when(pl.col("p_value").is_null())
        .then(pl.lit(ONE_ITEM))
        .otherwise(pl.lit("")),
    )
    return with_adjusted(table, correction, family).select(
        pl.exclude("p_adjusted", "resampled", "note"), "p_adjusted", "resampled", "note"
    )


def score_pairs(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    wave: int | None,
    exclude_items: Iterable[str],
) -> tuple[pl.DataFrame, list[str]]:
    """Pair every way of asking with every population, and name the keys of the groups.

    Raises
    ------
    NoDataError
        A side has no distributions, or the two share no item.
    """
    human = restrict_humans(human, bank, wave=wave, exclude_items=exclude_items)
    model = restrict_models(model, bank, exclude_items=exclude_items)
    return pair_all(model, human, bank), [*MODEL_KEYS, *population_keys(human)]


def steering_pairs(groups: pl.DataFrame, reference_language: str | None) -> pl.DataFrame:
    """Pair each steered group with the unsteered one to compare it with.

    Parameters
    ----------
    groups : polars.DataFrame
        Keys of the groups.
    reference_language : str or None
        As in `steering_effects`.

    Returns
    -------
    polars.DataFrame
        The groups' keys, `steered` and `unsteered` (their rows in `groups`), and the other's
        keys under names that begin "unsteered_".

    Raises
    ------
    NoDataError
        There is nothing to compare with.
    """
    unsteered = (
        groups.rename(_UNSTEERED.__add__)
        .with_row_index("unsteered")
        .filter(pl.col(_UNSTEERED + "steering") == "none")
    )
    same = [name for name in groups.columns if name not in ("language", "steering", "target")]
    other_language = pl.col("language") != pl.col(_UNSTEERED + "language")
    # Replies to a mere prompt language may be recorded under the country it was chosen for.
    named = pl.col(_UNSTEERED + "target")
    same_target = (named == "") | (named == pl.col("target"))
    wanted = (
        ~other_language
        if reference_language is None
        else pl.col(_UNSTEERED + "language") == reference_language
    )
    paired = (
        groups.with_row_index("steered")
        .join(
            unsteered,
            left_on=same,
            right_on=[_UNSTEERED + name for name in same],
            coalesce=False,
            nulls_equal=True,
            maintain_order="left",
        )
        .filter(wanted & same_target & ((pl.col("steering") != "none") | other_language))
    )
    if paired.is_empty():
        raise NoDataError(
            "no steering to measure: ask without steering too, in the language to compare with"
        )
    return paired
