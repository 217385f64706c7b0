"""Scores beside those of equal shares for every option, which have no opinion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.baseline import Baseline
from doxa.analysis.parts.item_scores import average_items, item_alignment
from doxa.analysis.parts.notes import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from doxa.analysis.parts.contrasts import GroupScores
    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems

__all__ = [
    "LEAST_ROOM",
    "NO_ROOM",
    "UNIFORM_COLUMNS",
    "against_uniform",
    "known_ceilings",
    "mean_ceilings",
    "normalised_score",
    "ratio_of_means",
    "say_no_room",
    "uniform_alignment",
    "uniform_means",
]

LEAST_ROOM: Final = 0.02
"""The least by which a ceiling lies above the score of equal shares, for a normalised score."""

NO_ROOM: Final = "ceiling not clearly above equal shares: no normalised score"

UNIFORM_COLUMNS: Final = (
    "uniform", "uniform_gap", "uniform_gap_low", "uniform_gap_high",
    "normalised", "normalised_low", "normalised_high",
)  # fmt: skip


def normalised_score(
    score: NDArray[np.float64], uniform: NDArray[np.float64], ceiling: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Place scores between those of equal shares, 0, and the ceiling, 1.

    Parameters
    ----------
    score, uniform, ceiling : numpy.ndarray
        Mean scores over the same items, of any measure that grows with likeness; shapes that
        broadcast.

    Returns
    -------
    numpy.ndarray
        (score - uniform) / (ceiling - uniform): below 0 where equal shares come closer, above 1
        where the score is above the ceiling. NaN where the ceiling lies less than `LEAST_ROOM`
        above equal shares.

    Examples
    --------
    >>> score, uniform = np.array([0.75, 0.9]), np.array([0.8, 0.8])
    >>> normalised_score(score, uniform, 1.0).round(2).tolist()
    [-0.25, 0.5]
    """
    room = np.asarray(ceiling - uniform)
    wide = np.where(room >= LEAST_ROOM, room, np.nan)
    return np.asarray((score - uniform) / wide)


def ratio_of_means(
    above: NDArray[np.float64], below: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Divide means over items, and say what each item adds to the ratio.

    Parameters
    ----------
    above, below : numpy.ndarray
        Shape (n, items); NaN where there is none, in the same places.

    Returns
    -------
    ratio : numpy.ndarray
        Shape (n,).
    parts : numpy.ndarray
        Shape (n, items): numbers whose mean is the ratio and whose spread over the items is
        that of the ratio when items are drawn (its linearisation, as in the delta method). The
        interval of their mean is an interval of the ratio.

    Examples
    --------
    >>> ratio, parts = ratio_of_means(np.array([[0.1, 0.3]]), np.array([[0.4, 0.4]]))
    >>> ratio.round(2).tolist(), parts.round(2).tolist()
    ([0.5], [[0.25, 0.75]])
    """
    held = ~np.isnan(above)
    n_items = np.maximum(held.sum(axis=1), 1)
    tops, bottoms = (np.where(held, one, 0.0).sum(axis=1) / n_items for one in (above, below))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = tops / np.where(bottoms == 0, np.nan, bottoms)
        parts = ratio[:, None] + (above - ratio[:, None] * below) / bottoms[:, None]
    return ratio, parts


def uniform_alignment(pairs: pl.DataFrame, bank: HasItems) -> pl.Series:
    """Align equal shares with the people of each row, in [0, 1].

    Parameters
    ----------
    pairs : polars.DataFrame
        `question` and `probabilities_human`.
    bank : QuestionBank or other HasItems
        Gives each item its scale; options off the scale have no share.
    """
    n = pl.col("probabilities_human").list.len()
    even = pairs.select("question", "probabilities_human").with_columns(even=(1.0 / n).repeat_by(n))
    return item_alignment(even, bank, first="even")


def against_uniform(
    scores: GroupScores,
    replicates: NDArray[np.float64],
    human: pl.DataFrame,
    bank: HasItems,
    ceilings: pl.DataFrame,
) -> list[pl.Series]:
    """Compare the scores of groups with those of equal shares, on the same items and draws.

    Parameters
    ----------
    scores : GroupScores
        Groups whose keys name a population.
    replicates : (groups, n_resamples) array
        Of the groups' means, as `GroupScores.means` gives them.
    human : polars.DataFrame
        Response distributions of all these populations.
    bank : QuestionBank or other HasItems
        The items, with their scales.
    ceilings : polars.DataFrame
        As `doxa.analysis.item_ceilings` gives them; they are taken as known.

    Returns
    -------
    list of polars.Series
        `UNIFORM_COLUMNS`, one value a group. `uniform` is the mean alignment of equal shares,
        `uniform_gap` the score minus it, `normalised` as `normalised_score` has it. The latter is
        null without a ceiling, and where the ceiling is not clearly above equal shares: by less
        than `LEAST_ROOM`, or not above in more replicates than lie beyond one end of an interval.
    """
    even = Baseline(human, bank, "uniform")
    population = scores.groups.join(
        even.populations.with_row_index("population"),
        on=even.populations.columns, nulls_equal=True, maintain_order="left",
    )["population"].to_list()  # fmt: skip
    level, level_drawn = scores.drawn_baseline(even, population)
    gaps = scores.values - level
    gaps_drawn = replicates - level_drawn
    corrected_level = scores.corrected_baseline(even, population)
    corrected = scores.corrected - corrected_level
    gap = scores.summarised(gaps, gaps_drawn, corrected, bounds=(-1.0, 1.0), difference=True)
    known = known_ceilings(scores, ceilings)
    room = known - level
    tops = np.where(np.isnan(room), np.nan, gaps)
    room_drawn = scores.replicates_of(known) - level_drawn
    ratio, parts = ratio_of_means(tops, room)
    mean_room = _means(room)
    tail = 0.5 - 0.5 * scores.settings.confidence
    narrow = (mean_room < LEAST_ROOM) | ((room_drawn <= 0).mean(axis=1) > tail)
    corrected[np.isnan(room)] = np.nan
    _, corrected_parts = ratio_of_means(corrected, known - corrected_level)
    parts[narrow] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = np.where(room_drawn > 0, gaps_drawn / room_drawn, np.nan)
    normalised = scores.summarised(parts, drawn, corrected_parts)
    columns = {
        "uniform": _means(level),
        "uniform_gap": gap["estimate"],
        "uniform_gap_low": gap["low"],
        "uniform_gap_high": gap["high"],
        "normalised": np.where(narrow, np.nan, ratio),
        "normalised_low": normalised["low"],
        "normalised_high": normalised["high"],
    }
    return [pl.Series(name, columns[name]).fill_nan(None) for name in UNIFORM_COLUMNS]


def uniform_means(rows: pl.DataFrame, keys: Sequence[str], settings: Settings) -> pl.DataFrame:
    """Average scores, equal shares' scores and normalised scores by group; items are drawn.

    Parameters
    ----------
    rows : polars.DataFrame
        The key columns, `question`, and `score`, `uniform` and `ceiling` of each row.
    keys : sequence of str
        The columns that name a group.
    settings : Settings
        Replicates, confidence and seed.

    Returns
    -------
    polars.DataFrame
        One row a group: the keys, `n` (rows), `estimate`, `low`, `high`, `ceiling` and
        `UNIFORM_COLUMNS`, which are as in `against_uniform`.
    """
    gap, room = pl.col("score") - pl.col("uniform"), pl.col("ceiling") - pl.col("uniform")
    known = pl.col("ceiling").is_not_null().all().over(keys)
    widths = room.mean().over(keys)
    ratio = gap.mean().over(keys) / widths
    parts = ratio + (gap - ratio * room) / widths
    values = rows.select(
        score="score",
        ceiling=pl.when(known).then("ceiling"),
        uniform="uniform",
        gap=gap,
        room=pl.when(known).then(room),
        part=pl.when(known & (widths >= LEAST_ROOM)).then(parts),
    )
    groups = average_items(values, rows, keys, settings).groups
    found = {one["metric"][0]: one for one in groups.partition_by("metric", maintain_order=True)}
    table = (
        found["score"]
        .select(*keys, "n", "estimate", "low", "high")
        .with_columns(
            found["ceiling"]["estimate"].alias("ceiling"),
            found["uniform"]["estimate"].alias("uniform"),
            *(
                found[metric][end].alias(name if end == "estimate" else f"{name}_{end}")
                for metric, name in (("gap", "uniform_gap"), ("part", "normalised"))
                for end in ("estimate", "low", "high")
            ),
        )
    )
    narrow = (found["room"]["low"] <= 0).fill_null(value=False)
    clear = pl.col("normalised", "normalised_low", "normalised_high")
    return table.with_columns(pl.when(~narrow).then(clear))


def known_ceilings(scores: GroupScores, ceilings: pl.DataFrame) -> NDArray[np.float64]:
    """Arrange the ceilings of groups and items; NaN for a group of which one is unknown."""
    known = scores.of_items(ceilings, "ceiling")
    known[np.isnan(scores.values)] = np.nan
    known[np.any(np.isnan(known) & ~np.isnan(scores.values), axis=1)] = np.nan
    return known


def mean_ceilings(scores: GroupScores, ceilings: pl.DataFrame) -> pl.Series:
    """Average the ceiling of each group over its items; null where one is unknown."""
    return pl.Series("ceiling", _means(known_ceilings(scores, ceilings))).fill_nan(None)


def say_no_room() -> pl.Expr:
    """Say of which rows the ceiling is too near to equal shares for a normalised score."""
    lacks = pl.col("normalised").is_null() & pl.col("ceiling").is_not_null()
    return say(lacks & (pl.col("n_items") > 0), NO_ROOM)


def _means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average each row over its items; NaN without any."""
    held = ~np.isnan(values)
    total = np.where(held, values, 0.0).sum(axis=1)
    return np.where(held.any(axis=1), total / np.maximum(held.sum(axis=1), 1), np.nan)
