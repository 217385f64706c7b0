"""How well a country's own respondents would align with a second sample of themselves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.pairs import population_keys
from doxa.outside.processor import cores
from doxa.score import score_batch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from doxa.distribution import HasItems
    from doxa.questionnaire.scale import ScaleKind

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
    frame = human.select(*keys, "probabilities", "n_effective").with_row_index("_row")
    items = frame.filter(pl.col("n_effective").is_not_null()).partition_by("question")

    def of_item(part: pl.DataFrame) -> NDArray[np.float64]:
        scale = bank.items[part["question"][0]].scale
        names = tuple("/".join(map(str, key)) for key in part.select(keys).iter_rows())
        shares = tuple(map(tuple, part["probabilities"]))
        sizes = tuple(max(1, round(size)) for size in part["n_effective"])
        return _ceilings(scale.kind, scale.positions, names, shares, sizes, n_pairs, seed)

    ceilings = np.full(human.height, np.nan)
    # NumPy draws without the lock of the interpreter
    with ThreadPoolExecutor(cores()) as pool:
        for part, found in zip(items, pool.map(of_item, items), strict=True):
            ceilings[part["_row"].to_numpy()] = found
    return human.select(keys).with_columns(ceiling=pl.Series(ceilings).fill_nan(None))


@lru_cache(maxsize=1024)
def _ceilings(
    kind: ScaleKind,
    positions: tuple[float, ...],
    names: tuple[str, ...],
    shares: tuple[tuple[float, ...], ...],
    sizes: tuple[int, ...],
    n_pairs: int,
    seed: int,
) -> NDArray[np.float64]:
    """Estimate the ceilings of populations for one item; several tables need the same ones."""
    drawn = np.empty((2, len(names), n_pairs, len(shares[0])))
    for place, (name, share, size) in enumerate(zip(names, shares, sizes, strict=True)):
        rng = np.random.default_rng([seed, *name.encode()])
        drawn[:, place] = rng.multinomial(size, share, size=(2, n_pairs)) / size
    first, second = drawn.reshape(2, -1, drawn.shape[-1])
    batch = score_batch(first, second, scale=kind, positions=positions)
    alignment: NDArray[np.float64] = batch.scores["alignment"].to_numpy()
    return np.asarray(alignment.reshape(-1, n_pairs).mean(axis=1))
