"""Whom a steering helps: the target more than others, which one most, and in combination."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis.correction import with_adjusted
from doxa.analysis.finish import ONE_ITEM
from doxa.analysis.resampling import Resampling
from doxa.analysis.scored import Scored
from doxa.analysis.steering import score_pairs, steering_pairs
from doxa.distribution import MODEL_KEYS, target_or_everyone
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from doxa.analysis.correction import Correction
    from doxa.distribution import HasItems
    from doxa.score import ResampleSource

__all__ = ["steering_combinations", "steering_targeting", "steering_winners"]

_ASKING: Final = ("model", "elicitation", "template")
_TESTED: Final = (
    "n_items", "estimate", "low", "high", "std_error", "p_value", "p_adjusted", "resampled", "note",
)  # fmt: skip


def steering_targeting(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    reference_language: str | None = None,
    exclude_items: Iterable[str] = (),
    wave: int | None = 7,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    resample: ResampleSource | Sequence[ResampleSource] = "items",
    correction: Correction = "holm",
    family: Sequence[str] = (),
) -> pl.DataFrame:
    """Measure what each steering does for one country beyond what it does for the others.

    The targeting of a steering towards a country is its effect there (see
    `steering_effects`) minus its mean effect on the other countries. A steering that brings a
    model closer to everybody has none.

    Parameters
    ----------
    model, human, bank, reference_language, exclude_items, wave
        As in `steering_effects`.
    n_resamples, confidence, seed, resample, correction, family
        As in `steering_effects`.

    Returns
    -------
    polars.DataFrame
        One row per steered way of asking (or language, with a `reference_language`) and
        country, whether or not the country is the one it names: the keys of
        `steering_effects`, `reference_language`, `is_target`, `n_others` (countries averaged),
        `n_items`, `estimate`, `low`, `high`, `std_error`, `p_value`, `p_adjusted`,
        `resampled`, `note`. Pivoted on `country`, it is the language × country matrix.

    Raises
    ------
    NoDataError
        A side has no distributions, there is nothing unsteered to compare with, or there is no
        other country.
    InvalidArgumentError
        An argument is out of range.
    """
    resampling = Resampling.of(resample, n_resamples, confidence, seed)
    pairs, keys = score_pairs(model, human, bank, wave=wave, exclude_items=exclude_items)
    scored = Scored(pairs, bank, keys, resampling)
    effects = steering_pairs(scored.groups, reference_language)
    together = [*(name for name in keys if name != "country"), "unsteered_language"]
    effects = effects.with_columns(n_others=pl.len().over(together) - 1).filter(
        pl.col("n_others") > 0
    )
    if effects.is_empty():
        raise NoDataError("no other country to compare with: targeting needs two or more")
    contrasts: list[dict[int, float]] = []
    by_way = effects.group_by(together, maintain_order=True).agg("steered", "unsteered")
    rows = effects.join(by_way, on=together, nulls_equal=True, suffix="_all", maintain_order="left")
    for a, all_a, all_b, n in rows.select(
        "steered", "steered_all", "unsteered_all", "n_others"
    ).iter_rows():
        contrast: dict[int, float] = {}
        for steered, unsteered in zip(all_a, all_b, strict=True):
            weight = 1.0 if steered == a else -1.0 / n
            contrast[steered], contrast[unsteered] = weight, -weight
        contrasts.append(contrast)
    tests, _ = scored.summarise(contrasts)
    table = pl.concat([effects, tests], how="horizontal").with_columns(
        reference_language="unsteered_language",
        is_target=pl.col("target") == pl.col("country"),
        resampled=pl.lit(resampling.label),
        note=_note(),
    )
    return with_adjusted(table, correction, family).select(
        *keys, "reference_language", "is_target", "n_others", *_TESTED
    )


def steering_winners(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    exclude_items: Iterable[str] = (),
    wave: int | None = 7,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    resample: ResampleSource | Sequence[ResampleSource] = "items",
) -> pl.DataFrame:
    """Find which language and steering bring each model closest to each country.

    Ways of asking that name another country are no candidates. All candidates of a model,
    elicitation and template for a country are compared on the items that all of them have.

    Parameters
    ----------
    model, human, bank, exclude_items, wave, n_resamples, confidence, seed, resample
        As in `country_alignment`.

    Returns
    -------
    polars.DataFrame
        One row per candidate: keys as in `country_alignment`, `n_candidates`, `n_items`,
        `estimate` (its alignment), `low`, `high`, `std_error`, `best` (whether it has the
        largest estimate), `p_best` (the share of replicates in which it has, ties divided;
        null with one item), `resampled`, `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or candidates share no item.
    InvalidArgumentError
        An argument is out of range.
    """
    resampling = Resampling.of(resample, n_resamples, confidence, seed)
    pairs, keys = score_pairs(model, human, bank, wave=wave, exclude_items=exclude_items)
    pairs = pairs.filter(target_or_everyone())
    contest = [*_ASKING, *(name for name in keys if name not in MODEL_KEYS)]
    ways = pl.struct("language", "steering", "target")
    shared = pairs.filter(
        ways.n_unique().over([*contest, "question"]) == ways.n_unique().over(contest)
    )
    lost = pairs.join(shared, on=contest, how="anti", nulls_equal=True)
    if pairs.is_empty() or not lost.is_empty():
        where = "" if pairs.is_empty() else f"{lost['model'][0]}, {lost['country'][0]}: "
        raise NoDataError(f"{where}no item is shared by all ways of asking that are about it")
    scored = Scored(shared, bank, keys, resampling)
    rows, replicates = scored.summarise([{group: 1.0} for group in range(scored.groups.height)])
    estimate = rows["estimate"].to_numpy()
    drawn = resampling.truthward(estimate, replicates)
    number = scored.groups.select(pl.struct(contest).rank("dense")).to_series().to_numpy()
    best, p_best = np.zeros(number.size, bool), np.zeros(number.size)
    for one in np.unique(number):
        members = np.flatnonzero(number == one)
        best[members] = _largest(estimate[members, None])[:, 0] > 0
        p_best[members] = _largest(drawn[members]).mean(axis=1)
    sure = pl.col("std_error").is_not_null()
    table = pl.concat([scored.groups, rows], how="horizontal").with_columns(
        n_candidates=pl.len().over(contest), best=pl.Series(best), p_best=pl.Series(p_best)
    )
    return table.select(
        *keys, "n_candidates", "n_items", "estimate", "low", "high", "std_error", "best",
        p_best=pl.when(sure).then("p_best"),
        resampled=pl.lit(resampling.label),
        note=_note(),
    )  # fmt: skip


def steering_combinations(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    reference_language: str | None = None,
    exclude_items: Iterable[str] = (),
    wave: int | None = 7,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    resample: ResampleSource | Sequence[ResampleSource] = "items",
    correction: Correction = "holm",
    family: Sequence[str] = (),
) -> pl.DataFrame:
    """Measure what a combination of steerings adds to its parts.

    The parts of a combination are those of its steering's name, such as persona and few-shot,
    and its language where that is not the reference language. Its surplus over the *sum* is its
    effect minus the sum of the effects of its parts alone; over the *best single* part, its
    alignment minus that of the part which alone has the largest. All are compared on the items
    that all of them have.

    Parameters
    ----------
    model, human, bank, exclude_items, wave
        As in `steering_effects`.
    reference_language : str, optional
        The language in which the other parts alone were asked; another language is then a part
        of its own. Default: the combination's own language, which is then no part.
    n_resamples, confidence, seed, resample, correction, family
        As in `steering_effects`.

    Returns
    -------
    polars.DataFrame
        Two rows per combination and population: the keys of `steering_effects`,
        `reference_language`, `n_parts`, `beyond` ("sum" or "best single"), `best_part`,
        `n_items`, `estimate`, `low`, `high`, `std_error`, `p_value`, `p_adjusted`,
        `resampled`, `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or no combination was asked together with its parts.
    InvalidArgumentError
        An argument is out of range.
    """
    resampling = Resampling.of(resample, n_resamples, confidence, seed)
    pairs, keys = score_pairs(model, human, bank, wave=wave, exclude_items=exclude_items)
    scored = Scored(pairs, bank, keys, resampling)
    place = {tuple(row): group for group, row in enumerate(scored.groups.iter_rows())}
    found: list[dict[str, Any]] = []
    contrasts: list[dict[int, float]] = []
    for group, row in enumerate(scored.groups.iter_rows(named=True)):
        if row["target"] not in ("", row["country"]):
            continue
        reference = reference_language or row["language"]
        parts, none = _parts(row, reference)
        groups = {name: place.get(tuple(part.values())) for name, part in parts.items()}
        base = place.get(tuple(none.values()))
        if len(parts) < 2 or base is None or None in groups.values():
            continue
        alone = {name: part for name, part in groups.items() if part is not None}
        held = ~np.isnan(scored.values[[group, base, *alone.values()]]).any(axis=0)
        best = max(alone, key=lambda name: _mean(scored.values[alone[name]][held]))
        total = {group: 1.0, base: len(alone) - 1.0} | dict.fromkeys(alone.values(), -1.0)
        nothing = dict.fromkeys(total, 0.0)  # the same items for both comparisons
        contrasts += [total, nothing | {group: 1.0, alone[best]: -1.0}]
        shown = row | {"reference_language": reference, "n_parts": len(alone), "best_part": best}
        found += [shown | {"beyond": beyond} for beyond in ("sum", "best single")]
    if not found:
        raise NoDataError(
            "no combination to measure: ask each of its parts alone, and nothing, too"
        )
    tests, _ = scored.summarise(contrasts)
    named = pl.DataFrame(found, infer_schema_length=None)
    table = pl.concat([named, tests], how="horizontal").with_columns(
        resampled=pl.lit(resampling.label), note=_note()
    )
    return with_adjusted(table, correction, family).select(
        *keys, "reference_language", "n_parts", "beyond", "best_part", *_TESTED
    )


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


def _largest(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mark the largest of each column; equal ones share the mark."""
    marks = (values == values.max(axis=0)).astype(np.float64)
    shares: NDArray[np.float64] = marks / marks.sum(axis=0)
    return shares


def _note() -> pl.Expr:
    return (
        pl.when(pl.col("n_items") == 0)
        .then(pl.lit("no item in common"))
        .when(pl.col("std_error").is_null())
        .then(pl.lit(ONE_ITEM))
        .when(pl.col("low").is_null())
        .then(pl.lit("fewer than five items: no interval"))
        .otherwise(pl.lit(""))
    )
