"""Cronbach's alpha of families of items, over countries: rows of a table of measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.consistency import FAMILIES
from doxa.analysis.parts.blocks import keep_block
from doxa.measures.cells import cell_answers
from doxa.measures.means import interval, rows_of
from doxa.measures.ratings import weighted_cronbach
from doxa.measures.reliability import mean_answers, weights_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from doxa.measures.means import Sides

__all__ = ["alphas_of_families"]

_CELLS: Final = 3
_ITEMS: Final = 2


def alphas_of_families(sides: Sides) -> Iterator[pl.DataFrame]:
    """Give the rows of Cronbach's alpha: how alike items of one topic order countries.

    Raises
    ------
    NoDataError
        No answers stand for two countries, or the questionnaire has none of the families.
    """
    answers, keys = cell_answers(sides)
    frame = answers.select(*keys, "cell", "question").with_columns(
        ours=mean_answers(answers, "probabilities", sides.bank),
        theirs=mean_answers(answers, "probabilities_human", sides.bank),
    )
    for family, items in FAMILIES.items():
        members = frame.filter(
            pl.col("question").is_in(list(items)), pl.col("theirs").is_not_null()
        )
        for part in members.partition_by(keys, maintain_order=True):
            block = keep_block(part, ["cell"]).sort("cell", "question")
            n_cells, n_items = block["cell"].n_unique(), block["question"].n_unique()
            if n_cells < _CELLS or n_items < _ITEMS:
                continue
            tables = [
                block[name].to_numpy().reshape(n_cells, n_items) for name in ("ours", "theirs")
            ]
            signs = _keyed(tables[1])
            group = part.select(keys).head(1)
            turned = int((signs < 0).sum())
            said = f"{turned} of {n_items} items turned around" if turned else ""
            for measure, table in zip(
                ("cronbach_alpha", "cronbach_alpha_people"), tables, strict=True
            ):
                found = weighted_cronbach(table * signs, weights_of(n_cells, sides.settings))
                estimate, drawn = found[:1], found[None, 1:]
                numbers = interval(estimate, drawn, sides.settings, (-np.inf, 1))
                yield rows_of(
                    group, measure, numbers, pl.Series([n_items]), ("countries",), at=family,
                    n_cells=pl.Series([n_cells]), note=said,
                )  # fmt: skip


def _keyed(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the direction of each item: the sign of its weight in the first principal component."""
    spread = table.std(axis=0)
    standard = (table - table.mean(axis=0)) / np.where(spread > 0, spread, 1)
    weights = np.linalg.svd(standard, full_matrices=False)[2][0]
    signs = np.where(weights < 0, -1.0, 1.0)
    return signs if signs.sum() >= 0 else -signs
