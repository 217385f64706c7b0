"""Every score beside every kind of baseline."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import polars as pl

from doxa import analysis
from doxa.analysis.parts.settings import BaselineKind
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from doxa.evaluate.evaluation import Evaluation

__all__ = ["by_each_baseline"]


def by_each_baseline(evaluation: Evaluation) -> pl.DataFrame:
    """Compare every score of an evaluation with each kind of baseline in turn."""
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
