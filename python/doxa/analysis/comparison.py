"""Which model is closest, and whether one is closer than another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.correction import t_p_values, with_adjusted
from doxa.analysis.finish import finish
from doxa.analysis.item_scores import score_items
from doxa.analysis.pairs import pair_items, population_keys, restrict_humans, restrict_models
from doxa.distribution import MODEL_KEYS
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.score import mean_batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from doxa.analysis.correction import Correction
    from doxa.questionnaire import QuestionBank

__all__ = ["check_by", "compare_models", "leaderboard", "shared_pairs", "two_models"]

_NO_ERROR: Final = 1e-12
"""A standard error this small is rounding: a model whose items all score alike."""

_ONE_MODEL: Final = "one model: nothing to rank"


def leaderboard(
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
    """Rank models by their alignment over all that all of them were asked.

    A model's score is the mean over items, populations and ways of asking, of those that every
    model asked through the same elicitation has. Steered answers count for their target alone.

    Parameters
    ----------
    model : polars.DataFrame
        As `doxa.distribution.model_distributions` gives it.
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
        One row per elicitation and model, the best first: `elicitation`, `model`, `estimate`,
        `low`, `high` (simultaneous for the models of an elicitation), `std_error`, `rank` (1 is
        best), `rank_low`, `rank_high`, `p_first` (share of resamples in which it comes first),
        `n_items`, `n` (alignments averaged), `resampled`, `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or the models of an elicitation have nothing in common.
    InvalidArgumentError
        An argument is out of range.

    Notes
    -----
    The intervals are estimate ± c × standard error, where c is the quantile of the largest
    deviation of any model in a replicate, each over the replicate's own standard error (the
    single-step "max-T" of Westfall & Young, 1993, *Resampling-Based Multiple Testing*, on the
    bootstrap-t): with the confidence asked for, all of them hold.
    """
    human = restrict_humans(human, bank, wave=wave, exclude_items=exclude_items)
    model = restrict_models(model, bank, exclude_items=exclude_items)
    pairs = shared_pairs(pair_items(model, human, bank), human)
    tables = []
    for part in pairs.partition_by("elicitation", maintain_order=True):
        batch = score_items(
            part,
            bank,
            first="probabilities",
            second="probabilities_human",
            groups=["elicitation", "model"],
            resample="items",
            n_resamples=n_resamples,
            confidence=confidence,
            seed=seed,
        )
        scored = part.with_columns(score=batch.scores["alignment"])
        errors, widest = _studentised(scored, n_resamples, confidence, seed)
        ranks = batch.ranks()
        tables.append(
            batch.groups.select(
                "elicitation",
                "model",
                "estimate",
                low=pl.col("estimate") - widest * errors,
                high=pl.col("estimate") + widest * errors,
                std_error=errors,
                rank=ranks["rank"],
                rank_low=ranks["low"].cast(pl.Int64),
                rank_high=ranks["high"].cast(pl.Int64),
                p_first=ranks["p_first"],
                n_items=pl.lit(part["question"].n_unique(), pl.Int64),
                n="n",
            ).sort("rank", "model")
        )
    lone = pl.when(pl.len().over("elicitation") == 1).then(pl.lit(_ONE_MODEL))
    return finish(pl.concat(tables), notes=[lone]).with_columns(
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
    correction: Correction = "holm",
    exclude_items: Iterable[str] = (),
    wave: int | None = 7,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> pl.DataFrame:
    """Test whether one model is closer to people than another, on the same items.

    Parameters
    ----------
    model, human, bank, exclude_items, wave, n_resamples, confidence, seed
        As in `leaderboard`.
    a, b : str
        Names of the two models.
    by : sequence of str, optional
        What to keep apart: any of the columns of a way of asking but `model`, and of a
        population. By default all of them; () gives one comparison over everything that both
        models were asked.
    correction : {"holm", "benjamini_hochberg"}
        For the number of tests in the table.

    Returns
    -------
    polars.DataFrame
        One row per combination of `by` that both models have: `a`, `b`, the keys, `estimate`
        (mean alignment of a minus that of b; positive: a is closer), `low`, `high`,
        `std_error`, `p_value` (two-sided, Student's t on the bootstrap's standard error),
        `p_adjusted`, `n_items`, `resampled`, `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or the two models have nothing in common.
    InvalidArgumentError
        There is no such model, both are the same, or an argument is out of range.
    """
    human = restrict_humans(human, bank, wave=wave, exclude_items=exclude_items)
    model = restrict_models(two_models(model, a, b), bank, exclude_items=exclude_items)
    keys = check_by(by, human)
    pairs = shared_pairs(pair_items(model, human, bank), human)
    batch = score_items(
        pairs,
        bank,
        first="probabilities",
        second="probabilities_human",
        groups=["model", *keys],
        resample="items",
        n_resamples=n_resamples,
        confidence=confidence,
        seed=seed,
    )
    groups = pairs.select(keys).unique(maintain_order=True) if keys else pl.DataFrame([{}])
    rows = groups.rows(named=True) or [{}]
    tests = batch.compare(*([{"model": name, **row} for row in rows] for name in (a, b)))
    table = (
        pl.DataFrame({"a": [a] * len(rows), "b": [b] * len(rows)})
        .hstack(groups.select(keys) if keys else [])
        .hstack(tests.select("estimate", "low", "high", "std_error", "n_items"))
    )
    p_values = t_p_values(table["estimate"], table["std_error"], table["n_items"])
    ends = ("p_value", "p_adjusted", "n_items", "resampled", "note")
    finished = finish(table.with_columns(p_value=pl.Series(p_values)))
    return with_adjusted(finished, correction).select(pl.exclude(ends), *ends)


def shared_pairs(pairs: pl.DataFrame, human: pl.DataFrame) -> pl.DataFrame:
    """Keep what every model asked through the same elicitation has.

    Raises
    ------
    NoDataError
        The models of an elicitation have nothing in common.
    """
    cell = [*(name for name in MODEL_KEYS if name != "model"), *population_keys(human), "question"]
    everyone = pl.col("model").n_unique().over("elicitation")
    kept = pairs.with_columns(everyone=everyone).filter(
        pl.col("model").n_unique().over(cell) == pl.col("everyone")
    )
    for (elicitation,), part in pairs.group_by("elicitation", maintain_order=True):
        if elicitation not in kept["elicitation"]:
            names = ", ".join(part["model"].unique().sort())
            raise NoDataError(
                f"elicitation {elicitation}: {names} were asked no item in the same way: ask "
                "them in the same languages, steerings and templates"
            )
    return kept.drop("everyone")


def check_by(by: Sequence[str] | None, human: pl.DataFrame) -> list[str]:
    """Give the columns to keep apart, all of them by default.

    Raises
    ------
    InvalidArgumentError
        A name is none of them.
    """
    known = [*(name for name in MODEL_KEYS if name != "model"), *population_keys(human)]
    for name in by or ():
        if name not in known:
            raise InvalidArgumentError(f"by={name!r}: take some of {', '.join(known)}")
    return known if by is None else [name for name in known if name in by]


def two_models(model: pl.DataFrame, a: str, b: str) -> pl.DataFrame:
    """Keep the distributions of two models.

    Raises
    ------
    InvalidArgumentError
        There is no such model, or both are the same.
    """
    known = model["model"].unique().sort().to_list()
    for name in (a, b):
        if name not in known:
            raise InvalidArgumentError(f"no model {name!r}: there are {', '.join(known)}")
    if a == b:
        raise InvalidArgumentError(f"{a!r} cannot be compared with itself: name two models")
    return model.filter(pl.col("model").is_in([a, b]))


def _studentised(
    scored: pl.DataFrame, n_resamples: int, confidence: float, seed: int
) -> tuple[pl.Series, float]:
    """Give each model's standard error, and how many of them a simultaneous interval reaches.

    Each replicate's deviation is over its own standard error: that of a mean in which items
    are drawn with all their rows, linearised.
    """
    items = (
        scored.with_columns(off=pl.col("score") - pl.col("score").mean().over("model"))
        .group_by("model", "question", maintain_order=True)
        .agg(pl.col("off").sum(), rows=pl.len().cast(pl.Float64))
    )
    off, rows = pl.col("off"), pl.col("rows")
    moments = items.select("off", "rows", off2=off * off, cross=off * rows, rows2=rows * rows)
    batch = mean_batch(
        moments,
        groups=items["model"],
        items=items["question"],
        n_resamples=n_resamples,
        seed=seed,
    )
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
    return pl.Series(errors), float(np.quantile(ratios.max(axis=0), confidence))
