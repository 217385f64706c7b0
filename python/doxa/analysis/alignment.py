"""Country alignment: how close each way of asking a model comes to each population."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.baseline import Baseline
from doxa.analysis.parts.ceiling import item_ceilings
from doxa.analysis.parts.contrasts import GroupScores
from doxa.analysis.parts.notes import FEW_RESPONDENTS, SCORE_NOTES, note, say
from doxa.analysis.parts.pairs import pair_all, pair_items, population_keys, restrict, shared_items
from doxa.analysis.parts.rounding import at_most, item_rounding
from doxa.analysis.parts.settings import DEFAULTS
from doxa.analysis.parts.uniform import (
    UNIFORM_COLUMNS,
    against_uniform,
    known_ceilings,
    mean_ceilings,
    say_no_room,
)
from doxa.analysis.parts.unseen import item_bounds
from doxa.analysis.parts.whole import WHOLE
from doxa.distribution import MODEL_KEYS, target_or_everyone
from doxa.score import ranks
from doxa.score.intervals import quantile_intervals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems

__all__ = ["country_alignment"]

_RANKS: Final = ("rank", "rank_low", "rank_high")
NO_BASELINE: Final = "no other country to compare with: no baseline"
NO_RESPONDENTS: Final = "number of respondents unknown: no ceiling"
_EVERYONE: Final = 1e9
"""As many respondents give shares that hardly vary when they are drawn again."""


def country_alignment(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    common_items: bool = True,
    targets_only: bool = False,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Score every way of asking every model against every population.

    A score is the mean alignment over items. Each row also has the *ceiling* (the alignment
    of a second sample of the same people), the *baseline* (the alignment of answers that need
    no knowledge of the country), the *gap*, score minus baseline, and the score of *equal shares*
    for every option, which have no opinion. The verdict is "under" for
    a gap below -threshold, "over" for one above threshold, else "appropriate". Score and
    baseline use the same items and the same resamples.

    Parameters
    ----------
    model : polars.DataFrame
        As `doxa.distribution.model_distributions` gives it.
    human : polars.DataFrame
        As `doxa.distribution.human_distributions` gives it.
    bank : QuestionBank or other HasItems
        The items, with their scales.
    common_items : bool
        Whether all rows of one elicitation and population use the same items: those that all the
        elicitation's conditions and the population have. Otherwise each row uses the items that
        its own two sides have. Populations may differ in their items either way.
    targets_only : bool
        Whether a steering towards a country is scored for that country alone, which takes less
        time and memory; the country then has no rank.
    settings : Settings
        Ceilings are taken as known numbers: only their items are resampled. The nearest
        country is found once, not in each resample. If items and respondents are drawn, the
        respondents of countries where their number is unknown are not, and `resampled` says so.

    Returns
    -------
    polars.DataFrame
        One row per way of asking and population: `model`, `elicitation`, `language`,
        `steering`, `target`, `group`, `reasoning`, `survey`, `country`, `wave`, further keys,
        `n_items`, `estimate`, `low`, `high`, `std_error`, `rank`, `rank_low`, `rank_high` (of the
        country within the way of asking, survey, wave and further keys, see Notes),
        `ceiling`, `baseline_kind`, `baseline`, `gap`, `gap_low`, `gap_high`, `verdict`,
        `p_under`, `p_appropriate`, `p_over`, `ceiling_share` (estimate / ceiling),
        `ceiling_share_low`, `ceiling_share_high`, `uniform` (the score of equal shares on the same
        items), `uniform_gap` (estimate minus `uniform`) with `uniform_gap_low` and
        `uniform_gap_high`, `normalised` ((estimate - uniform) / (ceiling - uniform): 0 for equal
        shares, 1 at the ceiling) with `normalised_low` and `normalised_high`, `rounding` (how far
        the rounding of published shares can move the estimate; 0 for counts), `bounds` (how far
        what a server did not tell can move it; 0 where all shares are exact), `resampled`,
        `note`. A number that cannot be
        had is null, and `note` says why; it also tells published and unweighted shares.

    Raises
    ------
    NoDataError
        A side has no distributions, the two share no item, or respondents alone are to be
        resampled and their number is unknown.
    InvalidArgumentError
        Replies are to be resampled, but they were not sampled.

    Notes
    -----
    A country's rank compares like with like where countries differ in their items: it orders by
    the score minus the mean score that all countries reach on the country's own items; 1 has the
    largest. Where all have the same items, this is the order of the estimates.

    ``docs/explanation/uncertainty.md`` says how intervals are made and how often they are right.

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
    ...     steering=pl.lit("none"), target=pl.lit(""), group=pl.lit(""),
    ...     reasoning=pl.lit("off"), n_replies=1,
    ... )
    >>> table = country_alignment(echo, human, bank)
    >>> table.filter(country="JPN").select("estimate", "rank", "verdict").row(0)
    (1.0, 1, 'over')
    """
    model, human = restrict(model, human, bank, settings)
    keys = [*MODEL_KEYS, *population_keys(human)]
    populations = human.select(keys[len(MODEL_KEYS) :]).unique()
    if common_items:
        model = model.join(
            shared_items(model), on=["elicitation", "question"], maintain_order="left"
        )
        # The nearest country and the baselines may only use items that some row uses.
        shared = human.join(model.select("question").unique(), on="question", how="semi")
        if shared.is_empty():
            pair_all(model, human, bank)  # tells what each side has
        human = shared
    pair = pair_items if targets_only else pair_all
    people = _drawn_where_known(human, settings)
    scores = GroupScores(pair(model, people, bank), bank, keys, settings)
    means, replicates = scores.means()
    ceilings = item_ceilings(human, bank, seed=settings.seed)
    rows = pl.concat([scores.groups, means], how="horizontal").with_columns(
        scores.form_notes,
        *_ranked(scores, means, replicates),
        *_against_ceiling(scores, means, replicates, ceilings),
        *against_uniform(scores, replicates, people, bank, ceilings),
        *_against_baseline(scores, Baseline(people, bank, settings.baseline)),
        *_means_of(
            scores, item_rounding(human, bank), ("rounding", "published", "unweighted", "few")
        ),
        *_means_of(scores, item_bounds(model, bank), ("bounds",)),
        baseline_kind=pl.lit(settings.baseline),
        whole=pl.Series(scores.whole),
    )
    rows = _with_rows_without_items(rows, model, populations)
    if targets_only:
        everyone = pl.col("target") == ""
        ranked = (pl.when(everyone).then(pl.col(name)).alias(name) for name in _RANKS)
        rows = rows.filter(target_or_everyone()).with_columns(*ranked)
    return _arranged(rows, keys, scores.settings)


def _drawn_where_known(human: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Let shares with an unknown number of respondents stay as they are when others are drawn."""
    if {"items", "respondents"} <= {*settings.resample} and settings.baseline != "pooled":
        return human.with_columns(pl.col("n_effective").fill_null(_EVERYONE))
    return human


def _resampled(settings: Settings) -> pl.Expr:
    """Say what was drawn again: not respondents of unknown number, nor forms of one wording."""
    rest = ", ".join(source for source in settings.resample if source != "respondents")
    unknown = pl.col("ceiling").is_null() & (pl.col("n_items") > 0)
    drawn = pl.when(unknown & pl.lit("respondents" in settings.resample)).then(pl.lit(rest))
    known = drawn.otherwise(pl.lit(settings.resampled))
    of_all = pl.col("form_note").str.starts_with("one").fill_null(value=False)
    few = known.str.replace(", forms$", "")
    return pl.when(of_all).then(few).otherwise(known).alias("resampled")


def _ranked(
    scores: GroupScores, means: pl.DataFrame, replicates: NDArray[np.float64]
) -> list[pl.Series]:
    """Rank the countries within each way of asking, survey, wave and further keys."""
    others = [name for name in scores.groups.columns if name != "country"]
    stratum = scores.groups.select(pl.struct(others).rank("dense")).to_series().to_numpy()
    level, corrected = (_levels(of, stratum) for of in (scores.values, scores.corrected))
    estimate = means["estimate"].to_numpy() - np.nanmean(level, axis=1)
    drawn = replicates - scores.replicates_of(corrected)
    tail = 0.5 - 0.5 * scores.settings.confidence
    found = np.zeros((3, stratum.size), np.int64)
    for number in np.unique(stratum):
        members = np.flatnonzero(stratum == number)
        found[0, members] = ranks(estimate[members, None])[:, 0]
        found[1:, members] = np.quantile(
            ranks(drawn[members]), (tail, 1 - tail), axis=1, method="inverted_cdf"
        )
    return [pl.Series(name, column) for name, column in zip(_RANKS, found, strict=True)]


def _levels(values: NDArray[np.float64], stratum: NDArray[np.integer]) -> NDArray[np.float64]:
    """Give, for each group and item, the mean over all groups of the stratum that have the item."""
    level = np.full(values.shape, np.nan)
    for number in np.unique(stratum):
        members = values[stratum == number]
        total, count = np.nansum(members, axis=0), (~np.isnan(members)).sum(axis=0)
        level[stratum == number] = np.where(np.isnan(members), np.nan, total / np.maximum(count, 1))
    return level


def _against_ceiling(
    scores: GroupScores,
    means: pl.DataFrame,
    replicates: NDArray[np.float64],
    ceilings: pl.DataFrame,
) -> list[pl.Series]:
    """Give the mean ceiling, and the share of it that the score reaches, with its interval."""
    ceiling = mean_ceilings(scores, ceilings)
    share = means["estimate"].to_numpy() / ceiling.fill_null(float("nan")).to_numpy()
    drawn = replicates / scores.replicates_of(known_ceilings(scores, ceilings))
    low, high = quantile_intervals(drawn, scores.settings.confidence)
    columns = {"ceiling_share": share, "ceiling_share_low": low, "ceiling_share_high": high}
    shares = (pl.Series(name, column).fill_nan(None) for name, column in columns.items())
    return [ceiling, *shares]


def _against_baseline(scores: GroupScores, baseline: Baseline) -> list[pl.Series]:
    """Give the baseline, the gap to it with its interval, and each verdict's probability."""
    numbered = baseline.populations.with_row_index("population")
    population = scores.groups.join(
        numbered, on=baseline.populations.columns, nulls_equal=True, maintain_order="left"
    )["population"].to_list()
    gaps, replicates = scores.means(minus=(baseline, population))
    level = baseline.values(scores.items)[population]
    level[np.isnan(scores.values)] = np.nan
    mean = [np.nanmean(row) if not np.isnan(row).all() else np.nan for row in level]
    gap = gaps["estimate"].to_numpy()
    threshold = scores.settings.threshold
    under, over = ((side * replicates > threshold).mean(axis=1) for side in (-1, 1))
    unknown = gaps["std_error"].is_null().to_numpy()
    columns: dict[str, Any] = {"baseline": mean, "gap": gap}
    columns |= {"gap_low": gaps["low"].to_numpy(), "gap_high": gaps["high"].to_numpy()}
    chances = {"p_under": under, "p_appropriate": 1.0 - under - over, "p_over": over}
    columns |= {name: np.where(unknown, np.nan, chance) for name, chance in chances.items()}
    return [
        pl.Series(name, column, dtype=pl.Float64).fill_nan(None) for name, column in columns.items()
    ]


def _means_of(scores: GroupScores, items: pl.DataFrame, names: Sequence[str]) -> list[pl.Series]:
    """Give the mean of bounds over a group's items, and how many of them something is true of."""
    held = ~np.isnan(scores.values)
    found = {}
    for name in names:
        values = scores.of_items(items, name)
        total = np.where(held, values, 0.0).sum(axis=1)
        found[name] = total / held.sum(axis=1) if items[name].dtype == pl.Float64 else total
    return [pl.Series(name, column).fill_nan(None) for name, column in found.items()]


def _told_of_bounds() -> pl.Expr:
    """Tell which scores rest on shares that a server told within bounds."""
    bound = pl.col("bounds").map_elements(at_most, pl.String)
    told = pl.format("shares of the model within bounds: off by {} at most", bound)
    return pl.when(pl.col("bounds") > 0).then(told)


def _told_of_people() -> tuple[pl.Expr, ...]:
    """Tell which numbers rest on published shares, on unweighted ones or on few respondents."""
    n_items, published, plain = pl.col("n_items"), pl.col("published"), pl.col("unweighted")
    few = pl.col("few")
    too_few = f"fewer than {FEW_RESPONDENTS} effective respondents"
    some = pl.when(published < n_items).then(pl.format(" of {} items", published.cast(pl.Int64)))
    known = pl.format(
        "published shares{}, rounded: off by {} at most",
        some.otherwise(pl.lit("")), pl.col("rounding").map_elements(at_most, pl.String),
    )  # fmt: skip
    sized = "respondents by the size of the sample, their weights unknown"
    return (
        pl.when((published > 0) & pl.col("rounding").is_not_null()).then(known),
        say((published > 0) & pl.col("rounding").is_null(), "published shares, rounding unknown"),
        say((published > 0) & pl.col("ceiling").is_not_null(), sized),
        pl.when((plain > 0) & (plain < n_items)).then(
            pl.format("{} of {} items unweighted", plain.cast(pl.Int64), n_items)
        ),
        say((plain > 0) & (plain == n_items), "unweighted"),
        say((few > 0) & (few == n_items), too_few),
        pl.when((few > 0) & (few < n_items)).then(
            pl.format("{} of {} items: " + too_few, few.cast(pl.Int64), n_items)
        ),
    )


def _with_rows_without_items(
    rows: pl.DataFrame, model: pl.DataFrame, populations: pl.DataFrame
) -> pl.DataFrame:
    """Add a row with `n_items` 0 for each way of asking and population that share no item."""
    keys = [*MODEL_KEYS, *populations.columns]
    combinations = model.select(MODEL_KEYS).unique().join(populations, how="cross")
    absent = combinations.join(rows, on=keys, how="anti", nulls_equal=True)
    without = absent.with_columns(n_items=pl.lit(0, pl.Int64))
    return pl.concat([rows, without], how="diagonal").sort(keys)


def _arranged(rows: pl.DataFrame, keys: list[str], settings: Settings) -> pl.DataFrame:
    """Add verdicts and notes, remove the intervals that one item cannot give, order the columns."""
    scored, gap = pl.col("n_items") > 0, pl.col("gap")
    survey, wave, country, *further = keys[len(MODEL_KEYS) :]
    unsure = ("rank_low", "rank_high", "ceiling_share_low", "ceiling_share_high")
    interval = pl.col("std_error").is_not_null()
    return rows.with_columns(
        *(pl.when(interval).then(pl.col(name)).alias(name) for name in unsure),
        verdict=pl.when(gap < -settings.threshold)
        .then(pl.lit("under"))
        .when(gap > settings.threshold)
        .then(pl.lit("over"))
        .when(gap.is_not_null())
        .then(pl.lit("appropriate")),
    ).select(
        *MODEL_KEYS, survey, country, wave, *further, "n_items", "estimate", "low", "high",
        "std_error", "rank", "rank_low", "rank_high", "ceiling", "baseline_kind", "baseline",
        "gap", "gap_low", "gap_high", "verdict", "p_under", "p_appropriate", "p_over",
        "ceiling_share", "ceiling_share_low", "ceiling_share_high", *UNIFORM_COLUMNS, "rounding",
        "bounds",
        _resampled(settings),
        note(
            *SCORE_NOTES,
            pl.col("form_note"),
            say(pl.col("whole").fill_null(value=False), WHOLE),
            say(gap.is_null() & scored, NO_BASELINE),
            say(pl.col("ceiling").is_null() & scored, NO_RESPONDENTS),
            say_no_room(),
            *_told_of_people(),
            _told_of_bounds(),
        ),
    )  # fmt: skip
