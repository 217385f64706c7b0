"""Scores in brief, and beside each kind of baseline."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import polars as pl

from doxa import analysis
from doxa.analysis.parts.pairs import population_keys
from doxa.analysis.parts.settings import BaselineKind
from doxa.errors import NoDataError
from doxa.recorded import with_condition

if TYPE_CHECKING:
    from doxa.evaluate.evaluation import Evaluation

__all__ = ["every_baseline", "scores_in_brief"]


def scores_in_brief(evaluation: Evaluation) -> pl.DataFrame:
    """Give `model, condition, country`, groups, `alignment` and what it is to be read with."""
    groups = population_keys(evaluation.human_waves)[3:]
    return with_condition(evaluation.alignment, evaluation.bank).select(
        "model", "condition", "country", *groups, pl.col("estimate").alias("alignment"), "low",
        "high", "uniform", "normalised", "normalised_low", "normalised_high", "n_items",
        "rounding", "bounds",
    )  # fmt: skip


def every_baseline(evaluation: Evaluation) -> pl.DataFrame:
    """Compare every score with each kind of baseline in turn."""
    kinds: tuple[BaselineKind, ...] = get_args(BaselineKind)
    return pl.concat([_by_baseline(evaluation, kind) for kind in kinds])


def _by_baseline(evaluation: Evaluation, kind: BaselineKind) -> pl.DataFrame:
    """Compare every score with one kind of baseline; null, with the reason, if it cannot be had."""
    settings = replace(evaluation.settings, baseline=kind)
    try:
        return analysis.country_alignment(*evaluation.sides, targets_only=True, settings=settings)
    except NoDataError as error:
        if kind != "pooled":
            raise
        unknown = pl.selectors.matches("^(baseline|gap.*|verdict|p_.*)$")
        return evaluation.alignment.with_columns(
            pl.when(False).then(unknown), baseline_kind=pl.lit(kind), note=pl.lit(str(error))
        )
