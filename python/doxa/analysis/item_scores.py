"""Alignment of single items, on the scale that the bank gives each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.score import score_batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.distribution import HasItems
    from doxa.score import ResampleSource, ScoreBatch

__all__ = ["item_alignment", "item_metrics", "score_items"]


def score_items(
    pairs: pl.DataFrame,
    bank: HasItems,
    *,
    first: str,
    second: str,
    groups: list[str] | None = None,
    resample: ResampleSource | Sequence[ResampleSource] | None = None,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> ScoreBatch:
    """Score the alignment of two columns of distributions with `doxa.score_batch`.

    Parameters
    ----------
    pairs : polars.DataFrame
        A `question` column, and two columns of shares in the order of the item's scale;
        `n_effective` and `n_replies` where respondents or replies are drawn.
    bank : QuestionBank
        Gives each item its scale.
    first, second : str
        The two columns.
    groups : list of str, optional
        Key columns by which to average.
    resample, n_resamples, confidence, seed
        As in `doxa.score_batch`; items share their draws across groups by name.

    Returns
    -------
    ScoreBatch
        With the one metric `alignment`.
    """
    scales = [bank.items[name].scale for name in pairs["question"]]
    return score_batch(
        pairs[first],
        pairs[second],
        metrics=("alignment",),
        scale=[scale.kind for scale in scales],
        positions=[scale.positions for scale in scales],
        groups=None if groups is None else pairs.select(groups),
        items=pairs["question"],
        human_n=pairs["n_effective"] if "respondents" in (resample or ()) else None,
        model_n=pairs["n_replies"] if "replies" in (resample or ()) else None,
        resample=resample,
        n_resamples=n_resamples,
        confidence=confidence,
        seed=seed,
    )


def item_alignment(pairs: pl.DataFrame, bank: HasItems, *, first: str, second: str) -> pl.Series:
    """Give the alignment of each row: Float64, in [0, 1]."""
    if pairs.is_empty():
        return pl.Series("alignment", [], dtype=pl.Float64)
    return score_items(pairs, bank, first=first, second=second).scores["alignment"]


def item_metrics(
    pairs: pl.DataFrame,
    bank: HasItems,
    metrics: tuple[str, ...],
    *,
    first: str = "probabilities",
    second: str = "probabilities_human",
) -> pl.DataFrame:
    """Give some metrics of each row: a Float64 column each, null where there is no value."""
    scales = [bank.items[name].scale for name in pairs["question"]]
    return score_batch(
        pairs[first],
        pairs[second],
        metrics=metrics,
        scale=[scale.kind for scale in scales],
        positions=[scale.positions for scale in scales],
    ).scores
