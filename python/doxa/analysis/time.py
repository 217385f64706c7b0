"""Which wave of the survey a model's answers are nearest to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.ceiling import item_ceilings
from doxa.analysis.parts.item_scores import item_alignment
from doxa.analysis.parts.notes import NO_COMMON_ITEM, ONE_ITEM, note, say
from doxa.analysis.parts.pairs import population_keys, restrict_humans
from doxa.analysis.parts.settings import DEFAULTS
from doxa.analysis.parts.uniform import against_uniform, mean_ceilings, say_no_room
from doxa.analysis.parts.winners import find_winners
from doxa.analysis.steering import score_groups
from doxa.errors import NoDataError
from doxa.score.intervals import quantile_intervals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from doxa.analysis.parts.contrasts import GroupScores
    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems

__all__ = ["harmonised", "scores_of_waves", "wave_alignment", "wave_shift"]

STILL: Final = "people moved no further than two samples of the same people differ"


def harmonised(human: pl.DataFrame, waves: Iterable[int] | None = None) -> pl.DataFrame:
    """Keep the countries that took part in all waves, and the items they have in all waves.

    Parameters
    ----------
    human : polars.DataFrame
        As `doxa.distribution.human_distributions` gives it.
    waves : iterable of int, optional
        By default all in `human`.

    Raises
    ------
    NoDataError
        There are fewer than two waves, no country took part in all of them, or these countries
        share no item. The message lists the waves of each country.
    """
    wanted = sorted(set(human["wave"].unique()) if waves is None else set(waves))
    human = human.filter(pl.col("wave").is_in(wanted))
    fielded = human.select("country", "wave").unique().sort("country", "wave")
    if len(wanted) < 2 or fielded["wave"].n_unique() < 2:
        raise NoDataError("a comparison over time needs two or more waves: give counts of them")
    per = fielded.group_by("country", maintain_order=True).agg("wave")
    complete = per.filter(pl.col("wave").list.len() == len(wanted))
    if complete.is_empty():
        had = "; ".join(f"{c}: {', '.join(map(str, w))}" for c, w in per.iter_rows())
        raise NoDataError(
            f"no country took part in all of waves {', '.join(map(str, wanted))} ({had}); "
            "choose waves that one of them has"
        )
    human = human.filter(pl.col("country").is_in(complete["country"].implode()))
    keys = population_keys(human)
    n_populations = human.select(keys).n_unique()
    held = human.filter(pl.struct(keys).n_unique().over("question") == n_populations)
    if held.is_empty():
        raise NoDataError(
            f"no item was asked in all of waves {', '.join(map(str, wanted))} of "
            f"{', '.join(complete['country'])}"
        )
    return held


def wave_alignment(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    waves: Iterable[int] | None = None,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Align every way of asking with every wave, and find the nearest one.

    Only countries that took part in all waves are used, and only items that these have in all
    waves.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`.
    waves : iterable of int, optional
        By default all that the survey has.
    settings : Settings
        `wave` is not used; `waves` replaces it.

    Returns
    -------
    polars.DataFrame
        One row per way of asking, country and wave: keys as in `country_alignment`, `n_items`,
        `estimate`, `low`, `high`, `std_error`, `uniform` to `normalised_high` (the score beside
        that of equal shares, as in `country_alignment`), `ceiling`, `nearest` (whether this
        wave has the largest estimate for the way of asking and country), `p_nearest` (the share
        of replicates in which it is; null with one item), `resampled`, `note`.

    Raises
    ------
    NoDataError
        The waves share no country or item, or the model shares no item with them.
    InvalidArgumentError
        Replies are to be resampled, but they were not sampled.

    Examples
    --------
    >>> table = wave_alignment(model, human, bank)
    >>> table["wave"].unique().sort().to_list()
    [5, 6, 7]
    """
    scores, kept = scores_of_waves(model, human, bank, waves, settings)
    means, replicates = scores.means()
    ceilings = item_ceilings(
        kept.filter(pl.col("question").is_in(scores.items)), bank, seed=settings.seed
    )
    estimate = means["estimate"].to_numpy()
    others = [name for name in scores.groups.columns if name != "wave"]
    nearest, p_nearest = find_winners(scores.groups, others, estimate, replicates)
    table = pl.concat([scores.groups, means], how="horizontal").with_columns(
        *against_uniform(scores, replicates, kept, bank, ceilings),
        mean_ceilings(scores, ceilings),
    )
    waves_of = scores.groups.group_by(others).agg("wave")
    waves_of = table.select(others).join(
        waves_of, on=others, nulls_equal=True, maintain_order="left"
    )
    told = _weights_told(table, waves_of["wave"].to_list(), human, scores.items)
    forms = pl.lit(scores.form_notes)
    return _finished(table, nearest, p_nearest, scores.settings, say_no_room(), told, forms)


def wave_shift(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    waves: Iterable[int] | None = None,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Measure how far a model follows people's own move between waves.

    Between the first wave v and a later wave w, people move by the distance D(v, w) = 1 minus
    the alignment of the two waves. By the triangle inequality |A(m, w) − A(m, v)| ≤ D(v, w), for
    each item and for the mean. The *shift* (A(m, w) − A(m, v)) / D(v, w) therefore lies in
    [−1, 1]. It is 1 for a model that moved with people all the way or further, −1 for one that
    stayed at the first wave or before it, and 0 for one equally near to both. All three means
    use the same draws of items.

    Parameters
    ----------
    model, human, bank, waves
        As in `wave_alignment`.
    settings : Settings
        Only items are resampled, whatever `resample` is; `waves` replaces `wave`.

    Returns
    -------
    polars.DataFrame
        One row per way of asking, country and wave after the first: keys as in
        `country_alignment`, `first_wave`, `n_items`, `estimate` (the shift), `low`, `high`,
        `std_error`, `moved` (D), `moved_by_chance` (what D would be for two samples of the
        same people), `nearest` and `p_nearest` (as in `wave_alignment`, but by the shift; it is 0
        for the first wave), `resampled`, `note`. Where people did not move at all the shift
        is null; where they moved no more than by chance, the note says so.

    Raises
    ------
    NoDataError
        The waves share no country or item, or the model shares no item with them.

    Examples
    --------
    >>> table = wave_shift(model, human, bank)
    >>> table.select("first_wave", "wave").unique().sort("wave").rows()
    [(5, 6), (5, 7)]
    """
    settings = settings.items_alone()
    scores, _ = scores_of_waves(model, human, bank, waves, settings)
    groups = scores.groups.with_row_index("_group")
    others = [name for name in scores.groups.columns if name != "wave"]
    first = groups.filter(pl.col("wave") == pl.col("wave").min().over(others))
    later = groups.join(
        first.select(*others, "_group", "wave"), on=others, nulls_equal=True, suffix="_first",
        maintain_order="left",
    ).filter(pl.col("wave") > pl.col("wave_first"))  # fmt: skip
    contrasts = [{a: 1.0, b: -1.0} for a, b in later.select("_group", "_group_first").iter_rows()]
    gains, gain_draws = scores.contrast(contrasts)
    distances, by_chance = _moves(human, bank, later, scores)
    moved_draws = scores.replicates_of(distances)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.nanmean(distances, axis=1)
        shift = np.where(moved > 0, gains["estimate"].to_numpy() / moved, np.nan)
        drawn = np.where(moved_draws > 0, gain_draws / moved_draws, np.nan)
    low, high = quantile_intervals(drawn, scores.settings.confidence)
    error = np.full(len(shift), np.nan)
    varied = (~np.isnan(drawn)).sum(axis=1) > 1
    error[varied] = np.nanstd(drawn[varied], axis=1, ddof=1)
    if len(scores.items) == 1:
        low, high, error = (np.full(len(shift), np.nan) for _ in range(3))
    zero = later.unique(others, maintain_order=True)
    nearest, p_nearest = find_winners(
        pl.concat([later.select(others), zero.select(others)]), others,
        np.concatenate([shift, np.zeros(zero.height)]),
        np.vstack([drawn, np.zeros((zero.height, settings.n_resamples))]),
    )  # fmt: skip
    columns = {"estimate": shift, "low": low, "high": high, "std_error": error}
    table = later.select(*scores.groups.columns, first_wave="wave_first").with_columns(
        gains["n_items"],
        *(pl.Series(name, column).fill_nan(None) for name, column in columns.items()),
        pl.Series("moved", moved),
        pl.Series("moved_by_chance", by_chance).fill_nan(None),
    )
    n = later.height
    still = say(pl.col("moved") <= pl.col("moved_by_chance"), STILL)
    compared = [list(pair) for pair in table.select("first_wave", "wave").iter_rows()]
    told = _weights_told(table, compared, human, scores.items)
    return _finished(table, nearest[:n], p_nearest[:n], settings, still, told)


def scores_of_waves(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    waves: Iterable[int] | None,
    settings: Settings,
) -> tuple[GroupScores, pl.DataFrame]:
    """Score the waves that can be compared; also return people's answers in them."""
    every = replace(settings, wave=None)
    kept = harmonised(restrict_humans(human, bank, every), waves)
    return score_groups(model, kept, bank, every), kept


def _moves(
    human: pl.DataFrame, bank: HasItems, later: pl.DataFrame, scores: GroupScores
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how far people moved, per row and item, and how far by chance, per row."""
    keys = population_keys(human)
    on = [name for name in keys if name != "wave"]
    known = human.filter(pl.col("question").is_in(scores.items)).select(
        *keys, "question", "probabilities", "n_effective"
    )
    known = known.join(
        item_ceilings(known, bank), on=[*keys, "question"], nulls_equal=True, maintain_order="left"
    )
    pairs = (
        later.with_row_index("row")
        .select("row", *on, "wave", "wave_first")
        .join(known, on=[*on, "wave"], nulls_equal=True)
        .join(
            known, left_on=[*on, "wave_first", "question"], right_on=[*on, "wave", "question"],
            nulls_equal=True, suffix="_first",
        )
    )  # fmt: skip
    distance = 1 - item_alignment(pairs, bank, second="probabilities_first")
    places = {name: place for place, name in enumerate(scores.items)}
    index = pairs["row"].to_numpy(), [places[name] for name in pairs["question"]]
    found = np.full((2, later.height, len(scores.items)), np.nan)
    found[0][index] = distance.to_numpy()
    ceilings = (pairs["ceiling"] + pairs["ceiling_first"]) / 2
    found[1][index] = 1 - ceilings.fill_null(float("nan")).to_numpy()
    lacking = np.isnan(scores.values[later["_group"].to_numpy()])
    found[:, lacking | np.isnan(scores.values[later["_group_first"].to_numpy()])] = np.nan
    unknown = np.isnan(found[1]).sum(axis=1) > np.isnan(found[0]).sum(axis=1)
    chance = np.where(unknown, np.nan, np.nansum(found[1], axis=1) / (~np.isnan(found[0])).sum(1))
    return found[0], chance


def _weights_told(
    table: pl.DataFrame, waves: Sequence[Sequence[int]], human: pl.DataFrame, items: Sequence[str]
) -> pl.Expr:
    """Tell in which of the waves that each row compares people's answers are not weighted."""
    if "weighted" not in human.columns:
        return pl.lit(None, pl.String)
    keys = population_keys(human)
    plain = (~pl.col("weighted")).fill_null(value=False)
    states = human.filter(pl.col("question").is_in(items)).group_by(keys).agg(
        pl.when(plain.all()).then(pl.lit("not"))
        .when(plain.any()).then(pl.lit("in part"))
        .otherwise(pl.lit(""))
        .alias("state")
    )  # fmt: skip
    known = {row[:-1]: row[-1] for row in states.select(*keys, "state").iter_rows()}
    place, notes = keys.index("wave"), list[str | None]()
    for population, compared in zip(table.select(keys).iter_rows(), waves, strict=True):
        by_state: dict[str, list[int]] = {}
        for wave in sorted(compared):
            state = known[(*population[:place], wave, *population[place + 1 :])]
            by_state.setdefault(state, []).append(wave)
        notes.append(_in_words(by_state))
    return pl.lit(pl.Series(notes, dtype=pl.String))


def _in_words(by_state: dict[str, list[int]]) -> str | None:
    if not by_state.keys() - {""}:
        return None
    if by_state.keys() == {"not"}:
        return "unweighted"
    parts = [
        f"{state} in wave{'s' * (len(by_state[state]) > 1)} {', '.join(map(str, by_state[state]))}"
        for state in ("", "in part", "not")
        if state in by_state
    ]
    return "weighted " + ", ".join(part.strip() for part in parts)


def _finished(
    table: pl.DataFrame,
    nearest: NDArray[np.bool_],
    p_nearest: NDArray[np.float64],
    settings: Settings,
    *further: pl.Expr,
) -> pl.DataFrame:
    n_items = pl.col("n_items")
    return table.with_columns(
        pl.Series("nearest", nearest),
        pl.when(n_items > 1).then(pl.Series(p_nearest)).alias("p_nearest"),
        pl.lit(settings.resampled).alias("resampled"),
        note(say(n_items == 0, NO_COMMON_ITEM), say(n_items == 1, ONE_ITEM), *further),
    )
