"""Cells of a population, such as countries, beside a model that was asked as each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.pairs import population_keys
from doxa.analysis.structure import country_answers
from doxa.distribution import MODEL_KEYS
from doxa.errors import NoDataError
from doxa.measures.closeness import ALL, PEOPLE, shares_by_item
from doxa.measures.fidelity import COMPONENTS, Cells, compared, geometric_mean
from doxa.measures.means import Means
from doxa.measures.shapes import points, unit_positions
from doxa.measures.spread import association, split, upper_half

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from doxa.measures.means import Sides
    from doxa.questionnaire.scale import Scale

__all__ = ["CellMeans", "between_cells", "cell_answers", "population_fidelities"]

_FIDELITY: Final = (*COMPONENTS, "center")
_STRUCTURE: Final = 3
"""Cells that a structure needs: two have one distance, which correlates with nothing."""

_FEW: Final = "fewer than three cells: no structure"

_SPREAD: Final = ("between", "within", "eta", "v", "gap")


class CellMeans(Means):
    """Means of what is computed from all cells of an item.

    Attributes
    ----------
    n_cells : polars.Series
        The most cells that an item of the group has.
    """

    def __init__(self, sides: Sides) -> None:
        answers, keys = cell_answers(sides)
        self._values = _item_values(answers, keys, sides)
        super().__init__(self._values, keys, sides.settings)
        self.n_cells = self._values.group_by(keys, maintain_order=True).agg(pl.col("cells").max())[
            "cells"
        ]
        self.average(**{name: self._values[name] for name in self._values.columns
                        if name not in (*keys, "question", "cells")})  # fmt: skip


def population_fidelities(means: CellMeans) -> Iterator[pl.DataFrame]:
    """Give the rows of population fidelity, over countries as cells."""
    cells: dict[str, Any] = {"n_cells": means.n_cells}
    few = ["fewer than three cells: no structure" if n < _STRUCTURE else "" for n in means.n_cells]
    for name in _FIDELITY:
        said = pl.Series(few if name == "structure" else [""] * len(few), dtype=pl.String)
        yield means.mean(name, f"pfs_{name}", note=said, **cells)
    zeros = [
        f"{share:.0%} of the items have a score of 0, so their geometric mean is 0"
        if share
        else why
        for share, why in zip(np.nan_to_num(means.estimate("zero")), few, strict=True)
    ]
    said = pl.Series(zeros, dtype=pl.String)
    yield means.number("pfs", _product, "logs", "zero", note=said, **cells)
    said = pl.Series(few, dtype=pl.String)
    yield means.number("pfs_of_means", _cube_root, *COMPONENTS, note=said, **cells)
    yield means.number("pfs_binding", _smallest, *COMPONENTS, note=_binding(means), **cells)


def between_cells(means: CellMeans) -> Iterator[pl.DataFrame]:
    """Give the rows of the measures that compare how groups differ: flattening, stereotyping."""
    cells: dict[str, Any] = {"n_cells": means.n_cells}
    for measure, name in (
        ("between_group_ratio", "between"),
        ("within_group_ratio", "within"),
        ("gap_inflation", "gap"),
    ):
        yield means.number(measure, np.divide, f"{name}_model", f"{name}_people", **cells)
    for measure, name in (("eta_squared_difference", "eta"), ("cramers_v_difference", "v")):
        yield means.mean(name, measure, **cells)


def cell_answers(sides: Sides) -> tuple[pl.DataFrame, list[str]]:
    """Pair the answers that a model gave as each cell with those of its people.

    Cells are the groups within each country, where the human distributions have the column
    `people` and the model was asked as such groups; otherwise countries.

    Returns
    -------
    answers : polars.DataFrame
        One row per key, `cell` and question, in this order.
    keys : list of str
        What names a set of cells: the columns of a way of asking and of a population; "all" in
        that of the cells.

    Raises
    ------
    NoDataError
        No answers stand for two cells or more.
    """
    populations = population_keys(sides.human)
    keys = [*MODEL_KEYS, *populations]
    if PEOPLE in populations:
        human = sides.human.select(*populations, "question", "probabilities")
        answers = (
            sides.model.filter(pl.col("group") != "")
            .join(human, left_on=["group", "question"], right_on=[PEOPLE, "question"],
                  suffix="_human")
            .filter((pl.col("target") == "") | (pl.col("target") == pl.col("country")))
            .with_columns(pl.lit(ALL).alias(PEOPLE), cell=pl.col("group"), group=pl.lit(ALL))
        )  # fmt: skip
    else:
        answers, named = country_answers(sides.model, sides.human, sides.bank)
        absent = [name for name in MODEL_KEYS if name not in named]
        answers = answers.with_columns(cell=pl.col("country")).with_columns(
            *(pl.lit(ALL if name == "target" else "").alias(name) for name in absent),
            country=pl.lit(ALL),
        )
    answers = answers.filter(pl.col("cell").n_unique().over(keys) > 1)
    if answers.is_empty():
        raise NoDataError("no answers stand for two groups: ask as two groups or more of a country")
    return answers.sort(*keys, "cell", "question"), keys


def _item_values(answers: pl.DataFrame, keys: list[str], sides: Sides) -> pl.DataFrame:
    """Compute what is computed from all cells, one row per set of cells and item."""
    groups = answers.select(keys).unique(maintain_order=True).with_row_index("number")
    answers = answers.join(groups, on=keys, nulls_equal=True, maintain_order="left")
    members = answers["number"].to_numpy()
    cells = answers["cell"].to_list()
    rows: list[tuple[int, str, int]] = []
    found: list[NDArray[np.float64]] = []
    for question, places, (model, people) in shares_by_item(
        answers, "probabilities", "probabilities_human"
    ):
        scale = sides.bank.items[question].scale
        known: dict[tuple[int, tuple[str, ...]], tuple[Cells, NDArray[np.float64]]] = {}
        of_group = members[places]
        starts = np.flatnonzero(np.diff(of_group, prepend=-1))
        for start, end in zip(starts, [*starts[1:], places.size], strict=True):
            human = people[start:end]
            if len(human) < 2:
                continue
            key = (hash(human.tobytes()), tuple(cells[place] for place in places[start:end]))
            if key not in known:
                known[key] = Cells.of(points(human, scale)), _spread(human, scale)
            survey, spread = known[key]
            answer = model[start:end]
            fidelity = compared(Cells.of(points(answer, scale)), survey)
            if len(human) < _STRUCTURE:
                fidelity[COMPONENTS.index("structure")] = np.nan
            rows.append((int(of_group[start]), question, end - start))
            found.append(np.concatenate([fidelity, _spread(answer, scale), spread]))
    names = [
        *_FIDELITY,
        *(f"{name}_{side}" for side in ("model", "people") for name in _SPREAD),
    ]
    values = pl.DataFrame(np.array(found), schema=names).fill_nan(None)
    score = geometric_mean(values.select(COMPONENTS).to_numpy().T)
    with np.errstate(divide="ignore"):
        logs = np.where(score > 0, np.log(score), np.where(np.isnan(score), np.nan, 0.0))
    zero = np.where(np.isnan(score), np.nan, score == 0)
    frame = pl.DataFrame(rows, schema={"number": pl.UInt32, "question": pl.String,
                                       "cells": pl.Int64}, orient="row")  # fmt: skip
    return (
        frame.hstack(values)
        .with_columns(
            logs=pl.Series(logs), zero=pl.Series(zero),
            eta=pl.col("eta_model") - pl.col("eta_people"),
            v=pl.col("v_model") - pl.col("v_people"),
        )
        .join(groups, on="number")
        .sort("number", "question")
        .drop("number")
    )  # fmt: skip


def _spread(shares: NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    """Give what `group_spread` does, each cell counted alike; of nominal items Cramér's V alone."""
    weights = np.full(len(shares), 1 / len(shares))
    if scale.kind == "nominal":
        return np.array([np.nan, np.nan, np.nan, association(shares, weights), np.nan])
    x = unit_positions(shares.shape[1], scale.positions or None)
    return np.array(split(shares, x, weights, upper_half(shares.shape[1])))


def _product(logs: NDArray[np.float64], zero: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(zero > 0, 0.0, np.exp(logs))


def _cube_root(*parts: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.cbrt(np.prod(parts, axis=0)))


def _smallest(*parts: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.min(parts, axis=0))


def _binding(means: CellMeans) -> pl.Series:
    """Name the smallest component of each group, and how often it is that in the replicates."""
    estimates = np.stack([means.estimate(name) for name in COMPONENTS])
    drawn = np.stack([means.drawn(name) for name in COMPONENTS])
    said = []
    for group in range(estimates.shape[1]):
        if np.isnan(estimates[:, group]).any():
            said.append("a component is not defined")
            continue
        least = int(estimates[:, group].argmin())
        share = (drawn[:, group].argmin(axis=0) == least).mean()
        said.append(f"{COMPONENTS[least]}, in {share:.0%} of the resamples")
    return pl.Series(said, dtype=pl.String)
