"""Which model is closest, and whether one is closer than another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.ceiling import item_ceilings
from doxa.analysis.parts.correction import TESTED, with_adjusted
from doxa.analysis.parts.item_scores import average_items, score_items
from doxa.analysis.parts.notes import finish, say
from doxa.analysis.parts.pairs import alike_pairs, pair_items, population_keys, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.analysis.parts.uniform import (
    UNIFORM_COLUMNS,
    say_no_room,
    uniform_alignment,
    uniform_means,
)
from doxa.distribution import MODEL_KEYS
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.prompt import OFF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from doxa.analysis.parts.correction import Correction
    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["compare_models", "comparison_keys", "leaderboard", "two_models"]

_NO_ERROR: Final = 1e-12
"""A smaller standard error is rounding: all items of the model have the same score."""

_ONE_MODEL: Final = "one model: nothing to rank"


def leaderboard(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Rank models by their mean alignment over what all of them were asked.

    A model's score is the mean over those items, populations and ways of asking that all models
    of the elicitation have. Steered answers count only for their target.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`.
    settings : Settings
        Only items are resampled, whatever `resample` is.

    Returns
    -------
    polars.DataFrame
        One row per elicitation and model, the best first: `elicitation`, `model`, `estimate`,
        `low`, `high` (simultaneous for the models of an elicitation), `std_error`, `rank` (1 is
        best), `rank_low`, `rank_high`, `p_first` (share of resamples in which it comes first),
        `ceiling`, `uniform` to `normalised_high` (beside equal shares, as in `country_alignment`),
        `n_items`, `n` (alignments averaged), `resampled`, `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or the models of an elicitation have nothing in common.

    Notes
    -----
    The intervals are estimate ± c × standard error. In each replicate, the deviation of each
    model is divided by the replicate's own standard error, and the largest ratio is kept; c is
    the quantile of these ratios at `confidence`. All intervals then hold at once with that
    confidence (single-step "max-T" of Westfall & Young, 1993, *Resampling-Based Multiple
    Testing*, on the bootstrap-t).

    Examples
    --------
    >>> table = leaderboard(model, human, bank)
    >>> table.filter(elicitation="logprobs").select("model", "rank", "rank_low", "rank_high").rows()
    [('alpha', 1, 1, 2), ('beta', 2, 1, 2)]
    """
    model, human = restrict(model, human, bank, settings)
    pairs = alike_pairs(pair_items(model, human, bank), human)
    known = human.filter(pl.col("question").is_in(pairs["question"].unique().implode()))
    ceilings = item_ceilings(known, bank, seed=settings.seed)
    on = [name for name in ceilings.columns if name != "ceiling"]
    pairs = pairs.join(ceilings, on=on, nulls_equal=True, maintain_order="left")
    tables = []
    for part in pairs.partition_by("elicitation", maintain_order=True):
        batch = score_items(part, bank, ["elicitation", "model"], settings)
        scored = part.with_columns(
            score=batch.scores["alignment"], uniform=uniform_alignment(part, bank)
        )
        beside = uniform_means(scored, ["elicitation", "model"], settings)
        errors, widest = _simultaneous(scored, settings)
        ranks = batch.ranks()
        tables.append(
            batch.groups.select(
                "elicitation",
                "model",
                "estimate",
                low=(pl.col("estimate") - widest * errors).clip(0, 1),
                high=(pl.col("estimate") + widest * errors).clip(0, 1),
                std_error=errors,
                rank=ranks["rank"],
                rank_low=ranks["low"].cast(pl.Int64),
                rank_high=ranks["high"].cast(pl.Int64),
                p_first=ranks["p_first"],
                ceiling=beside["ceiling"],
                **{name: beside[name] for name in UNIFORM_COLUMNS},
                n_items=pl.lit(part["question"].n_unique(), pl.Int64),
                n="n",
            ).sort("rank", "model")
        )
    alone = say(pl.len().over("elicitation") == 1, _ONE_MODEL)
    return finish(pl.concat(tables), alone, say_no_room()).with_columns(
        pl.when(pl.col("n_items") > 1).then(pl.col("p_first")).alias("p_first")
    )


def compare_models(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    a: str,
    b: str,
    *,
    by: Sequence[str] | None = None,
    reasoning: tuple[str, str] | None = None,
    correction: Correction = "holm",
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Test whether one model is closer to people than another, on the same items.

    With `reasoning`, the two may be the same model that thought more or less.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`.
    a, b : str
        Names of the two models.
    by : sequence of str, optional
        The columns to compare within: any key of a way of asking except `model`, and any key of
        a population. By default all of them; () gives one comparison over everything that both
        models were asked.
    reasoning : (str, str), optional
        How much a and b thought before they answered, such as ``("off", "512")``; both are then
        named so. By default each way of asking of a is compared with the same of b.
    correction : {"holm", "benjamini_hochberg"}
        How to correct for the number of tests in the table.
    settings : Settings
        Only items are resampled, whatever `resample` is.

    Returns
    -------
    polars.DataFrame
        One row per combination of `by` that both models have: `a`, `b`, the keys, `estimate` (mean
        alignment of a minus that of b; positive: a is closer), `low`, `high`, `std_error`,
        `p_value` (two-sided, see `doxa.score.intervals`), `p_adjusted`, `low_adjusted`,
        `high_adjusted`, `n_items`, `resampled`, `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or the two models have nothing in common.
    InvalidArgumentError
        A model is unknown, both sides are the same, `by` has an unknown column, or the
        correction is unknown.

    Examples
    --------
    >>> table = compare_models(model, human, bank, "alpha", "beta")
    >>> table.select("a", "b", "elicitation", "country").row(0)
    ('alpha', 'beta', 'logprobs', 'BGD')
    """
    model, a, b = two_models(model, a, b, reasoning)
    model, human = restrict(model, human, bank, settings)
    keys = comparison_keys(by, human)
    pairs = alike_pairs(pair_items(model, human, bank), human)
    batch = score_items(pairs, bank, ["model", *keys], settings)
    groups = pairs.select(keys).unique(maintain_order=True) if keys else pl.DataFrame([{}])
    rows = groups.rows(named=True) or [{}]
    tests = batch.compare(*([{"model": name, **row} for row in rows] for name in (a, b)))
    names = pl.DataFrame({"a": [a] * len(rows), "b": [b] * len(rows)})
    table = names.hstack(groups.select(keys) if keys else []).hstack(tests.select(TESTED))
    return with_adjusted(finish(table), correction, confidence=settings.confidence)


def comparison_keys(by: Sequence[str] | None, human: pl.DataFrame) -> list[str]:
    """Return the columns to compare within, all of them by default.

    Raises
    ------
    InvalidArgumentError
        A name is unknown.
    """
    known = [*(name for name in MODEL_KEYS if name != "model"), *population_keys(human)]
    for name in by or ():
        if name not in known:
            raise InvalidArgumentError(f"by={name!r}: take some of {', '.join(known)}")
    return known if by is None else [name for name in known if name in by]


def two_models(
    model: pl.DataFrame, a: str, b: str, reasoning: tuple[str, str] | None = None
) -> tuple[pl.DataFrame, str, str]:
    """Keep the distributions of two models, read through the elicitations that both have.

    Parameters
    ----------
    model, a, b, reasoning
        As in `compare_models`.

    Returns
    -------
    polars.DataFrame, str, str
        The distributions, and the names of both sides in them.

    Raises
    ------
    InvalidArgumentError
        A model is unknown or did not think so much, or both sides are the same.
    NoDataError
        No elicitation gave distributions of both.
    """
    known = model["model"].unique().sort().to_list()
    for name in (a, b):
        if name not in known:
            raise InvalidArgumentError(f"no model {name!r}: there are {', '.join(known)}")
    if reasoning is not None:
        model, a, b = _thinking_apart(model, (a, b), reasoning)
    if a == b:
        raise InvalidArgumentError(f"{a!r} cannot be compared with itself: name two models")
    both = model.filter(pl.col("model").is_in([a, b]))
    left = both.filter(pl.col("model").n_unique().over("elicitation") == 2)
    if left.is_empty():
        raise NoDataError(f"{a} and {b} have no elicitation in common: ask both in the same way")
    return left, a, b


def _thinking_apart(
    model: pl.DataFrame, sides: tuple[str, str], reasoning: tuple[str, str]
) -> tuple[pl.DataFrame, str, str]:
    """Name each side by its model and how much it thought, as if that were a model."""
    parts = {}
    for name, thought in zip(sides, reasoning, strict=True):
        part = model.filter(model=name, reasoning=thought)
        if part.is_empty():
            known = ", ".join(model.filter(model=name)["reasoning"].unique().sort())
            raise InvalidArgumentError(f"{name} has no reasoning {thought!r}: there are {known}")
        label = f"{name}, {'at once' if thought == OFF else f'thinking {thought}'}"
        both = pl.lit(" less ".join(reasoning))
        parts[label] = part.with_columns(model=pl.lit(label), reasoning=both)
    return pl.concat(parts.values()), next(iter(parts)), [*parts][-1]


def _simultaneous(scored: pl.DataFrame, settings: Settings) -> tuple[pl.Series, float]:
    """Return each model's standard error, and the factor c of the simultaneous intervals.

    A replicate's deviation is divided by the replicate's own standard error: the linearised
    error of a mean when items are drawn together with all their rows.
    """
    items = (
        scored.with_columns(off=pl.col("score") - pl.col("score").mean().over("model"))
        .group_by("model", "question", maintain_order=True)
        .agg(pl.col("off").sum(), rows=pl.len().cast(pl.Float64))
    )
    off, rows = pl.col("off"), pl.col("rows")
    moments = items.select("off", "rows", off2=off * off, cross=off * rows, rows2=rows * rows)
    batch = average_items(moments, items, ["model"], settings)
    n_items = items["question"].n_unique()

    def deviations(
        off: NDArray[np.float64],
        rows: NDArray[np.float64],
        off2: NDArray[np.float64],
        cross: NDArray[np.float64],
        rows2: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        moved = off / rows
        variance = off2 - 2 * moved * cross + moved**2 * rows2
        return moved, np.sqrt(np.maximum(variance, 0.0) / n_items) / rows

    means = batch.groups.partition_by("metric", maintain_order=True)
    _, errors = deviations(*(one["estimate"].to_numpy() for one in means))
    moved, drawn = deviations(*(batch.replicates(name) for name in moments.columns))
    ratios = np.divide(np.abs(moved), drawn, out=np.zeros_like(moved), where=drawn > _NO_ERROR)
    return pl.Series(errors), float(np.quantile(ratios.max(axis=0), settings.confidence))
