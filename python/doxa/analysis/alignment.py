"""Country alignment: how close each way of asking a model comes to each population."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import polars as pl

from doxa.analysis.baseline import leave_one_out
from doxa.analysis.bootstrap import item_weights, percentile_interval
from doxa.analysis.ceiling import item_ceilings
from doxa.analysis.item_scores import item_alignment, score_items
from doxa.analysis.pairs import population_keys, restrict_humans, restrict_models, shared_items
from doxa.distribution import MODEL_KEYS
from doxa.errors import InvalidArgumentError, NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doxa.question import QuestionBank

__all__ = ["check_bootstrap", "country_alignment", "pair_with_references"]

_INTERVAL: Final = ("low", "high", "std_error")
_GAP: Final = {
    "gap_low": pl.Float64,
    "gap_high": pl.Float64,
    "p_under": pl.Float64,
    "p_appropriate": pl.Float64,
    "p_over": pl.Float64,
}
ONE_ITEM: Final = "one item: no interval"
NO_ITEM: Final = "no item in common"
NO_BASELINE: Final = "no other country to compare with: no baseline"
NO_RESPONDENTS: Final = "number of respondents unknown: no ceiling"


def country_alignment(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    *,
    exclude_items: Iterable[str] = (),
    wave: int | None = 7,
    common_items: bool = True,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    resample: Literal["items"] = "items",
    threshold: float = 0.02,
) -> pl.DataFrame:
    """Score every way of asking every model against every population.

    A score is the mean alignment over items. Beside it stand the *ceiling* (what a second
    sample of the same people would reach), the *baseline* (what the average of the other
    countries reaches, each counted once) and the *gap* between score and baseline, with a
    verdict: "under" for a gap below -threshold, "over" above threshold, else "appropriate".
    Score and baseline are compared on the same items, and the items are resampled together.

    Parameters
    ----------
    model : polars.DataFrame
        As `doxa.distribution.model_distributions` gives it.
    human : polars.DataFrame
        As `doxa.distribution.human_distributions` gives it.
    bank : QuestionBank
        The items, with their scales.
    exclude_items : iterable of str
        Items left out on both sides, such as those shown as few-shot examples.
    wave : int or None
        The survey's wave; None for every wave.
    common_items : bool
        Whether all rows of one elicitation are computed over the items that all its conditions
        and all populations have. Otherwise each row uses the items its own two sides have.
    n_resamples : int
        Bootstrap replicates, at least 1.
    confidence : float
        Of the intervals, in (0, 1).
    seed : int
        Fixes all draws.
    resample : {"items"}
        What the bootstrap resamples.
    threshold : float
        Half the width of the zone called appropriate, at least 0.

    Returns
    -------
    polars.DataFrame
        One row per way of asking and population: `model`, `elicitation`, `language`,
        `steering`, `target`, `template`, `survey`, `country`, `wave`, further keys, `n_items`,
        `estimate`, `low`, `high`, `std_error`, `ceiling`, `baseline`, `gap`, `gap_low`,
        `gap_high`, `verdict`, `p_under`, `p_appropriate`, `p_over`, `ceiling_share` (estimate /
        ceiling), `resampled`, `note`. A number that cannot be had is null, and `note` says why.

    Raises
    ------
    NoDataError
        A side has no distributions, or no item is shared.
    InvalidArgumentError
        An argument is out of range.

    Examples
    --------
    >>> from doxa.distribution import human_distributions
    >>> from doxa.question import QuestionBank
    >>> from doxa.survey import sample
    >>> bank = QuestionBank.load()
    >>> human = human_distributions(sample(wave=7), bank)
    >>> echo = human.filter(country="JPN").select(
    ...     "question", "codes", "probabilities", "off_scale_mass",
    ...     model=pl.lit("echo"), elicitation=pl.lit("verbalized"), language=pl.lit("ja"),
    ...     steering=pl.lit("none"), target=pl.lit(""), template=pl.lit("a"), n_replies=1,
    ... )
    >>> table = country_alignment(echo, human, bank)
    >>> table.filter(country="JPN").select("estimate", "verdict").row(0)
    (1.0, 'over')
    """
    check_bootstrap(n_resamples, confidence)
    if resample != "items":
        raise InvalidArgumentError(f"resample={resample!r}: this table can resample 'items'")
    if not threshold >= 0:
        raise InvalidArgumentError(f"threshold={threshold}: it must be 0 or more")
    human = restrict_humans(human, bank, wave=wave, exclude_items=exclude_items)
    model = restrict_models(model, bank, exclude_items=exclude_items)
    if common_items:
        model = model.join(
            shared_items(model, human), on=["elicitation", "question"], maintain_order="left"
        )
    pairs = pair_with_references(model, human, bank, seed=seed)
    keys = [*MODEL_KEYS, *population_keys(human)]
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
    intervals = batch.groups.select(*keys, *_INTERVAL)
    pairs = pairs.with_columns(score=batch.scores["alignment"])
    rows = (
        pairs.group_by(keys, maintain_order=True)
        .agg(
            n_items=pl.len().cast(pl.Int64),
            estimate=pl.col("score").mean(),
            ceiling=pl.when(pl.col("ceiling").null_count() == 0).then(pl.col("ceiling").mean()),
            baseline=pl.col("baseline").mean(),
            gap=(pl.col("score") - pl.col("baseline")).mean(),
            gaps=(pl.col("score") - pl.col("baseline")).drop_nulls(),
        )
        .join(intervals, on=keys, how="left", maintain_order="left")
    )
    gaps = [
        _gap_columns(values.to_numpy(), n_resamples, confidence, seed, threshold)
        for values in rows["gaps"]
    ]
    rows = rows.with_columns(pl.DataFrame(gaps, schema=_GAP, orient="row"))
    if not common_items:
        rows = _with_rows_without_items(rows, model, human, keys)
    return _finish(rows, keys, threshold)


def check_bootstrap(n_resamples: int, confidence: float) -> None:
    """Refuse numbers of replicates and confidences that make no sense.

    Raises
    ------
    InvalidArgumentError
        One of them is out of range.
    """
    if n_resamples < 1:
        raise InvalidArgumentError(f"n_resamples={n_resamples}: it must be 1 or more")
    if not 0 < confidence < 1:
        raise InvalidArgumentError(f"confidence={confidence}: it must lie between 0 and 1")


def pair_with_references(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, *, seed: int
) -> pl.DataFrame:
    """Pair every way of asking with every population, item by item, in the bank's order.

    Returns
    -------
    polars.DataFrame
        Model keys, population keys, `question`, `probabilities`, `probabilities_human`,
        `ceiling` and `baseline` (the item's alignment; null where there is none).

    Raises
    ------
    NoDataError
        The two sides share no item.
    """
    populations = population_keys(human)
    on = [*populations, "question"]
    others = human.join(leave_one_out(human), on=on)
    baselines = others.select(
        *on,
        item_alignment(others, bank, first="baseline", second="probabilities").alias("baseline"),
    )
    references = (
        human.select(*on, "probabilities")
        .join(item_ceilings(human, bank, seed=seed), on=on, maintain_order="left")
        .join(baselines, on=on, how="left", maintain_order="left")
    )
    order = {name: number for number, name in enumerate(bank.items)}
    pairs = (
        model.select(*MODEL_KEYS, "question", "probabilities")
        .join(references, on="question", suffix="_human")
        .sort(*MODEL_KEYS, *populations, pl.col("question").replace_strict(order))
    )
    if pairs.is_empty():
        raise NoDataError(
            f"no item in common: the model answered {_some(model)}; the survey has {_some(human)}"
        )
    return pairs


def _some(frame: pl.DataFrame) -> str:
    names = frame["question"].unique(maintain_order=True).to_list()
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _gap_columns(
    gaps: np.ndarray[tuple[int], np.dtype[np.float64]],
    n_resamples: int,
    confidence: float,
    seed: int,
    threshold: float,
) -> tuple[float | None, ...]:
    """Bootstrap a mean gap: its interval, and the probability of each verdict."""
    if len(gaps) < 2:
        return (None,) * len(_GAP)
    replicates = item_weights(len(gaps), n_resamples, seed) @ gaps
    under = float(np.mean(replicates < -threshold))
    over = float(np.mean(replicates > threshold))
    return (*percentile_interval(replicates, confidence), under, 1.0 - under - over, over)


def _with_rows_without_items(
    rows: pl.DataFrame, model: pl.DataFrame, human: pl.DataFrame, keys: list[str]
) -> pl.DataFrame:
    """Add a row with no items for each combination that shares none."""
    combinations = (
        model.select(MODEL_KEYS)
        .unique()
        .join(human.select(keys[len(MODEL_KEYS) :]).unique(), how="cross")
    )
    absent = combinations.join(rows, on=keys, how="anti").with_columns(n_items=pl.lit(0, pl.Int64))
    return pl.concat([rows, absent], how="diagonal").sort(keys)


def _finish(rows: pl.DataFrame, keys: list[str], threshold: float) -> pl.DataFrame:
    one = pl.col("n_items") == 1
    gap = pl.col("gap")
    notes = [
        pl.when(pl.col("n_items") == 0).then(pl.lit(NO_ITEM)),
        pl.when(one).then(pl.lit(ONE_ITEM)),
        pl.when(gap.is_null() & (pl.col("n_items") > 0)).then(pl.lit(NO_BASELINE)),
        pl.when(pl.col("ceiling").is_null() & (pl.col("n_items") > 0)).then(pl.lit(NO_RESPONDENTS)),
    ]
    survey, wave, country, *further = keys[len(MODEL_KEYS) :]
    return rows.select(
        *MODEL_KEYS,
        survey,
        country,
        wave,
        *further,
        "n_items",
        "estimate",
        *(pl.when(~one).then(pl.col(name)).alias(name) for name in _INTERVAL),
        "ceiling",
        "baseline",
        "gap",
        "gap_low",
        "gap_high",
        verdict=pl.when(gap < -threshold)
        .then(pl.lit("under"))
        .when(gap > threshold)
        .then(pl.lit("over"))
        .when(gap.is_not_null())
        .then(pl.lit("appropriate")),
        p_under="p_under",
        p_appropriate="p_appropriate",
        p_over="p_over",
        ceiling_share=pl.col("estimate") / pl.col("ceiling"),
        resampled=pl.lit("items"),
        note=pl.concat_str(notes, separator="; ", ignore_nulls=True),
    )
