"""How much a result depends on how one asked: the order of options, the elicitation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.correction import t_p_values, with_adjusted
from doxa.analysis.finish import finish
from doxa.analysis.item_scores import item_alignment, score_items
from doxa.analysis.pairs import pair_items, population_keys, restrict_humans, restrict_models
from doxa.analysis.rank_correlation import rank_correlations
from doxa.analysis.resampling import percentile_interval
from doxa.distribution import MODEL_KEYS, model_distributions
from doxa.errors import NoDataError
from doxa.prompt.order import ordered_codes
from doxa.score import mean_batch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doxa.analysis.correction import Correction
    from doxa.questionnaire import Item, QuestionBank

__all__ = ["elicitation_agreement", "order_effects", "order_sensitivity"]

_ONE_ORDER: Final = "every item was asked in one order of its options: ask in two or more"
_FEW: Final = "fewer than three populations: no rank correlation"
_ALIKE: Final = "all scores alike under one elicitation: no rank correlation"
_LEAST: Final = 3
_CORRELATION: Final = {
    "estimate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "n_items": pl.Int64,
    "n_populations": pl.Int64,
}


def order_sensitivity(
    replies: pl.DataFrame,
    bank: QuestionBank,
    *,
    exclude_items: Iterable[str] = (),
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> pl.DataFrame:
    """Measure how far a model's answers follow the order in which options are shown.

    Parameters
    ----------
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them, with two orders or more.
    bank : QuestionBank
        The items, with their scales.
    exclude_items : iterable of str
        Items left out, such as those shown as few-shot examples.
    n_resamples, confidence, seed
        Of the bootstrap over items.

    Returns
    -------
    polars.DataFrame
        Three rows per way of asking: its keys, `measure`, `estimate`, `low`, `high`,
        `std_error`, `n_items`, `resampled`, `note`. The measures:

        distance between orders
            1 - alignment of the distributions in two orders, over all pairs of orders; in
            [0, 1], 0 where the order does not matter.
        gain when shown first, gain when shown last
            The share of an option when it is shown first (last), less its share when it is
            shown elsewhere, over the options of an item that were shown both ways; in [-1, 1].
            Options beside the scale, which are always shown last, are left out.

    Raises
    ------
    NoDataError
        There are no distributions, or no item was asked in two orders.
    InvalidArgumentError
        An argument is out of range.

    Notes
    -----
    The gains are position bias as a difference of means within items, so that they do not
    depend on which options a model likes.
    """
    by_order = model_distributions(replies, bank, by=("option_order",))
    by_order = restrict_models(by_order, bank, exclude_items=exclude_items)
    keys = [*MODEL_KEYS, "question"]
    pairs = by_order.join(by_order, on=keys, suffix="_other").filter(
        pl.col("option_order") < pl.col("option_order_other")
    )
    if pairs.is_empty():
        raise NoDataError(_ONE_ORDER)
    distance = 1.0 - item_alignment(
        pairs, bank, first="probabilities", second="probabilities_other"
    )
    measures = (
        pairs.select(*keys, distance.alias("distance between orders"))
        .group_by(keys, maintain_order=True)
        .mean()
        .join(_gains(by_order, bank), on=keys, how="left", maintain_order="left")
    )
    batch = mean_batch(
        measures.drop(keys),
        groups=measures.select(MODEL_KEYS),
        items=measures["question"],
        n_resamples=n_resamples,
        confidence=confidence,
        seed=seed,
    )
    interval = ("estimate", "low", "high", "std_error")
    table = batch.groups.rename({"metric": "measure"})
    order = {name: number for number, name in enumerate(measures.columns)}
    return finish(
        table.select(*MODEL_KEYS, "measure", *interval, n_items="n").sort(
            *MODEL_KEYS, pl.col("measure").replace_strict(order)
        )
    )


def order_effects(
    replies: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    *,
    reference: str = "listed",
    correction: Correction = "holm",
    exclude_items: Iterable[str] = (),
    wave: int | None = 7,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> pl.DataFrame:
    """Measure what each order of the options does to the score.

    Parameters
    ----------
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them, with the reference order and others.
    human : polars.DataFrame
        As `doxa.distribution.human_distributions` gives it.
    bank : QuestionBank
        The items, with their scales.
    reference : str
        The order to compare with.
    correction : {"holm", "benjamini_hochberg"}
        For the number of tests in the table.
    exclude_items : iterable of str
        Items left out, such as those shown as few-shot examples.
    wave : int or None
        The survey's wave; None for every wave.
    n_resamples, confidence, seed
        Of the bootstrap over items.

    Returns
    -------
    polars.DataFrame
        One row per way of asking, population and other order: the keys, `option_order`,
        `reference`, `estimate` (score in this order less score in the reference, on the items
        asked in both), `low`, `high`, `std_error`, `p_value` (two-sided, Student's t on the
        bootstrap's standard error), `p_adjusted`, `n_items`, `resampled`, `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or no item was asked in the reference order and another.
    InvalidArgumentError
        An argument is out of range.
    """
    human = restrict_humans(human, bank, wave=wave, exclude_items=exclude_items)
    by_order = model_distributions(replies, bank, by=("option_order",))
    by_order = restrict_models(by_order, bank, exclude_items=exclude_items)
    pairs = pair_items(by_order, human, bank)
    same = [*MODEL_KEYS, *population_keys(human)]
    items = pairs.filter(pl.col("option_order") == reference).select(*same, "question")
    compared = (
        pairs.filter(pl.col("option_order") != reference)
        .join(items, on=[*same, "question"], how="semi")
        .select(*same, "option_order")
        .unique(maintain_order=True)
    )
    if compared.is_empty():
        raise NoDataError(f"no item was asked in the order {reference!r} and in another")
    batch = score_items(
        pairs,
        bank,
        first="probabilities",
        second="probabilities_human",
        groups=[*same, "option_order"],
        resample="items",
        n_resamples=n_resamples,
        confidence=confidence,
        seed=seed,
    )
    others = compared.rows(named=True)
    tests = batch.compare(others, [{**row, "option_order": reference} for row in others])
    p_values = t_p_values(tests["estimate"], tests["std_error"], tests["n_items"])
    table = compared.with_columns(reference=pl.lit(reference)).hstack(
        tests.select("estimate", "low", "high", "std_error", "n_items", p_value=pl.Series(p_values))
    )
    ends = ("p_value", "p_adjusted", "n_items", "resampled", "note")
    corrected = with_adjusted(finish(table), correction)
    return corrected.select(pl.exclude(ends), *ends)


def elicitation_agreement(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    *,
    exclude_items: Iterable[str] = (),
    wave: int | None = 7,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> pl.DataFrame:
    """Measure whether two elicitations read the same opinions out of a model.

    Parameters
    ----------
    model : polars.DataFrame
        As `doxa.distribution.model_distributions` gives it, with two elicitations or more.
    human : polars.DataFrame
        As `doxa.distribution.human_distributions` gives it.
    bank : QuestionBank
        The items, with their scales.
    exclude_items : iterable of str
        Items left out, such as those shown as few-shot examples.
    wave : int or None
        The survey's wave; None for every wave.
    n_resamples, confidence, seed
        Of the bootstrap over items.

    Returns
    -------
    polars.DataFrame
        Two rows per way of asking and pair of elicitations: the keys, `elicitation`,
        `other_elicitation`, `measure`, `estimate`, `low`, `high`, `n_items`,
        `n_populations`, `resampled`, `note`. The measures: "alignment of distributions", in
        [0, 1], over the items that both have; "rank correlation of scores", Spearman's over
        the populations that the way of asking is compared with, on the items that both
        elicitations and all these populations have.

    Raises
    ------
    NoDataError
        A side has no distributions, or no item was asked through two elicitations.
    InvalidArgumentError
        An argument is out of range.
    """
    human = restrict_humans(human, bank, wave=wave, exclude_items=exclude_items)
    model = restrict_models(model, bank, exclude_items=exclude_items)
    same = [name for name in MODEL_KEYS if name != "elicitation"]
    both = model.join(
        model.select(*same, "elicitation", "question", "probabilities"),
        on=[*same, "question"],
        suffix="_other",
    ).filter(pl.col("elicitation") < pl.col("elicitation_other"))
    if both.is_empty():
        raise NoDataError("no item was asked through two elicitations: ask through two or more")
    keys = [*same, "elicitation", "elicitation_other"]
    alike = score_items(
        both,
        bank,
        first="probabilities",
        second="probabilities_other",
        groups=keys,
        resample="items",
        n_resamples=n_resamples,
        confidence=confidence,
        seed=seed,
    ).groups.select(
        *keys,
        "estimate",
        "low",
        "high",
        measure=pl.lit("alignment of distributions"),
        n_items="n",
        n_populations=pl.lit(None, pl.Int64),
    )
    correlations = [
        _score_correlation(part, model, human, bank, n_resamples, confidence, seed)
        for part in both.partition_by(keys, maintain_order=True)
    ]
    correlated = alike.with_columns(
        pl.DataFrame(correlations, schema=_CORRELATION, orient="row"),
        measure=pl.lit("rank correlation of scores"),
    )
    few = pl.when(pl.col("n_populations") < _LEAST).then(pl.lit(_FEW))
    flat = pl.when((pl.col("n_populations") >= _LEAST) & pl.col("estimate").is_null())
    table = pl.concat([alike, correlated]).sort(*keys, "measure")
    return finish(table, notes=[few, flat.then(pl.lit(_ALIKE))]).select(
        *same,
        "elicitation",
        pl.col("elicitation_other").alias("other_elicitation"),
        "measure",
        "estimate",
        "low",
        "high",
        "n_items",
        "n_populations",
        "resampled",
        "note",
    )


def _score_correlation(
    both: pl.DataFrame,
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    n_resamples: int,
    confidence: float,
    seed: int,
) -> tuple[float | None, float | None, float | None, int, int]:
    """Correlate the scores that one model has under two elicitations."""
    names = [*MODEL_KEYS, "question"]
    sides = pl.concat([
        both.select(names),
        both.select(names[0], pl.col("elicitation_other").alias("elicitation"), *names[2:]),
    ])  # fmt: skip
    populations = population_keys(human)
    pairs = pair_items(model.join(sides, on=names, how="semi"), human, bank)
    n_populations = pairs.select(populations).n_unique()
    everywhere = pairs.group_by("question").len().filter(pl.col("len") == 2 * n_populations)
    pairs = pairs.join(everywhere, on="question", how="semi", maintain_order="left")
    n_items = everywhere.height
    if n_populations < _LEAST or n_items == 0:
        return None, None, None, n_items, n_populations
    batch = score_items(
        pairs,
        bank,
        first="probabilities",
        second="probabilities_human",
        groups=["elicitation", *populations],
        resample="items",
        n_resamples=n_resamples,
        confidence=confidence,
        seed=seed,
    )
    scores = batch.groups["estimate"].to_numpy().reshape(2, n_populations, 1)
    drawn = batch.replicates().reshape(2, n_populations, -1)
    (estimate,) = rank_correlations(*scores)
    replicates = rank_correlations(*drawn)
    replicates = replicates[~np.isnan(replicates)]
    low, high = percentile_interval(replicates, confidence) if replicates.size else (None, None)
    return float(estimate), low, high, n_items, n_populations


def _gains(by_order: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    """Give, for each way of asking and item, what being shown first and last adds to a share."""
    keys = [*MODEL_KEYS, "question"]
    orders = by_order.select("question", "option_order").unique()
    places = pl.DataFrame(
        [
            (question, order, code, place == 0, place == len(shown) - 1)
            for question, order in orders.iter_rows()
            for shown in [_shown(bank.items[question], order)]
            for place, code in enumerate(shown)
        ],
        schema=["question", "option_order", "codes", "first", "last"],
        orient="row",
    )
    shares = (
        by_order.select(*keys, "option_order", "codes", "probabilities")
        .explode("codes", "probabilities")
        .join(places, on=["question", "option_order", "codes"], maintain_order="left")
    )
    share = pl.col("probabilities")
    gains = [
        (share.filter(place).mean() - share.filter(~pl.col(place)).mean()).alias(
            f"gain when shown {place}"
        )
        for place in ("first", "last")
    ]
    options = shares.group_by([*keys, "codes"], maintain_order=True).agg(gains)
    return options.group_by(keys, maintain_order=True).agg(
        pl.col(gain.meta.output_name()).mean() for gain in gains
    )


def _shown(item: Item, order: str) -> list[int]:
    """List the options on the scale in the order in which they were shown."""
    return [code for code in ordered_codes(item, order) if code in item.scale.codes]
