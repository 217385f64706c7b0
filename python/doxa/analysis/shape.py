"""The shape of a model's answers beside people's: flat or sharp, and which way they lean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.item_scores import average_items, item_metrics
from doxa.analysis.parts.notes import finish, say
from doxa.analysis.parts.pairs import pair_items, population_keys, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.analysis.parts.spread import item_spread
from doxa.distribution import MODEL_KEYS
from doxa.score.intervals import percentile_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["answer_shape", "topic_bias"]

_SHAPE: Final = ("variance ratio", "entropy difference", "modal match")
_INTERVAL: Final = ("estimate", "low", "high", "std_error")
_NO_SPREAD: Final = "people all answer alike: no variance ratio"


def answer_shape(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Compare the spread and the mode of a model's answers with people's.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`.
    settings : Settings
        Only items are resampled, whatever `resample` is.

    Returns
    -------
    polars.DataFrame
        Three rows per way of asking and population: the keys, `measure`, `estimate`, `low`,
        `high`, `std_error`, `n_items`, `resampled`, `note`. The measures:

        variance ratio
            Mean variance of the model's answers divided by that of people's, over the ordinal
            items, on a scale from 0 to 1; at least 0. Below 1 the model's answers vary less
            than people's, above 1 more.
        entropy difference
            Entropy of the model's answers minus that of people's, in bits, over all items.
        modal match
            Share of items whose most frequent answer is the same, over all items.

    Raises
    ------
    NoDataError
        A side has no distributions, or the two share no item.

    Notes
    -----
    The variance ratio divides two means. In a mean of ratios, one item on which people almost
    agree would outweigh all others.

    Examples
    --------
    >>> table = answer_shape(model, human, bank)
    >>> table["measure"].unique(maintain_order=True).to_list()
    ['variance ratio', 'entropy difference', 'modal match']
    """
    model, human = restrict(model, human, bank, settings)
    pairs = pair_items(model, human, bank)
    keys = [*MODEL_KEYS, *population_keys(human)]
    values = item_metrics(pairs, bank, ("entropy_difference", "mode_match")).with_columns(
        of_model=item_spread(pairs, bank)["variance"],
        of_people=item_spread(pairs, bank, column="probabilities_human")["variance"],
    )
    batch = average_items(values, pairs, keys, settings)
    means = batch.groups
    numerator, denominator = (means.filter(metric=name) for name in ("of_model", "of_people"))
    ratios = numerator.with_columns(
        _ratios(
            numerator["estimate"].to_numpy(),
            denominator["estimate"].to_numpy(),
            batch.replicates("of_model"),
            batch.replicates("of_people"),
            settings.confidence,
        )
    )
    others = means.filter(pl.col("metric").is_in(["entropy_difference", "mode_match"]))
    measure = pl.col("metric").replace_strict(
        ["of_model", "entropy_difference", "mode_match"], list(_SHAPE)
    )
    table = pl.concat([ratios, others]).select(
        *keys, measure.alias("measure"), *_INTERVAL, n_items="n"
    )
    alike = say((pl.col("n_items") > 0) & pl.col("estimate").is_null(), _NO_SPREAD)
    order = pl.col("measure").replace_strict(list(_SHAPE), range(len(_SHAPE)))
    return finish(table.sort(*keys, order), alike)


def topic_bias(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Measure in which direction and how far a model's answers differ from people's, by topic.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`.
    settings : Settings
        Only items are resampled, whatever `resample` is.

    Returns
    -------
    polars.DataFrame
        Two rows per way of asking, population and topic: the keys, `topic`, `measure`,
        `estimate`, `low`, `high`, `std_error`, `n_items` (ordinal items alone), `resampled`,
        `note`. The measures: "bias", the model's mean answer minus people's, divided by the
        length of the scale, in [-1, 1], positive towards the last option of the scale;
        "absolute bias", the mean of the items' biases without their signs, in [0, 1]. A topic
        without ordinal items has no row.

    Raises
    ------
    NoDataError
        A side has no distributions, or the two share no item.

    Notes
    -----
    Items of one topic may run in opposite directions. Their biases then cancel in the mean, but
    not in the absolute bias: read both.

    Examples
    --------
    >>> table = topic_bias(model, human, bank)
    >>> table.select("topic", "measure").row(0)
    ('social-values', 'bias')
    """
    model, human = restrict(model, human, bank, settings)
    topics = {name: item.topic for name, item in bank.items.items()}
    pairs = pair_items(model, human, bank).with_columns(
        topic=pl.col("question").replace_strict(topics)
    )
    keys = [*MODEL_KEYS, *population_keys(human), "topic"]
    scales = {name: item.scale.positions for name, item in bank.items.items()}
    widths = {name: positions[-1] - positions[0] for name, positions in scales.items()}
    difference = item_metrics(pairs, bank, ("mean_difference",))["mean_difference"]
    bias = difference / pairs["question"].replace_strict(widths)
    values = pl.DataFrame({"bias": bias, "absolute bias": bias.abs()})
    batch = average_items(values, pairs, keys, settings)
    order = pl.col("topic").replace_strict(list(bank.topics), range(len(bank.topics)))
    table = (
        batch.groups.filter(pl.col("n") > 0)
        .select(*keys, pl.col("metric").alias("measure"), *_INTERVAL, n_items="n")
        .sort(*keys[:-1], order, pl.col("measure") == "absolute bias")
    )
    return finish(table)


def _ratios(
    above: NDArray[np.float64],
    below: NDArray[np.float64],
    above_drawn: NDArray[np.float64],
    below_drawn: NDArray[np.float64],
    confidence: float,
) -> pl.DataFrame:
    """Divide means, and their replicates draw by draw; NaN where people do not differ."""
    with np.errstate(invalid="ignore", divide="ignore"):
        estimates = np.where(below > 0, above / below, np.nan)
        drawn = np.where(below_drawn > 0, above_drawn / below_drawn, np.nan)
    intervals = [_interval(row[~np.isnan(row)], confidence) for row in drawn]
    return pl.DataFrame(intervals, schema=["low", "high", "std_error"], orient="row").with_columns(
        estimate=estimates
    )


def _interval(drawn: NDArray[np.float64], confidence: float) -> tuple[float, float, float]:
    if drawn.size < 2:
        return np.nan, np.nan, np.nan
    return *percentile_interval(drawn, confidence), float(np.std(drawn, ddof=1))
