"""How much the scores of replies vary with items, countries, languages and forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.item_scores import item_alignment
from doxa.analysis.parts.moments import Moments
from doxa.analysis.parts.notes import ONE_ITEM, note, say
from doxa.analysis.parts.pairs import pair_items, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.distribution import FORM_KEYS, model_distributions
from doxa.errors import NoDataError
from doxa.score import item_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["SOURCES", "score_replies", "score_variance", "variance_components"]

_REPLY: Final = ("question", "language", *FORM_KEYS)

SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "item": ("question",),
    "country": ("country",),
    "language": ("language",),
    "option order": ("option_order",),
    "wording": ("wording",),
    "instruction": ("template",),
    "labels": ("label_style",),
    "surface": ("surface",),
    "item × country": ("question", "country"),
    "item × language": ("question", "language"),
    "item × option order": ("question", "option_order"),
    "item × wording": ("question", "wording"),
    "item × instruction": ("question", "template"),
    "item × labels": ("question", "label_style"),
    "item × surface": ("question", "surface"),
    "way of asking": _REPLY,
    "replicate": (*_REPLY, "draw"),
}
"""For each source of variance, the columns whose combinations are its levels."""

RESIDUAL: Final = "residual"
_ASKED: Final = ("model", "elicitation", "steering", "target", "reasoning")
_ONE_LEVEL: Final = "one level: nothing to compare"
_ALIASED: Final = "not told apart from the sources above and the residual"
_BELOW_ZERO: Final = "estimated below 0, set to 0"


def score_variance(
    replies: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Split the variance of single replies' alignment among its sources.

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
        As `variance_components` gives it, for each model, elicitation, steering, target and
        reasoning, and for the sources in `SOURCES`.

    Raises
    ------
    NoDataError
        A side has no distributions, or the two share no item.

    Examples
    --------
    >>> from doxa.analysis import Settings
    >>> table = score_variance(replies, human, bank, settings=Settings(n_resamples=50))
    >>> table["source"].head(3).to_list()
    ['item', 'country', 'language']
    """
    scores = score_replies(replies, human, bank, settings)
    return variance_components(scores, by=_ASKED, settings=settings)


def score_replies(
    replies: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, settings: Settings
) -> pl.DataFrame:
    """Align each reply with each population that it is about.

    Parameters
    ----------
    replies, human, bank, settings
        As in `score_variance`.

    Returns
    -------
    polars.DataFrame
        One row per reply and population: the keys of both, those of its form, `draw`,
        `question` and `score` (Float64, in [0, 1]).

    Raises
    ------
    NoDataError
        A side has no distributions, or the two share no item.
    """
    model = model_distributions(replies, bank, by=(*FORM_KEYS, "draw"))
    model, human = restrict(model, human, bank, settings)
    pairs = pair_items(model, human, bank)
    measures = (
        "probabilities",
        "probabilities_human",
        "n_effective",
        "n_replies",
        "n_forms",
        "n_drawn",
    )
    return pairs.drop(measures).with_columns(score=item_alignment(pairs, bank))


def variance_components(
    scores: pl.DataFrame,
    *,
    sources: Mapping[str, Sequence[str]] = SOURCES,
    value: str = "score",
    item: str = "question",
    by: Sequence[str] = (),
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Estimate the variance components of crossed random effects by moments.

    The model is y = μ + Σ u_s + e with one effect per level of each source, all independent.
    Let T_s be the sum over the levels of source s of (sum of y)² / (number of rows), and T_0 the
    same for all rows together. The expectation of T_s - T_0 is linear in the components, and
    Henderson's first method solves for them. It is unbiased for unbalanced data; for balanced
    data it equals the analysis of variance.

    Parameters
    ----------
    scores : polars.DataFrame
        One row per observation.
    sources : mapping of str to sequence of str
        For each source, the columns whose combinations are its levels. A source that cannot be
        separated from those before it gets a row with a note; its variance is part of theirs or
        of the residual.
    value, item : str
        The column of numbers to explain, and the column of items, which are resampled.
    by : sequence of str
        Columns whose combinations are decomposed separately.
    settings : Settings
        Only `n_resamples`, `confidence` and `seed` are used. Only items are resampled; an item
        drawn twice counts as two items.

    Returns
    -------
    polars.DataFrame
        One row per combination of `by` and source, and one for the residual ("residual"):
        `source`, `n_levels`, `estimate` (variance, at least 0), `low`, `high`, `share` (of the
        sum of all components), `n` (observations), `n_items`, `resampled`, `note`.

    Raises
    ------
    NoDataError
        There are no rows.

    References
    ----------
    Henderson, C. R. (1953). Estimation of variance and covariance components. *Biometrics*
    9(2), 226–252. Searle, Casella & McCulloch (1992), *Variance Components*, section 5.3.

    Examples
    --------
    >>> scores = pl.DataFrame({
    ...     "question": ["Q1", "Q1", "Q2", "Q2"], "country": ["JPN", "USA"] * 2,
    ...     "score": [0.9, 0.8, 0.7, 0.5],
    ... })
    >>> table = variance_components(
    ...     scores, sources={"item": ["question"], "country": ["country"]}
    ... )
    >>> table.select("source", pl.col("estimate").round(6)).rows()
    [('item', 0.03), ('country', 0.01), ('residual', 0.0025)]
    """
    if scores.is_empty():
        raise NoDataError("no scores to decompose")
    parts = scores.partition_by(by, as_dict=True, maintain_order=True) if by else {(): scores}
    tables = []
    for key, part in parts.items():
        moments = Moments(part, sources, value, item)
        table = _table(moments, list(sources), settings)
        keys = [pl.lit(label).alias(name) for name, label in zip(by, key, strict=True)]
        tables.append(table.select(*keys, pl.all()))
    return pl.concat(tables)


def _table(moments: Moments, names: list[str], settings: Settings) -> pl.DataFrame:
    n_items = moments.n_items
    estimates = moments.components(np.ones((1, n_items)))[0]
    low = high = np.full(estimates.size, np.nan)
    if n_items > 1:
        weights = item_weights(n_items, n_resamples=settings.n_resamples, seed=settings.seed)
        drawn = np.maximum(moments.components(weights * n_items), 0.0)
        tail = 0.5 - 0.5 * settings.confidence
        low, high = np.nanquantile(drawn, [tail, 1 - tail], axis=0)
    found = pl.DataFrame({
        "number": moments.kept, "raw": estimates, "low": low, "high": high,
    })  # fmt: skip
    levels = [source.n_levels for source in moments.sources[1:]]
    raw, one_level = pl.col("raw"), pl.col("n_levels") == 1
    estimate = raw.clip(lower_bound=0.0)
    notes = (
        say(raw.is_null() & one_level, _ONE_LEVEL),
        say(raw.is_null() & ~one_level, _ALIASED),
        say(raw < 0, _BELOW_ZERO),
        say(raw.is_not_null() & (n_items == 1), ONE_ITEM),
    )
    return (
        pl.DataFrame({"source": [*names, RESIDUAL], "n_levels": levels})
        .with_row_index("number")
        .with_columns(pl.col("number").cast(pl.Int64))
        .join(found, on="number", how="left", maintain_order="left")
        .select(
            "source",
            "n_levels",
            estimate=estimate,
            low=pl.col("low").fill_nan(None),
            high=pl.col("high").fill_nan(None),
            share=pl.when(estimate.sum() > 0).then(estimate / estimate.sum()),
            n=pl.lit(moments.y.size, pl.Int64),
            n_items=pl.lit(n_items, pl.Int64),
            resampled=pl.lit("items"),
            note=note(*notes),
        )
    )
