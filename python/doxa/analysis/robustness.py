"""How much a result depends on the form of items, and on the elicitation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.blocks import keep_block
from doxa.analysis.parts.correction import TESTED, with_adjusted
from doxa.analysis.parts.item_scores import average_items, item_alignment, score_items
from doxa.analysis.parts.notes import finish, say
from doxa.analysis.parts.pairs import pair_items, population_keys, restrict, restrict_models
from doxa.analysis.parts.places import option_places
from doxa.analysis.parts.rank_correlation import rank_correlations
from doxa.analysis.parts.settings import DEFAULTS
from doxa.distribution import FORM_KEYS, MODEL_KEYS, model_distributions
from doxa.errors import NoDataError
from doxa.score.intervals import percentile_interval

if TYPE_CHECKING:
    from doxa.analysis.parts.correction import Correction
    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["elicitation_agreement", "form_sensitivity", "order_effects"]

_ONE_FORM: Final = "every item was asked in one form: ask in two or more (--forms 2)"
_FACTORS: Final = {
    "option_order": "orders",
    "wording": "wordings",
    "surface": "surfaces",
    "template": "instructions",
    "label_style": "label styles",
}
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


def form_sensitivity(
    replies: pl.DataFrame, bank: QuestionBank, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Measure how much a model's answers depend on how an item is put.

    Parameters
    ----------
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them, with items asked in two forms or more.
    bank : QuestionBank
        The items, with their scales.
    settings : Settings
        Only items are resampled, whatever `resample` is; `wave` is not used.

    Returns
    -------
    polars.DataFrame
        Up to eight rows per way of asking: its keys, `measure`, `estimate`, `low`, `high`,
        `std_error`, `n_items`, `resampled`, `note`. The measures:

        distance between forms
            1 - alignment of the distributions in two forms, over all pairs of forms of an item;
            in [0, 1], 0 where the form does not matter.
        distance between orders, wordings, surfaces, instructions, label styles
            The same over the pairs that differ in that alone; no row where there is none.
        gain when shown first, gain when shown last
            The share of an option when it is shown first (last), minus its share when it is
            shown elsewhere, averaged over the options that were shown in both places; in
            [-1, 1]. Options off the scale are always shown last and are left out. No row where
            every item was asked in one order.

    Raises
    ------
    NoDataError
        There are no distributions, or no item was asked in two forms.

    Notes
    -----
    The gains measure position bias. Each compares an option with itself, so they do not depend
    on which options a model prefers.

    Examples
    --------
    >>> table = form_sensitivity(replies, bank)
    >>> table["measure"].unique(maintain_order=True).head(2).to_list()
    ['distance between forms', 'distance between orders']
    """
    by_form = model_distributions(replies, bank, by=FORM_KEYS)
    by_form = restrict_models(by_form, bank, settings)
    keys = [*MODEL_KEYS, "question"]
    sides = by_form.with_row_index("form").select("form", *keys, *FORM_KEYS, "probabilities")
    pairs = sides.join(sides, on=keys, suffix="_other").filter(
        pl.col("form") < pl.col("form_other")
    )
    if pairs.is_empty():
        raise NoDataError(_ONE_FORM)
    distance = 1.0 - item_alignment(pairs, bank, second="probabilities_other")
    apart = {name: pl.col(name) != pl.col(f"{name}_other") for name in _FACTORS}
    alone = pl.sum_horizontal(apart.values()) == 1
    measures = (
        pairs.select(
            *keys,
            distance.alias("distance between forms"),
            *(
                pl.when(alone & differs).then(distance).alias(f"distance between {_FACTORS[name]}")
                for name, differs in apart.items()
            ),
        )
        .group_by(keys, maintain_order=True)
        .mean()
        .join(_gains(by_form, bank), on=keys, how="left", maintain_order="left")
    )
    batch = average_items(measures.drop(keys), measures, MODEL_KEYS, settings)
    interval = ("estimate", "low", "high", "std_error")
    table = batch.groups.rename({"metric": "measure"}).filter(pl.col("n") > 0)
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
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Measure how much each order of the options changes the score.

    Parameters
    ----------
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them, with the reference order and others.
    human, bank
        As in `country_alignment`.
    reference : str
        The order to compare with.
    correction : {"holm", "benjamini_hochberg"}
        How to correct for the number of tests in the table.
    settings : Settings
        Only items are resampled, whatever `resample` is.

    Returns
    -------
    polars.DataFrame
        One row per way of asking, population and other order: the keys, `option_order`,
        `reference`, `estimate` (score in this order minus score in the reference, on the items
        asked in both), `low`, `high`, `std_error`, `p_value` (two-sided, see
        `doxa.score.intervals`), `p_adjusted`, `low_adjusted`, `high_adjusted`, `n_items`,
        `resampled`, `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or no item was asked in the reference order and another.
    InvalidArgumentError
        The correction is unknown.

    Examples
    --------
    >>> table = order_effects(replies, human, bank)
    >>> table.select("option_order", "reference").row(0)
    ('reversed', 'listed')
    """
    by_order = model_distributions(replies, bank, by=("option_order",))
    by_order, human = restrict(by_order, human, bank, settings)
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
    batch = score_items(pairs, bank, [*same, "option_order"], settings)
    others = compared.rows(named=True)
    tests = batch.compare(others, [{**row, "option_order": reference} for row in others])
    table = compared.with_columns(reference=pl.lit(reference)).hstack(tests.select(TESTED))
    return with_adjusted(finish(table), correction, confidence=settings.confidence)


def elicitation_agreement(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Measure whether two elicitations find the same opinions in a model.

    Parameters
    ----------
    model : polars.DataFrame
        As `doxa.distribution.model_distributions` gives it, with two elicitations or more.
    human, bank
        As in `country_alignment`.
    settings : Settings
        Only items are resampled, whatever `resample` is.

    Returns
    -------
    polars.DataFrame
        Two rows per way of asking and pair of elicitations: the keys, `elicitation`,
        `other_elicitation`, `measure`, `estimate`, `low`, `high`, `n_items`,
        `n_populations`, `resampled`, `note`. The measures: "alignment of distributions", in
        [0, 1], over the items that both have; "rank correlation of scores", Spearman's over
        the populations, on items that both elicitations and all these populations have;
        populations with few items are left out where countries times items grows by it.

    Raises
    ------
    NoDataError
        A side has no distributions, or no item was asked through two elicitations.

    Examples
    --------
    >>> table = elicitation_agreement(model, human, bank)
    >>> table.select("elicitation", "other_elicitation").row(0)
    ('logprobs', 'verbalized')
    """
    model, human = restrict(model, human, bank, settings)
    same = [name for name in MODEL_KEYS if name != "elicitation"]
    both = model.join(
        model.select(*same, "elicitation", "question", "probabilities"),
        on=[*same, "question"],
        suffix="_other",
    ).filter(pl.col("elicitation") < pl.col("elicitation_other"))
    if both.is_empty():
        raise NoDataError("no item was asked through two elicitations: ask through two or more")
    keys = [*same, "elicitation", "elicitation_other"]
    alike = score_items(both, bank, keys, settings, second="probabilities_other").groups.select(
        *keys,
        "estimate",
        "low",
        "high",
        measure=pl.lit("alignment of distributions"),
        n_items="n",
        n_populations=pl.lit(None, pl.Int64),
    )
    correlations = [
        _score_correlation(part, model, human, bank, settings)
        for part in both.partition_by(keys, maintain_order=True)
    ]
    correlated = alike.with_columns(
        pl.DataFrame(correlations, schema=_CORRELATION, orient="row"),
        measure=pl.lit("rank correlation of scores"),
    )
    few = say(pl.col("n_populations") < _LEAST, _FEW)
    flat = say((pl.col("n_populations") >= _LEAST) & pl.col("estimate").is_null(), _ALIKE)
    table = pl.concat([alike, correlated]).sort(*keys, "measure")
    numbers = ("estimate", "low", "high", "n_items", "n_populations", "resampled", "note")
    return finish(table, few, flat).select(
        *same, "elicitation", pl.col("elicitation_other").alias("other_elicitation"), "measure",
        *numbers,
    )  # fmt: skip


def _score_correlation(
    both: pl.DataFrame,
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    settings: Settings,
) -> tuple[float | None, float | None, float | None, int, int]:
    """Correlate the scores that one model has under two elicitations."""
    names = [*MODEL_KEYS, "question"]
    sides = pl.concat([
        both.select(names),
        both.select(names[0], pl.col("elicitation_other").alias("elicitation"), *names[2:]),
    ])  # fmt: skip
    populations = population_keys(human)
    pairs = pair_items(model.join(sides, on=names, how="semi"), human, bank)
    pairs = keep_block(pairs, populations)
    n_populations, n_items = pairs.select(populations).n_unique(), pairs["question"].n_unique()
    if n_populations < _LEAST or n_items == 0:
        return None, None, None, n_items, n_populations
    batch = score_items(pairs, bank, ["elicitation", *populations], settings)
    scores = batch.groups["estimate"].to_numpy().reshape(2, n_populations, 1)
    drawn = batch.replicates().reshape(2, n_populations, -1)
    (estimate,) = rank_correlations(*scores)
    replicates = rank_correlations(*drawn)
    replicates = replicates[~np.isnan(replicates)]
    interval = percentile_interval(replicates, settings.confidence) if replicates.size else None
    low, high = interval or (None, None)
    return float(estimate), low, high, n_items, n_populations


def _gains(by_order: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    """Return the gains of the first and of the last place, by way of asking and item."""
    keys = [*MODEL_KEYS, "question"]
    places = option_places(by_order, bank)
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
