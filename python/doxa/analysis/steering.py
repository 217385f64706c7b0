"""What steering changes: paired differences from not steering."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.analysis.alignment import check_bootstrap, pair_with_references
from doxa.analysis.bootstrap import item_weights, percentile_interval, two_sided_p_value
from doxa.analysis.item_scores import item_alignment
from doxa.analysis.pairs import population_keys, restrict_humans, restrict_models
from doxa.distribution import MODEL_KEYS
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from doxa.question import QuestionBank

__all__ = ["steering_effects"]

_TEST: Final = {
    "low": pl.Float64,
    "high": pl.Float64,
    "std_error": pl.Float64,
    "p_value": pl.Float64,
}


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
    populations = population_keys(human)
    pairs = pair_with_references(model, human, bank, seed=seed)
    scored = pairs.with_columns(
        score=item_alignment(pairs, bank, first="probabilities", second="probabilities_human")
    )
    same = ["model", "elicitation", "template", *populations, "question"]
    unsteered = scored.filter(pl.col("steering") == "none").select(
        *same, pl.col("language").alias("reference_language"), pl.col("score").alias("reference")
    )
    own_language = pl.col("language") == pl.col("reference_language")
    wanted = (
        own_language
        if reference_language is None
        else pl.col("reference_language") == reference_language
    )
    itself = (pl.col("steering") == "none") & own_language
    keys = [*MODEL_KEYS, *populations, "reference_language"]
    rows = (
        scored.join(unsteered, on=same, maintain_order="left")
        .filter(wanted & ~itself)
        .group_by(keys, maintain_order=True)
        .agg(effects=pl.col("score") - pl.col("reference"))
    )
    if rows.is_empty():
        raise NoDataError(
            "no steering to measure: ask without steering too, in the language to compare with"
        )
    tests = [_test(v.to_numpy(), n_resamples, confidence, seed) for v in rows["effects"]]
    return rows.select(
        *keys,
        pl.col("effects").list.len().cast(pl.Int64).alias("n_items"),
        pl.col("effects").list.mean().alias("estimate"),
        *pl.DataFrame(tests, schema=_TEST, orient="row").get_columns(),
        pl.lit("items").alias("resampled"),
    )


def _test(
    effects: NDArray[np.float64], n_resamples: int, confidence: float, seed: int
) -> tuple[float | None, ...]:
    if len(effects) < 2:
        return (None,) * len(_TEST)
    replicates = item_weights(len(effects), n_resamples, seed) @ effects
    return (
        *percentile_interval(replicates, confidence),
        float(replicates.std()),
        two_sided_p_value(replicates),
    )
