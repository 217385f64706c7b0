"""Whether a steering helps only its target, which one helps most, what combinations add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.blocks import largest_block
from doxa.analysis.parts.contrasts import GroupScores
from doxa.analysis.parts.correction import with_adjusted
from doxa.analysis.parts.notes import SCORE_NOTES, note
from doxa.analysis.parts.pairs import pair_items, population_keys, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.analysis.parts.winners import find_winners
from doxa.analysis.steering import score_groups, steering_pairs
from doxa.distribution import MODEL_KEYS, target_or_everyone
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from doxa.analysis.parts.correction import Correction
    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems

__all__ = ["steering_combinations", "steering_targeting", "steering_winners"]

_ASKING: Final = ("model", "elicitation", "group", "reasoning")
_TESTED: Final = (
    "n_items", "estimate", "low", "high", "std_error", "p_value", "p_adjusted", "low_adjusted",
    "high_adjusted", "resampled", "note",
)  # fmt: skip


def steering_targeting(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    reference_language: str | None = None,
    correction: Correction = "holm",
    family: Sequence[str] = (),
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Measure what each steering does for one country beyond what it does for the others.

    The targeting of a steering towards a country is its effect there (see
    `steering_effects`) minus its mean effect on other countries, on the same items. A steering
    that brings a model equally closer to every country has a targeting of 0. Where other
    countries lack items of the target, those with few are left out: countries times items is
    made largest.

    Parameters
    ----------
    model, human, bank, reference_language, correction, family, settings
        As in `steering_effects`.

    Returns
    -------
    polars.DataFrame
        One row per steered way of asking and country, its target or not; with a
        `reference_language`, also per unsteered prompt in another language: the keys of
        `steering_effects`, `reference_language`, `is_target`, `n_others` (countries averaged),
        `n_items`, `estimate`, `low`, `high`, `std_error`, `p_value`, `p_adjusted`, `low_adjusted`,
        `high_adjusted`, `resampled`, `note`. Pivot it on `country` for the language × country
        matrix.

    Raises
    ------
    NoDataError
        A side has no distributions, there is nothing unsteered to compare with, or there is no
        other country.
    InvalidArgumentError
        As in `steering_effects`.

    Examples
    --------
    >>> table = steering_targeting(model, human, bank)
    >>> table.filter("is_target").select("steering", "target", "country").row(0)
    ('persona', 'JPN', 'JPN')
    """
    scores = score_groups(model, human, bank, settings)
    keys = scores.groups.columns
    effects = steering_pairs(scores.groups, reference_language)
    together = [*(name for name in keys if name != "country"), "unsteered_language"]
    effects = effects.filter(pl.len().over(together) > 1)
    if effects.is_empty():
        raise NoDataError("no other country to compare with: targeting needs two or more")
    by_way = effects.group_by(together, maintain_order=True).agg("steered", "unsteered")
    rows = effects.join(by_way, on=together, nulls_equal=True, suffix="_all", maintain_order="left")
    contrasts, n_others = list[dict[int, float]](), list[int]()
    for own, *everyone in rows.select("steered", "steered_all", "unsteered_all").iter_rows():
        contrast = _beyond_others(scores.values, own, *everyone)
        contrasts.append(contrast)
        n_others.append(len(contrast) // 2 - 1)
    tests, _ = scores.contrast(contrasts, replicates=False)
    effects = effects.with_columns(n_others=pl.Series(n_others, dtype=pl.UInt32))
    table = pl.concat([effects, tests], how="horizontal").with_columns(
        reference_language="unsteered_language",
        is_target=pl.col("target") == pl.col("country"),
        resampled=pl.lit(scores.settings.resampled),
        note=note(*SCORE_NOTES, scores.notes_of(contrasts)),
    )
    corrected = with_adjusted(table, correction, family, confidence=settings.confidence)
    return corrected.select(*keys, "reference_language", "is_target", "n_others", *_TESTED)


def _beyond_others(
    values: NDArray[np.float64], own: int, steered: list[int], unsteered: list[int]
) -> dict[int, float]:
    """Weigh one country's steered and unsteered scores against those of comparable others."""
    held = ~np.isnan(values[steered]) & ~np.isnan(values[unsteered])
    place = steered.index(own)
    others = np.delete(np.arange(len(steered)), place)
    comparable, _ = largest_block(held[others] & held[place])
    chosen = others[comparable] if comparable.size else others
    weights = {place: 1.0} | dict.fromkeys(chosen.tolist(), -1.0 / len(chosen))
    return {
        group: sign * weight
        for number, weight in weights.items()
        for group, sign in ((steered[number], 1.0), (unsteered[number], -1.0))
    }


def steering_winners(
    model: pl.DataFrame, human: pl.DataFrame, bank: HasItems, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Find which language and steering bring each model closest to each country.

    Ways of asking with another target are left out. All candidates of a model,
    elicitation and group for a country are compared on the items that all of them have.

    Parameters
    ----------
    model, human, bank, settings
        As in `country_alignment`.

    Returns
    -------
    polars.DataFrame
        One row per candidate: keys as in `country_alignment`, `n_candidates`, `n_items`,
        `estimate` (its alignment), `low`, `high`, `std_error`, `best` (whether it has the
        largest estimate), `p_best` (the share of replicates in which it has the
        largest, ties divided; null with one item), `resampled`, `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or the candidates for a country share no item.
    InvalidArgumentError
        Replies are to be resampled, but they were not sampled.

    Examples
    --------
    >>> table = steering_winners(model, human, bank)
    >>> table.filter("best").select("country", "language", "steering").row(0)
    ('BGD', 'en', 'time-6')
    """
    model, human = restrict(model, human, bank, settings)
    populations = population_keys(human)
    pairs = pair_items(model, human, bank)
    contest = [*_ASKING, *populations]
    ways = pl.struct("language", "steering", "target")
    shared = pairs.filter(
        ways.n_unique().over([*contest, "question"]) == ways.n_unique().over(contest)
    )
    lost = pairs.join(shared, on=contest, how="anti", nulls_equal=True)
    if not lost.is_empty():
        raise NoDataError(
            f"{lost['model'][0]}, {lost['country'][0]}: no item is shared by all ways of asking "
            "about it: ask the same items in each way"
        )
    scores = GroupScores(shared, bank, [*MODEL_KEYS, *populations], settings)
    means, replicates = scores.means()
    estimate = means["estimate"].to_numpy()
    best, p_best = find_winners(scores.groups, contest, estimate, replicates)
    table = pl.concat([scores.groups, means], how="horizontal").with_columns(
        n_candidates=pl.len().over(contest), best=pl.Series(best), p_best=pl.Series(p_best)
    )
    sure = pl.col("std_error").is_not_null()
    return table.select(
        *scores.groups.columns, "n_candidates", "n_items", "estimate", "low", "high", "std_error",
        "best", pl.when(sure).then("p_best").alias("p_best"),
        pl.lit(scores.settings.resampled).alias("resampled"),
        note(*SCORE_NOTES, pl.lit(scores.form_notes)),
    )  # fmt: skip


def steering_combinations(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    reference_language: str | None = None,
    correction: Correction = "holm",
    family: Sequence[str] = (),
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Measure what a combination of steerings adds to its parts.

    The parts are those in the name of the steering, such as persona and few-shot, and the
    language if it is not the reference language. The surplus over the *sum* is the effect of the
    combination minus the sum of its parts' effects. The surplus over the *best single* part is
    its alignment minus the largest alignment of a part alone. All use the items that all have.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`.
    reference_language : str, optional
        The language in which the parts were asked alone; another language is then a part too.
        Default: the combination's own language, which then is not a part.
    correction, family, settings
        As in `steering_effects`.

    Returns
    -------
    polars.DataFrame
        Two rows per combination and population: the keys of `steering_effects`,
        `reference_language`, `n_parts`, `beyond` ("sum" or "best single"), `best_part`, `n_items`,
        `estimate`, `low`, `high`, `std_error`, `p_value`, `p_adjusted`, `low_adjusted`,
        `high_adjusted`, `resampled`, `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or no combination was asked together with its parts.
    InvalidArgumentError
        As in `steering_effects`.

    Examples
    --------
    >>> table = steering_combinations(model, human, bank)
    >>> table.select("steering", "target", "beyond", "best_part").row(0)
    ('time-6_persona', 'JPN', 'sum', 'time-6')
    """
    scores = score_groups(model, human, bank, settings)
    keys = scores.groups.columns
    place = {row: group for group, row in enumerate(scores.groups.iter_rows())}
    found: list[dict[str, Any]] = []
    contrasts: list[dict[int, float]] = []
    about = scores.groups.with_row_index("_group").filter(target_or_everyone())
    for row in about.iter_rows(named=True):
        group = row.pop("_group")
        reference = reference_language or row["language"]
        parts, none = _parts(row, reference)
        groups = {name: place.get(tuple(part.values())) for name, part in parts.items()}
        base = place.get(tuple(none.values()))
        if len(parts) < 2 or base is None or None in groups.values():
            continue
        alone = {name: part for name, part in groups.items() if part is not None}
        held = ~np.isnan(scores.values[[group, base, *alone.values()]]).any(axis=0)
        best = max(alone, key=lambda name: _mean(scores.values[alone[name]][held]))
        total = {group: 1.0, base: len(alone) - 1.0} | dict.fromkeys(alone.values(), -1.0)
        nothing = dict.fromkeys(total, 0.0)  # the same items for both comparisons
        contrasts += [total, nothing | {group: 1.0, alone[best]: -1.0}]
        shown = row | {"reference_language": reference, "n_parts": len(alone), "best_part": best}
        found += [shown | {"beyond": beyond} for beyond in ("sum", "best single")]
    if not found:
        raise NoDataError(
            "no combination to measure: ask also with each part alone, and without steering"
        )
    tests, _ = scores.contrast(contrasts, replicates=False)
    named = pl.DataFrame(found, infer_schema_length=None)
    table = pl.concat([named, tests], how="horizontal").with_columns(
        resampled=pl.lit(scores.settings.resampled),
        note=note(*SCORE_NOTES, scores.notes_of(contrasts)),
    )
    corrected = with_adjusted(table, correction, family, confidence=settings.confidence)
    return corrected.select(*keys, "reference_language", "n_parts", "beyond", "best_part", *_TESTED)


def _parts(row: dict[str, Any], reference: str) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Give the keys of each part of a combination alone, and of no steering at all."""
    none = row | {"language": reference, "steering": "none", "target": ""}
    parts = {}
    if row["language"] != reference:
        parts["language"] = none | {"language": row["language"]}
    if row["steering"] != "none":
        for name in row["steering"].split("_"):
            target = "" if name.startswith("time-") else row["target"]
            parts[name] = none | {"steering": name, "target": target}
    return parts, none


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else -np.inf
