"""Metrics of single items on the scale that the bank gives each, averaged and drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.errors import InvalidArgumentError, NoDataError
from doxa.prompt import OFF
from doxa.score import mean_batch, score_batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems
    from doxa.score import ResampleSource, ScoreBatch

__all__ = [
    "NEVER_VARIES",
    "average_items",
    "check_sizes",
    "item_alignment",
    "item_metrics",
    "replies_drawn",
    "score_items",
]

NEVER_VARIES: Final = 1e12
"""A number of draws that leaves a distribution as it is."""


def item_metrics(
    pairs: pl.DataFrame,
    bank: HasItems,
    metrics: Sequence[str],
    first: str = "probabilities",
    second: str = "probabilities_human",
) -> pl.DataFrame:
    """Give some metrics of each row: a Float64 column each, null where there is no value.

    Parameters
    ----------
    pairs : polars.DataFrame
        A `question` column, and two columns of shares in the order of the item's scale.
    bank : QuestionBank or other HasItems
        Gives each item its scale.
    metrics : sequence of str
        Any of `doxa.score.METRICS`.
    first, second : str
        The two columns.
    """
    if pairs.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(metrics, pl.Float64))
    scales = _scales(pairs, bank)
    return score_batch(pairs[first], pairs[second], metrics=metrics, **scales).scores


def item_alignment(
    pairs: pl.DataFrame,
    bank: HasItems,
    first: str = "probabilities",
    second: str = "probabilities_human",
) -> pl.Series:
    """Give the alignment of each row, in [0, 1]; arguments as in `item_metrics`."""
    return item_metrics(pairs, bank, ("alignment",), first, second)["alignment"]


def score_items(
    pairs: pl.DataFrame,
    bank: HasItems,
    groups: list[str],
    settings: Settings,
    *,
    resample: Sequence[ResampleSource] = ("items",),
    metrics: Sequence[str] = ("alignment",),
    first: str = "probabilities",
    second: str = "probabilities_human",
    model_n: pl.Series | None = None,
) -> ScoreBatch:
    """Average the alignment of each row, or other metrics, by group, and draw again.

    Parameters
    ----------
    pairs, bank, first, second
        As in `item_metrics`; `n_effective`, what `replies_drawn` takes, or what
        `doxa.analysis.parts.forms.with_units` makes, where respondents, replies or forms are drawn.
    groups : list of str
        Key columns by which to average. Items share their draws across groups by name.
    settings : Settings
        Replicates, confidence and seed.
    resample : sequence of {"items", "respondents", "replies", "forms"}
        What is drawn again.
    metrics : sequence of str
        Any of `doxa.score.METRICS`.
    model_n : polars.Series, optional
        Numbers of replies, in place of `replies_drawn`.

    Returns
    -------
    ScoreBatch
        With these metrics.
    """
    return score_batch(
        pairs[first],
        pairs[second],
        metrics=metrics,
        groups=pairs.select(groups),
        items=pairs["question"],
        human_n=pairs["n_effective"] if "respondents" in resample else None,
        model_n=replies_drawn(pairs) if "replies" in resample and model_n is None else model_n,
        model_forms=pairs["form_units"] if "forms" in resample else None,
        form_sets=pairs["form_set"] if "forms" in resample else None,
        resample=resample,
        **_scales(pairs, bank),
        **settings.draws,
    )


def average_items(
    values: pl.DataFrame, rows: pl.DataFrame, groups: Sequence[str], settings: Settings
) -> ScoreBatch:
    """Average numbers by group, and draw the items again.

    Parameters
    ----------
    values : polars.DataFrame
        One numeric column per measure; null and NaN enter no mean.
    rows : polars.DataFrame
        `question` and the key columns, row by row as `values`.
    groups : sequence of str
        The key columns.
    settings : Settings
        Replicates, confidence and seed.
    """
    return mean_batch(
        values, groups=rows.select(groups), items=rows["question"], **settings.draws
    )  # fmt: skip


def replies_drawn(pairs: pl.DataFrame) -> pl.Series:
    """Give the number of drawn replies behind each row; null where nothing was drawn.

    Answers that were sampled are counted. Whole distributions are draws where each came after a
    thought of its own: see `doxa.distribution.model_distributions`. Beside these, one that was
    given at once by the likeliest tokens has nothing to draw, so it stays as it is.

    Parameters
    ----------
    pairs : polars.DataFrame
        With `elicitation`, `n_replies` and, where there are whole distributions, `n_drawn` and
        `reasoning`.
    """
    sampled = pl.col("elicitation") == "sampling"
    counted = pl.when(sampled).then(pl.col("n_replies").cast(pl.Float64))
    if "n_drawn" not in pairs.columns:
        return pairs.select(n_drawn=counted)["n_drawn"]
    beside_thoughts = pl.col("n_drawn").is_not_null().any().over("elicitation")
    fixed = (pl.col("reasoning") == OFF) & (pl.col("elicitation") != "sequence") & beside_thoughts
    drawn = pl.coalesce(counted, "n_drawn", pl.when(fixed).then(NEVER_VARIES))
    return pairs.select(n_drawn=drawn)["n_drawn"]


def _scales(pairs: pl.DataFrame, bank: HasItems) -> dict[str, Any]:
    names = pairs["question"].unique(maintain_order=True).to_list()
    scales = [bank.items[name].scale for name in names]
    known = [(name, one.kind, one.positions) for name, one in zip(names, scales, strict=True)]
    table = pl.DataFrame(
        known,
        schema=[("question", pl.String), ("scale", pl.String), ("positions", pl.List(pl.Float64))],
        orient="row",
    )
    each = pairs.select("question").join(table, on="question", maintain_order="left")
    return {"scale": each["scale"], "positions": each["positions"]}


def check_sizes(pairs: pl.DataFrame, settings: Settings) -> None:
    """Refuse to draw respondents or replies whose number is not known.

    Raises
    ------
    NoDataError
        The first row that has no number.
    InvalidArgumentError
        Replies that are whole distributions, not draws.
    """
    if "respondents" in settings.resample:
        unknown = pairs.filter(pl.col("n_effective").is_null())
        if not unknown.is_empty():
            row = unknown.row(0, named=True)
            raise NoDataError(
                f"{row['country']}, wave {row['wave']}, {row['question']}: the number of "
                "respondents is unknown; give n_effective or resample items alone"
            )
    if "replies" in settings.resample:
        whole = pairs.filter(replies_drawn(pairs).is_null())
        if not whole.is_empty():
            raise InvalidArgumentError(
                f"elicitation {whole['elicitation'][0]!r} gives whole distributions: replies "
                "can be resampled where they were sampled, or came after two or more thoughts; "
                "keep 'sampling' alone or leave 'replies' out"
            )
