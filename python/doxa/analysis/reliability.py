"""Replies without an answer: how many there are, and how far they could move the scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.analysis.opinion import MEASURES, WAY, opinion_measures
from doxa.analysis.parts.bounds import alignment_bounds
from doxa.analysis.parts.item_scores import average_items, item_alignment
from doxa.analysis.parts.notes import finish, say
from doxa.analysis.parts.pairs import is_kept, pair_items, population_keys, restrict_humans
from doxa.analysis.parts.settings import DEFAULTS
from doxa.analysis.parts.wilson import WILSON, clustered_shares
from doxa.analysis.verdicts import verdicts_of
from doxa.distribution import MODEL_KEYS, model_distributions
from doxa.errors import NoDataError
from doxa.prompt import OFF

if TYPE_CHECKING:
    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["missing_bounds", "reply_reliability"]

_STATUSES: Final = ("ok", "refused", "unparsable", "truncated", "error")
_OFF_OPTION: Final = "off-option mass"
_THOUGHTS: Final = ("closed", "cut", "left")
_CANNOT_TELL: Final = "this elicitation cannot tell"
_ALL_MISSING: Final = "every reply is missing: the bounds are all there is"


def reply_reliability(
    replies: pl.DataFrame,
    bank: QuestionBank,
    prompts: pl.DataFrame | None = None,
    *,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Give the share of replies with each status, and how far they follow the question.

    A way of asking is a model, elicitation, language, steering and reasoning.

    Parameters
    ----------
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them.
    bank : QuestionBank
        The items, with their scales and orders.
    prompts : polars.DataFrame, optional
        `request_key` and `system`, the text with the examples; without it nobody can tell whether
        an example was copied.
    settings : Settings
        `wave` and `exclude_items` are not used: every reply counts. Where a bootstrap is needed,
        only items are resampled.

    Returns
    -------
    polars.DataFrame
        Thirteen rows per way, sixteen where the model thought first: the keys, `measure`,
        `estimate`, `low`, `high`, `n` (replies), `n_items`, `resampled`, `note`, and `sound`, the
        same in all rows of a way: whether its replies vary with the question, as
        `doxa.analysis.reply_verdicts` judges. The measures
        are the shares of replies that are "ok", "refused", "unparsable", "truncated" and
        "error"; "off-option mass", the mean probability that replies gave to
        anything but an option, if the elicitation measures it; and the shares of replies whose
        thought the model closed ("thought closed"), whose thought was cut at its budget ("thought
        cut"), or that the model ended inside it ("thought left"); and the seven of
        `doxa.analysis.opinion.opinion_measures`. Without the columns `reasoning`
        and `thought_status`, replies were given at once.

    Raises
    ------
    NoDataError
        There are no replies.

    Notes
    -----
    Shares have Wilson's intervals: see `doxa.analysis.parts.wilson.clustered_shares`.

    Examples
    --------
    >>> replies = pl.DataFrame({
    ...     "model": "m", "elicitation": "verbalized", "language": "en", "steering": "none",
    ...     "question": ["Q1", "Q2", "Q3", "Q4"], "status": ["ok", "ok", "refused", "ok"],
    ...     "off_option_mass": [0.0, 0.1, None, 0.2], "option_order": "listed",
    ...     "codes": [[1, 2, 3, 4]] * 4, "probabilities": [[0.1, 0.2, 0.3, 0.4]] * 4,
    ... })
    >>> table = reply_reliability(replies, bank)
    >>> table.filter(measure="refused").select("estimate", "n").row(0)
    (0.25, 4)
    """
    if replies.is_empty():
        raise NoDataError("there are no replies: ask a model first")
    at_once = {"reasoning": pl.lit(OFF), "thought_status": pl.lit("none")}
    replies = replies.with_columns(
        **{name: value for name, value in at_once.items() if name not in replies.columns}
    )
    thought = replies.filter(pl.col("thought_status").is_in(_THOUGHTS).any().over(WAY))
    kinds = {status: (replies, pl.col("status") == status) for status in _STATUSES} | {
        f"thought {end}": (thought, pl.col("thought_status") == end) for end in _THOUGHTS
    }
    tables = [
        clustered_shares(frame, hit, WAY, settings.confidence).select(
            *WAY, pl.lit(measure).alias("measure"), pl.exclude(WAY)
        )
        for measure, (frame, hit) in kinds.items()
    ]
    shares = pl.concat(tables).with_columns(resampled=pl.lit(WILSON), note=pl.lit(""))
    opinions = opinion_measures(replies, bank, prompts, settings=settings)
    names = (*_STATUSES, _OFF_OPTION, *(name for name in kinds if name not in _STATUSES), *MEASURES)
    order = {name: number for number, name in enumerate(names)}
    masses = _masses(replies, settings)
    return (
        pl.concat([shares, masses.select(shares.columns), opinions.select(shares.columns)])
        .sort(*WAY, pl.col("measure").replace_strict(order), maintain_order=True)
        .join(verdicts_of(opinions).select(*WAY, "sound"), on=WAY, maintain_order="left")
    )


def missing_bounds(
    replies: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Bound the scores that were possible if every reply had been an answer.

    With its missing replies, an item's distribution is a mixture of the known answers and an
    unknown distribution, in the proportions of the replies. The bounds are the smallest and the
    largest alignment that such mixtures can have with the human answers.

    Parameters
    ----------
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them.
    human, bank
        As in `country_alignment`.
    settings : Settings
        Only items are resampled, whatever `resample` is.

    Returns
    -------
    polars.DataFrame
        One row per way of asking and population: the keys, `estimate`, `low`, `high` (mean
        alignment of the items that were answered), `lowest`, `highest` (bounds of the mean over
        all items asked), `lowest_low`, `highest_high` (outer ends of the bounds' intervals),
        `n_items` (answered), `n_asked`, `share_missing` (of replies), `resampled`, `note`.

    Raises
    ------
    NoDataError
        There are no replies to items of the bank, or people answered none of these items.

    Examples
    --------
    >>> table = missing_bounds(replies, human, bank)
    >>> (table["lowest"] <= table["highest"]).all()
    True
    """
    human = restrict_humans(human, bank, settings)
    asked = replies.filter(is_kept(bank, settings))
    if asked.is_empty():
        raise NoDataError("no reply is to an item of the bank: ask items that it has")
    names = [*MODEL_KEYS, "question"]
    answered = model_distributions(asked, bank)
    every = (
        asked.group_by(names, maintain_order=True)
        .agg(replies=pl.len(), missing=(pl.col("status") != "ok").sum())
        .join(answered.select(*names, "probabilities"), on=names, how="left", maintain_order="left")
        .with_columns(gone=_share_missing())
    )
    pairs = pair_items(every, human, bank)
    keys = [*MODEL_KEYS, *population_keys(human)]
    values = _bounded(pairs, bank)
    batch = average_items(values, pairs, keys, settings)
    score, lowest, highest = (batch.groups.filter(metric=name) for name in values.columns)
    share = pairs.group_by(keys, maintain_order=True).agg(
        share_missing=pl.col("missing").sum() / pl.col("replies").sum()
    )
    table = score.select(*keys, "estimate", "low", "high").with_columns(
        lowest=lowest["estimate"],
        highest=highest["estimate"],
        n_items=score["n"],
        n_asked=lowest["n"],
        share_missing=share["share_missing"],
    )
    nothing = say(pl.col("n_items") == 0, _ALL_MISSING)
    several = pl.col("n_asked") > 1
    return (
        finish(table, nothing)
        .with_columns(
            lowest_low=pl.when(several).then(lowest["low"]),
            highest_high=pl.when(several).then(highest["high"]),
        )
        .select(pl.exclude("resampled", "note"), "resampled", "note")
        .sort(keys)
    )


def _bounded(pairs: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    """Return each item's alignment, null if it has no answer, and its two bounds."""
    rows = pairs.with_row_index("row")
    known = rows.filter(pl.col("probabilities").is_not_null())
    scores = known.select("row", score=item_alignment(known, bank))
    bounds = [
        (row, *alignment_bounds(answer, people, gone, bank.items[question].scale))
        for row, question, answer, people, gone in rows.filter(pl.col("gone") > 0)
        .select("row", "question", "probabilities", "probabilities_human", "gone")
        .iter_rows()
    ]
    schema = {"row": pl.UInt32, "lowest": pl.Float64, "highest": pl.Float64}
    return (
        rows.select("row")
        .join(scores, on="row", how="left", maintain_order="left")
        .join(
            pl.DataFrame(bounds, schema, orient="row"), on="row", how="left", maintain_order="left"
        )
        .select("score", pl.col("lowest", "highest").fill_null(pl.col("score")))
    )


def _share_missing() -> pl.Expr:
    """Return the share of an item's replies that are missing; 1 if none is on the scale."""
    share = pl.col("missing") / pl.col("replies")
    return pl.when(pl.col("probabilities").is_null()).then(1.0).otherwise(share)


def _masses(replies: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    values = replies.select(pl.col("off_option_mass").alias(_OFF_OPTION))
    batch = average_items(values, replies, WAY, settings)
    items = replies.group_by(WAY, maintain_order=True).agg(
        n_items=pl.col("question").filter(pl.col("off_option_mass").is_not_null()).n_unique()
    )
    table = batch.groups.rename({"metric": "measure"}).with_columns(
        n_items=items["n_items"].cast(pl.Int64)
    )
    return finish(table, say(pl.col("n_items") == 0, _CANNOT_TELL))
