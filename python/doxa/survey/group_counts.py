"""The counts of the groups that personas stand for, each by the text that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.questionnaire.group import variables_of
from doxa.questionnaire.group_rows import group_rows, nearest_split
from doxa.survey.counts import complete_counts
from doxa.survey.pooling import pool_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PEOPLE", "group_counts", "group_shares"]

_POPULATION: Final = ("survey", "wave", "country")

PEOPLE: Final = "people"
"""The column that names a group of people by its text; "" for the whole country."""


def group_counts(counts: pl.DataFrame, groups: Iterable[str]) -> pl.DataFrame:
    """Give the counts of groups of people, from whatever finer split the counts have.

    Parameters
    ----------
    counts : polars.DataFrame
        Human counts, as `doxa.survey.read_counts` gives them.
    groups : iterable of str
        Groups, such as "sex=female,age=60+", in the text that `doxa.prompt.Condition` gives them;
        "" for whole countries.

    Returns
    -------
    polars.DataFrame
        Human counts with the one grouping key `people`, the group's text. A country whose counts
        have no such group has no row for it. Respondents whose group is missing are in none.

    Raises
    ------
    SurveyError
        The counts are published shares of finer groups, which cannot be added up.

    Examples
    --------
    >>> from doxa.survey import check_counts
    >>> cell = {"wave": 7, "country": "JPN", "question": "Q1", "code": 1}
    >>> ages = {"<30": 4.0, "30-49": 5.0, "50+": 6.0}
    >>> counts = check_counts(pl.DataFrame([cell | {"age": a, "n": n} for a, n in ages.items()]),
    ...                       "mine")
    >>> group_counts(counts, ["age=30+", "age=60+"]).select("people", "n").rows()
    [('age=30+', 11.0)]
    """
    found = []
    for group in dict.fromkeys(groups):
        rows = group_rows(counts, group)
        held = [name for name in variables_of(group) if name in rows.columns]
        alike = [name for name in held if rows[name].n_unique() < 2]
        pooled = complete_counts(pool_rows(rows.drop(alike)))
        found.append(pooled.with_columns(pl.lit(group).alias(PEOPLE)))
    return pl.concat(found)


def group_shares(counts: pl.DataFrame, groups: Iterable[str]) -> pl.DataFrame:
    """Give the shares of groups in each country's people, by the survey's weights.

    Parameters
    ----------
    counts : polars.DataFrame
        Human counts, as `doxa.survey.read_counts` gives them; missing answers count too, so that
        all respondents do.
    groups : iterable of str
        As for `group_counts`.

    Returns
    -------
    polars.DataFrame
        `survey`, `wave`, `country`, `people` and `share` (in [0, 1]), averaged over the items. The
        shares are of everyone in the split that the group is taken from, those in no group too.

    Examples
    --------
    >>> from doxa.survey import check_counts
    >>> cell = {"wave": 7, "country": "JPN", "question": "Q1", "code": 1}
    >>> counts = {"male": 4.0, "female": 5.0, "missing": 1.0}
    >>> rows = [cell | {"sex": sex, "n": n} for sex, n in counts.items()]
    >>> group_shares(check_counts(pl.DataFrame(rows), "mine"), ["sex=female"])["share"].to_list()
    [0.5]
    """
    found = []
    for group in dict.fromkeys(groups):
        rows = group_rows(counts, group)
        if rows.is_empty():
            continue
        everyone = nearest_split(counts, variables_of(group))
        shares = _by_item(rows).join(
            _by_item(everyone), on=[*_POPULATION, "question"], suffix="_all"
        )
        of_country = shares.group_by(_POPULATION, maintain_order=True).agg(
            share=(pl.col("weight") / pl.col("weight_all")).mean()
        )
        found.append(of_country.with_columns(pl.lit(group).alias(PEOPLE)))
    schema = {"survey": pl.String, "wave": pl.Int64, "country": pl.String}
    table = (
        pl.concat(found)
        if found
        else pl.DataFrame(schema=schema | {"share": pl.Float64, PEOPLE: pl.String})
    )
    return table.select(*_POPULATION, PEOPLE, "share")


def _by_item(rows: pl.DataFrame) -> pl.DataFrame:
    weight = pl.coalesce("weighted_n", "n").sum()
    return (
        rows.group_by(*_POPULATION, "question", maintain_order=True)
        .agg(weight=weight)
        .filter(pl.col("weight") > 0)
    )
