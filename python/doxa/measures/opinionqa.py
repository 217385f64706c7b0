"""OpinionQA's steerability and consistency: rows of a table of measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.blocks import keep_block
from doxa.analysis.parts.item_scores import item_alignment
from doxa.analysis.parts.pairs import pair_all, population_keys
from doxa.distribution import MODEL_KEYS
from doxa.errors import NoDataError
from doxa.measures.benchmarks import consistency
from doxa.measures.closeness import ALL
from doxa.measures.means import Means, interval, rows_of
from doxa.score import item_weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from doxa.measures.means import Sides

__all__ = ["BEST", "consistencies", "steerabilities"]

BEST: Final = "best"
"""What stands for the language, the steering and the wording where the best of all is taken."""

_OF_A_MODEL: Final = ("model", "elicitation", "reasoning", "target", "group")
_FEWEST: Final = 2


def steerabilities(sides: Sides, each: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Give the rows of steerability: the best of all ways of asking as a country, item by item.

    Parameters
    ----------
    sides : Sides
        What measures are computed from.
    each : polars.DataFrame
        The pairs by country and target, of the items that all ways of asking have.

    Raises
    ------
    NoDataError
        Nothing was steered towards a country with human answers.
    """
    pairs = each.filter(pl.col("target") != "")
    if pairs.is_empty():
        raise NoDataError("nothing was steered towards a country: name targets and a steering")
    pairs = pairs.with_columns(alignment=item_alignment(pairs, sides.bank))
    populations = population_keys(sides.human)
    held = [name for name in MODEL_KEYS if name in _OF_A_MODEL]
    best = pairs.group_by([*held, *populations, "question"], maintain_order=True).agg(
        pl.col("alignment").max(), ways=pl.len()
    )
    best = best.with_columns(
        pl.lit(BEST).alias(name) for name in MODEL_KEYS if name not in _OF_A_MODEL
    )
    if not sides.by_country:
        best = best.with_columns(target=pl.lit(ALL), country=pl.lit(ALL))
    keys = [*MODEL_KEYS, *populations]
    means = Means(best, keys, sides.settings)
    means.average(best=best["alignment"])
    ways = best.group_by(keys, maintain_order=True).agg(pl.col("ways").max())["ways"]
    said = pl.Series([f"the best of {n} ways" if n > 1 else "one way of steering" for n in ways])
    yield means.mean("best", "opinionqa_steerability", note=said)


def consistencies(sides: Sides) -> Iterator[pl.DataFrame]:
    """Give the rows of consistency: on which share of topics the closest country stays closest.

    Raises
    ------
    NoDataError
        Everything was steered towards a country, or there are no two countries.
    """
    unsteered = sides.model.filter(pl.col("target") == "")
    populations = population_keys(sides.human)
    if unsteered.is_empty() or sides.human["country"].n_unique() < _FEWEST:
        raise NoDataError("no unsteered answers beside two countries: consistency compares these")
    pairs = pair_all(unsteered, sides.human, sides.bank)
    pairs = pairs.with_columns(alignment=item_alignment(pairs, sides.bank))
    keys = [*MODEL_KEYS, *populations]
    others = [name for name in keys if name != "country"]
    topics = {name: item.topic for name, item in sides.bank.items.items()}
    for part in pairs.partition_by(others, maintain_order=True):
        block = keep_block(part, ["country"]).sort("question", "country")
        countries = block["country"].unique().sort().to_list()
        if len(countries) < _FEWEST:
            continue
        questions = block["question"].unique().sort()
        table = block["alignment"].to_numpy().reshape(len(questions), len(countries))
        held = np.array([topics[name] for name in questions])
        members = np.array([held == topic for topic in np.unique(held)], float)
        ones = np.ones((1, len(questions)))
        (by_topic,) = _by_topic(table, members, ones)
        best, share = consistency(by_topic)
        weights = item_weights(
            len(questions), n_resamples=sides.settings.n_resamples, seed=sides.settings.seed
        )
        drawn = _shares_of_topics(_by_topic(table, members, weights))
        numbers = interval(np.array([share]), drawn[None, :], sides.settings, (0, 1))
        group = part.select(keys).head(1).with_columns(country=pl.lit(ALL))
        yield rows_of(
            group, "opinionqa_consistency", numbers, pl.Series([len(questions)]), ("items",),
            at=countries[best], n_cells=pl.Series([len(countries)]),
            note=f"{countries[best]} is closest over {len(members)} topics",
        )  # fmt: skip


def _by_topic(
    table: NDArray[np.float64], members: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Average by topic, shape (replicates, topics, countries); NaN where no item was drawn."""
    sums = np.einsum("bi,ti,ic->btc", weights, members, table, optimize=True)
    counts = (weights @ members.T)[:, :, None]
    out = np.full(sums.shape, np.nan)
    return np.asarray(np.divide(sums, counts, out=out, where=counts > 0))


def _shares_of_topics(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the share of topics whose closest country is the closest over all, per replicate."""
    best = np.nanmean(drawn, axis=1).argmax(axis=1)
    known = ~np.isnan(drawn[:, :, 0])
    closest = np.where(known, np.nan_to_num(drawn, nan=-np.inf).argmax(axis=2), -1)
    hits: NDArray[np.float64] = (closest == best[:, None]).sum(axis=1) / known.sum(axis=1)
    return hits
