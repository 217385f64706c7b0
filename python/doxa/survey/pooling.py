"""Counts of fine groups, put together into those of coarser ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import SurveyError
from doxa.questionnaire.group_rows import groupings_of, nearest_split

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["pool_counts", "pool_rows"]

_POPULATION: Final = ["survey", "wave", "country"]


def pool_counts(counts: pl.DataFrame, groups: Sequence[str] = ()) -> pl.DataFrame:
    """Give the counts of a coarser split, from the nearest split that each country has.

    Parameters
    ----------
    counts : polars.DataFrame
        Human counts, as `doxa.survey.read_counts` gives them.
    groups : sequence of str
        The grouping keys to keep, columns of `counts`; none for whole countries.

    Returns
    -------
    polars.DataFrame
        Human counts with `groups` as their only grouping keys. Where a country has just this
        split, its rows are unchanged; otherwise `n` and `weighted_n` are sums. A country without
        these keys has no row.

    Raises
    ------
    SurveyError
        The finer groups are published shares, which have no counts to add.

    Notes
    -----
    Kish's effective number of a group of weights is nₑ = (Σw)² / Σw², so Σw² = (Σw)² / nₑ. Sums
    of weights and of their squares add, which gives the effective number of cells together.

    Examples
    --------
    >>> from doxa.survey import check_counts
    >>> cell = {"wave": 7, "country": "JPN", "question": "Q1", "code": 1}
    >>> rows = [cell | {"sex": sex, "age": age, "n": 10.0} for sex in "fm" for age in ("18", "80")]
    >>> pool_counts(check_counts(pl.DataFrame(rows), "mine"), ["sex"]).select("sex", "n").rows()
    [('f', 20.0), ('m', 20.0)]
    """
    return pool_rows(nearest_split(counts, groups), groups)


def pool_rows(held: pl.DataFrame, groups: Sequence[str] = ()) -> pl.DataFrame:
    """Add up the rows of finer groups; rows without other keys than `groups` stay as they are.

    Raises
    ------
    SurveyError
        The finer groups are published shares, which have no counts to add.
    """
    further = groupings_of(held)
    others = [name for name in further if name not in groups]
    if not others:
        return held
    exact = pl.all_horizontal(pl.col(others).is_null())
    cells = held.filter(~exact)
    if cells["n"].null_count():
        raise SurveyError(
            f"published shares by {', '.join(further)} cannot be put together: give their counts"
        )
    together = _pooled(cells, [*_POPULATION, *groups], others)
    return pl.concat([held.filter(exact).drop(others), together], how="diagonal")


def _pooled(cells: pl.DataFrame, keys: list[str], others: list[str]) -> pl.DataFrame:
    valid = pl.col("weighted_n").filter(pl.col("code") >= 0).sum()
    effective = (
        cells.group_by(*keys, *others, "question")
        .agg(weights=valid, n_effective=pl.col("n_effective").first())
        .filter(pl.col("weights") > 0)
        .with_columns(squares=pl.col("weights") ** 2 / pl.col("n_effective"))
        .group_by(*keys, "question")
        .agg(n_effective=pl.col("weights").sum() ** 2 / pl.col("squares").sum())
    )
    return (
        cells.group_by(*keys, "question", "code", maintain_order=True)
        .agg(
            pl.col("n", "weighted_n").sum(),
            pl.col("weighted").all(),
            source=pl.col("source").drop_nulls().unique().sort().str.join(", "),
        )
        .join(effective, on=[*keys, "question"], how="left", maintain_order="left")
        .with_columns(pl.col("n_effective").fill_null(0.0))
    )
