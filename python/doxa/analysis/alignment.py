"""Country alignment: how close each way of asking a model comes to each population."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis.baseline import Baseline
from doxa.analysis.ceiling import item_ceilings
from doxa.analysis.pairs import (
    pair_all,
    population_keys,
    restrict_humans,
    restrict_models,
    shared_items,
)
from doxa.analysis.resampling import Resampling
from doxa.analysis.scored import Scored
from doxa.distribution import MODEL_KEYS
from doxa.errors import InvalidArgumentError
from doxa.score import ranks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from doxa.analysis.parts.settings import BaselineKind
    from doxa.distribution import HasItems
    from doxa.score import ResampleSource

__all__ = ["country_alignment"]

ONE_ITEM: Final = "one item: no interval"
FEW_ITEMS: Final = "fewer than five items: no interval"
NO_ITEM: Final = "no item in common"
NO_BASELINE: Final = "no other country to compare with: no baseline"
NO_RESPONDENTS: Final = "number of respondents unknown: no ceiling"


def country_alignment(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    exclude_items: Iterable[str] = (),
    wave: int | None = 7,
    common_items: bool = True,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    resample: ResampleSource | Sequence[ResampleSource] = "items",
    baseline: BaselineKind = "leave_one_out",
    threshold: float = 0.02,
) -> pl.DataFrame:
    """Score every way of asking every model against every population.

    A score is the mean alignment over items. Beside it stand the *ceiling* (what a second
    sample of the same people would reach), the *baseline* (what answers reach that need not
    know the country) and the *gap* between score and baseline, with a verdict: "under" for a
    gap below -threshold, "over" above threshold, else "appropriate". Score and baseline are
    compared on the same items, and what is resampled is resampled for both together.

    Parameters
    ----------
    model : polars.DataFrame
        As `doxa.distribution.model_distributions` gives it.
    human : polars.DataFrame
        As `doxa.distribution.human_distributions` gives it.
    bank : QuestionBank or other HasItems
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
    resample : {"items", "respondents", "replies"} or several
        What the bootstrap resamples: which items were asked; who answered, as a multinomial of
        the effective number of respondents, item by item, in all countries at once, so that
        the baseline is drawn anew with them; what the model replied, where it was sampled.
        Ceilings are known numbers: of them items alone are resampled. Which country is
        nearest is found once.
    baseline : {"leave_one_out", "pooled", "uniform", "nearest"}
        As in `doxa.analysis.baseline_distributions`.
    threshold : float
        Half the width of the zone called appropriate, at least 0.

    Returns
    -------
    polars.DataFrame
        One row per way of asking and population: `model`, `elicitation`, `language`,
        `steering`, `target`, `template`, `survey`, `country`, `wave`, further keys, `n_items`,
        `estimate`, `low`, `high`, `std_error`, `rank`, `rank_low`, `rank_high` (of the country
        within the way of asking, survey, wave and further keys; 1 has the largest estimate),
        `ceiling`, `baseline_kind`, `baseline`, `gap`, `gap_low`, `gap_high`, `verdict`,
        `p_under`, `p_appropriate`, `p_over`, `ceiling_share` (estimate / ceiling),
        `ceiling_share_low`, `ceiling_share_high`, `resampled`, `note`. A number that cannot be
        had is null, and `note` says why.

    Raises
    ------
    NoDataError
        A side has no distributions, no item is shared, or a number of respondents is needed
        and unknown.
    InvalidArgumentError
        An argument is out of range.

    Notes
    -----
    ``docs/uncertainty.md`` says how the intervals are made and how often they hold the truth.

    Examples
    --------
    >>> from doxa.distribution import human_distributions
    >>> from doxa.questionnaire import QuestionBank
    >>> from doxa.survey import sample
    >>> bank = QuestionBank.load()
    >>> human = human_distributions(sample(wave=7), bank)
    >>> echo = human.filter(country="JPN").select(
    ...     "question", "codes", "probabilities", "off_scale_mass",
    ...     model=pl.lit("echo"), elicitation=pl.lit("verbalized"), language=pl.lit("ja"),
    ...     steering=pl.lit("none"), target=pl.lit(""), template=pl.lit("a"), n_replies=1,
    ... )
    >>> table = country_alignment(echo, human, bank)
    >>> table.filter(country="JPN").select("estimate", "rank", "verdict").row(0)
    (1.0, 1, 'over')
    """
    resampling = Resampling.of(resample, n_resamples, confidence, seed)
    if not threshold >= 0:
        raise InvalidArgumentError(f"threshold={threshold}: it must be 0 or more")
    human = restrict_humans(human, bank, wave=wave, exclude_items=exclude_items)
    model = restrict_models(model, bank, exclude_items=exclude_items)
    if common_items:
        model = model.join(
            shared_items(model, human), on=["elicitation", "question"], maintain_order="left"
        )
        # Neither the nearest country nor a baseline may rest on items that no row is about.
        human = human.join(model.select("question").unique(), on="question", how="semi")
    pairs = pair_all(model, human, bank)
    populations = population_keys(human)
    keys = [*MODEL_KEYS, *populations]
    scored = Scored(pairs, bank, keys, resampling)
    rows, replicates = scored.summarise([{group: 1.0} for group in range(scored.groups.height)])
    rows = pl.concat([scored.groups, rows.drop("p_value")], how="horizontal").with_columns(
        *_ranked(scored.groups, rows, replicates, resampling),
        *_against_ceiling(scored, rows, replicates, item_ceilings(human, bank, seed=seed)),
        *_against_baseline(scored, Baseline(human, bank, baseline), threshold),
        baseline_kind=pl.lit(baseline),
    )
    if not common_items:
        rows = _with_rows_without_items(rows, model, human, keys)
    return _finish(rows, keys, threshold, resampling.label)


def _ranked(
    groups: pl.DataFrame,
    rows: pl.DataFrame,
    replicates: NDArray[np.float64],
    resampling: Resampling,
) -> list[pl.Series]:
    """Rank the countries within each way of asking, survey, wave and further keys."""
    others = [name for name in groups.columns if name != "country"]
    stratum = groups.select(pl.struct(others).rank("dense")).to_series().to_numpy()
    estimate = rows["estimate"].to_numpy()
    drawn = resampling.truthward(estimate, replicates)
    tail = 0.5 - 0.5 * resampling.confidence
    found = np.zeros((3, groups.height), np.int64)
    for number in np.unique(stratum):
        members = np.flatnonzero(stratum == number)
        found[0, members] = ranks(estimate[members, None])[:, 0]
        found[1:, members] = np.quantile(
            ranks(drawn[members]), (tail, 1 - tail), axis=1, method="inverted_cdf"
        )
    return [
        pl.Series(name, column)
        for name, column in zip(("rank", "rank_low", "rank_high"), found, strict=True)
    ]


def _against_ceiling(
    scored: Scored, rows: pl.DataFrame, replicates: NDArray[np.float64], ceilings: pl.DataFrame
) -> list[pl.Series]:
    """Give the mean ceiling, and the share of it that the score reaches, with its interval."""
    known = _spread(scored, ceilings, "ceiling")
    lacking = (np.isnan(known) & ~np.isnan(scored.values)).any(axis=1)
    known[np.isnan(scored.values) | lacking[:, None]] = np.nan
    drawn = scored.replicates_of(known)
    ceiling = np.full(len(known), np.nan)
    ceiling[~lacking] = np.nanmean(known[~lacking], axis=1)
    share = rows["estimate"].to_numpy() / ceiling
    low, high = scored.resampling.ends(share, replicates / drawn)
    columns = {"ceiling": ceiling, "ceiling_share": share}
    columns |= {"ceiling_share_low": low, "ceiling_share_high": high}
    return [pl.Series(name, column).fill_nan(None) for name, column in columns.items()]


def _spread(scored: Scored, frame: pl.DataFrame, column: str) -> NDArray[np.float64]:
    """Lay a number of each population and item out as the scores are: (groups, items)."""
    on = [name for name in frame.columns if name in scored.groups.columns]
    numbers = frame.join(
        scored.groups.with_row_index("group"), on=on, nulls_equal=True
    ).filter(pl.col("question").is_in(scored.items))  # fmt: skip
    places = {name: place for place, name in enumerate(scored.items)}
    found = np.full(scored.values.shape, np.nan)
    found[numbers["group"].to_numpy(), [places[name] for name in numbers["question"]]] = (
        numbers[column].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    )
    return found


def _against_baseline(scored: Scored, baseline: Baseline, threshold: float) -> list[pl.Series]:
    """Give the baseline, the gap to it with its interval, and each verdict's probability."""
    numbered = baseline.populations.with_row_index("population")
    population = scored.groups.join(
        numbered, on=baseline.populations.columns, nulls_equal=True, maintain_order="left"
    )["population"].to_list()
    gaps, replicates = scored.summarise(
        [{group: 1.0} for group in range(scored.groups.height)], minus=(baseline, population)
    )
    level = baseline.values(scored.items)[population]
    level[np.isnan(scored.values)] = np.nan
    mean = [np.nanmean(row) if not np.isnan(row).all() else np.nan for row in level]
    gap = gaps["estimate"].to_numpy()
    drawn = scored.resampling.truthward(gap, replicates)
    under, over = (drawn < -threshold).mean(axis=1), (drawn > threshold).mean(axis=1)
    unknown = gaps["std_error"].is_null().to_numpy()
    columns: dict[str, Any] = {"baseline": mean, "gap": gap}
    columns |= {"gap_low": gaps["low"].to_numpy(), "gap_high": gaps["high"].to_numpy()}
    chances = {"p_under": under, "p_appropriate": 1.0 - under - over, "p_over": over}
    columns |= {name: np.where(unknown, np.nan, chance) for name, chance in chances.items()}
    return [
        pl.Series(name, column, dtype=pl.Float64).fill_nan(None) for name, column in columns.items()
    ]


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


def _finish(rows: pl.DataFrame, keys: list[str], threshold: float, label: str) -> pl.DataFrame:
    scored = pl.col("n_items") > 0
    gap = pl.col("gap")
    notes = [
        pl.when(~scored).then(pl.lit(NO_ITEM)),
        pl.when(scored & pl.col("std_error").is_null()).then(pl.lit(ONE_ITEM)),
        pl.when(pl.col("std_error").is_not_null() & pl.col("low").is_null()).then(
            pl.lit(FEW_ITEMS)
        ),
        pl.when(gap.is_null() & scored).then(pl.lit(NO_BASELINE)),
        pl.when(pl.col("ceiling").is_null() & scored).then(pl.lit(NO_RESPONDENTS)),
    ]
    survey, wave, country, *further = keys[len(MODEL_KEYS) :]
    unsure = ("rank_low", "rank_high", "ceiling_share_low", "ceiling_share_high")
    interval = pl.col("std_error").is_not_null()
    return rows.with_columns(
        pl.when(interval).then(pl.col(name)).alias(name) for name in unsure
    ).select(
        *MODEL_KEYS,
        survey,
        country,
        wave,
        *further,
        "n_items",
        "estimate",
        "low",
        "high",
        "std_error",
        "rank",
        "rank_low",
        "rank_high",
        "ceiling",
        "baseline_kind",
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
        ceiling_share="ceiling_share",
        ceiling_share_low="ceiling_share_low",
        ceiling_share_high="ceiling_share_high",
        resampled=pl.lit(label),
        note=pl.concat_str(notes, separator="; ", ignore_nulls=True),
    )
