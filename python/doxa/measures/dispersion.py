"""How spread out a model's answers are beside people's: rows of a table of measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from doxa.measures.closeness import shares_by_item
from doxa.measures.shapes import unit_positions
from doxa.measures.spread import entropy, unsaid, variance

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from doxa.measures.closeness import PairMeans
    from doxa.measures.means import Sides

__all__ = ["COLLAPSED", "NEVER", "dispersion"]

NEVER: Final = 0.01
"""The share up to which an option counts as never given; the source has 0.

Probabilities of tokens are never 0, and few draws miss an option by chance.
"""

COLLAPSED: Final = 0.15
"""How far a model's most frequent answer must be above people's to count as a collapse."""

_OF_BOTH: Final = ("sd", "entropy", "options", "collision", "mode")


def dispersion(sides: Sides, means: PairMeans) -> Iterator[pl.DataFrame]:
    """Give the rows of the measures that compare the spread of answers, item by item."""
    columns = {
        name: np.full(means.pairs.height, np.nan)
        for name in (*(f"{one}_{side}" for one in _OF_BOTH for side in ("model", "people")),
                     "variance", "unsaid", "unsaid_options", "above", "collapsed")
    }  # fmt: skip
    for question, rows, (model, people) in shares_by_item(
        means.pairs, "probabilities", "probabilities_human"
    ):
        scale = sides.bank.items[question].scale
        for side, shares in (("model", model), ("people", people)):
            columns[f"entropy_{side}"][rows] = entropy(shares)
            columns[f"options_{side}"][rows] = np.exp(entropy(shares))
            columns[f"collision_{side}"][rows] = (shares**2).sum(axis=1)
            columns[f"mode_{side}"][rows] = shares.max(axis=1)
            if scale.kind == "ordinal":
                x = unit_positions(shares.shape[1], scale.positions or None)
                columns[f"sd_{side}"][rows] = np.sqrt(variance(shares, x))
        columns["unsaid_options"][rows], columns["unsaid"][rows] = unsaid(model, people, NEVER)
    columns["variance"] = columns["sd_model"] ** 2
    columns["above"] = columns["mode_model"] - columns["mode_people"]
    columns["collapsed"] = (columns["above"] > COLLAPSED).astype(float)
    means.average(**columns)
    for measure, name in (
        ("sd_ratio", "sd"),
        ("entropy_ratio", "entropy"),
        ("effective_options_ratio", "options"),
        ("collision_ratio", "collision"),
    ):
        yield means.number(measure, np.divide, f"{name}_model", f"{name}_people")
    yield means.mean("variance", "normalised_variance")
    yield means.mean("above", "modal_concentration")
    for measure, name in (
        ("modal_collapse", "collapsed"),
        ("support_collapse", "unsaid"),
        ("collapsed_options", "unsaid_options"),
    ):
        yield means.share(name, measure)
