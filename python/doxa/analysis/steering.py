"""What steering changes: paired differences from not steering."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.analysis.alignment import check_bootstrap, pair_with_references
from doxa.analysis.item_scores import score_items
from doxa.analysis.pairs import population_keys, restrict_humans, restrict_models
from doxa.distribution import MODEL_KEYS
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doxa.question import QuestionBank

__all__ = ["steering_effects"]

_TEST: Final = ("low", "high", "std_error", "p_value")
_UNSTEERED: Final = "unsteered_"


def steering_effects(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    *,
    reference_language: str | None = None,
    exclude_items: Iterable[str] = (),
    wave: int | None = 7,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
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
    bank : QuestionBank
        The items, with their scales.
    reference_language : str, optional
        The language of the unsteered replies to compare with. Default: the steered prompt's
        own. With a language, unsteered prompts in other languages become rows too.
    exclude_items : iterable of str
        Items left out, such as those shown as few-shot examples.
    wave : int or None
        The survey's wave; None for every wave.
    n_resamples, confidence, seed
        Of the bootstrap over items, as in `country_alignment`.

    Returns
    -------
    polars.DataFrame
        One row per steered way of asking and population: `model`, `elicitation`, `language`,
        `steering`, `target`, `template`, `survey`, `wave`, `country`, further keys,
        `reference_language`, `n_items`, `estimate` (positive: the steering helps), `low`,
        `high`, `std_error`, `p_value` (two-sided, not corrected for the number of tests),
        `resampled`. With one item only the last four numbers are null.

    Raises
    ------
    NoDataError
        A side has no distributions, or nothing unsteered shares an item with anything steered.
    InvalidArgumentError
        An argument is out of range.
    """
    check_bootstrap(n_resamples, confidence)
    human = restrict_humans(human, bank, wave=wave, exclude_items=exclude_items)
    model = restrict_models(model, bank, exclude_items=exclude_items)
    keys = [*MODEL_KEYS, *population_keys(human)]
    pairs = pair_with_references(model, human, bank, seed=seed)
    effects = _comparisons(pairs.select(keys).unique(maintain_order=True), reference_language)
    batch = score_items(
        pairs,
        bank,
        first="probabilities",
        second="probabilities_human",
        groups=keys,
        resample="items",
        n_resamples=n_resamples,
        confidence=confidence,
        seed=seed,
    )
    steered = effects.select(keys).rows(named=True)
    unsteered = effects.select(pl.col(_UNSTEERED + name).alias(name) for name in keys).rows(
        named=True
    )
    tests = batch.compare(steered, unsteered)
    one_item = pl.col("n_items") == 1
    return pl.concat([effects, tests], how="horizontal").select(
        *keys,
        pl.col(_UNSTEERED + "language").alias("reference_language"),
        "n_items",
        "estimate",
        *(pl.when(~one_item).then(pl.col(name)).alias(name) for name in _TEST),
        resampled=pl.lit("items"),
    )


def _comparisons(groups: pl.DataFrame, reference_language: str | None) -> pl.DataFrame:
    """Pair each steered group with the unsteered one to compare it with.

    Returns the groups' keys, and beside them the other's under names that begin "unsteered_".
    """
    unsteered = groups.filter(pl.col("steering") == "none").rename(_UNSTEERED.__add__)
    same = [name for name in groups.columns if name not in ("language", "steering", "target")]
    other_language = pl.col("language") != pl.col(_UNSTEERED + "language")
    wanted = (
        ~other_language
        if reference_language is None
        else pl.col(_UNSTEERED + "language") == reference_language
    )
    paired = groups.join(
        unsteered,
        left_on=same,
        right_on=[_UNSTEERED + name for name in same],
        coalesce=False,
        maintain_order="left",
    ).filter(wanted & ((pl.col("steering") != "none") | other_language))
    if paired.is_empty():
        raise NoDataError(
            "no steering to measure: ask without steering too, in the language to compare with"
        )
    return paired
