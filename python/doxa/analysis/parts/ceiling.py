"""How well a country's own respondents would align with a second sample of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.pairs import population_keys
from doxa.score import score_batch

if TYPE_CHECKING:
    from doxa.distribution import HasItems

__all__ = ["item_ceilings"]

N_PAIRS: Final = 200
"""Pairs of samples drawn per item. A mean over 144 items is then good to about 0.0001."""


def item_ceilings(
    human: pl.DataFrame, bank: HasItems, *, n_pairs: int = N_PAIRS, seed: int = 0
) -> pl.DataFrame:
    """Estimate the alignment of two samples of the same population, item by item.

    Two samples of the item's effective size are drawn from the observed shares, as a
    multinomial, and aligned with each other; the ceiling is the mean over such pairs. Sampling
    error enters on both sides, as it does when a survey is repeated.

    Parameters
    ----------
    human : polars.DataFrame
        Response distributions as `doxa.distribution.human_distributions` gives them.
    bank : QuestionBank or other HasItems
        The items, with their scales.
    n_pairs : int
        Pairs of samples drawn per item.
    seed : int
        Together with the population and the item it fixes the draws; neither the order of the
        rows nor what else is in the frame matters.

    Returns
    -------
    polars.DataFrame
        The population's keys, `question` and `ceiling` (Float64, in [0, 1]; null where the
        number of respondents is unknown).

    Examples
    --------
    >>> from doxa.distribution import human_distributions
    >>> from doxa.questionnaire import QuestionBank
    >>> from doxa.survey import sample
    >>> bank = QuestionBank.load()
    >>> human = human_distributions(sample(wave=7), bank).filter(country="JPN", question="Q46")
    >>> round(item_ceilings(human, bank)["ceiling"].item(), 2)
    0.99
    """
    keys = [*population_keys(human), "question"]
    ceilings = [
        None if n_effective is None else _ceiling(shares, n_effective, bank, key, n_pairs, seed)
        for *key, shares, n_effective in human.select(
            *keys, "probabilities", "n_effective"
        ).iter_rows()
    ]
    return human.select(keys).with_columns(ceiling=pl.Series(ceilings, dtype=pl.Float64))


def _ceiling(
    shares: list[float],
    n_effective: float,
    bank: HasItems,
    key: list[object],
    n_pairs: int,
    seed: int,
) -> float:
    size = max(1, round(n_effective))
    rng = np.random.default_rng([seed, *"/".join(map(str, key)).encode()])
    first, second = rng.multinomial(size, shares, size=(2, n_pairs)) / size
    scale = bank.items[str(key[-1])].scale
    batch = score_batch(first, second, scale=scale.kind, positions=scale.positions)
    return float(np.mean(batch.scores["alignment"].to_numpy()))
