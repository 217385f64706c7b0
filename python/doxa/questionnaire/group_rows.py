"""Which rows of human counts are the answers of a group, whatever split the counts have."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.questionnaire.group import AGE, Band, age_band, parse_group

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NOT_GROUPS", "group_rows", "groupings_of", "nearest_split"]

NOT_GROUPS: Final = frozenset({
    "survey", "wave", "country", "question", "code", "n", "weighted_n", "n_effective", "share",
    "share_unweighted", "rounding", "respondents", "weighted", "source",
})  # fmt: skip
"""The columns of human counts that are no grouping keys."""

_POPULATION: Final = ("survey", "wave", "country")


def groupings_of(counts: pl.DataFrame) -> list[str]:
    """Name the columns of counts that split countries into groups."""
    return [name for name in counts.columns if name not in NOT_GROUPS]


def nearest_split(counts: pl.DataFrame, groups: Sequence[str]) -> pl.DataFrame:
    """Keep the rows of the split that is `groups`, or is finer by as little as there is.

    Parameters
    ----------
    counts : polars.DataFrame
        Human counts.
    groups : sequence of str
        Grouping keys, columns of `counts`; none for whole countries.

    Returns
    -------
    polars.DataFrame
        Rows of one split for each survey, wave and country; none of those without these keys.
    """
    others = [name for name in groupings_of(counts) if name not in groups]
    held = counts.drop_nulls(groups) if groups else counts
    if not others:
        return held
    # fewest further keys first, then the earlier ones: each country is taken from one split alone
    finer = [pl.col(name).is_not_null().cast(pl.Int64) for name in others]
    order = pl.sum_horizontal(
        *((2 ** len(others) + 2**place) * key for place, key in enumerate(finer))
    )
    return held.filter(order == order.min().over(_POPULATION))


def group_rows(counts: pl.DataFrame, group: str) -> pl.DataFrame:
    """Keep the rows that are together the answers of a group: added up, they are its counts.

    Parameters
    ----------
    counts : polars.DataFrame
        Human counts.
    group : str
        As `doxa.questionnaire.group.parse_group` reads it; "" for whole countries.

    Returns
    -------
    polars.DataFrame
        Rows of `counts`, none of countries whose counts have no such group. Bands of ages within
        the group's are taken together where they fill it.

    Examples
    --------
    >>> cell = {"survey": "W", "wave": 7, "country": "JPN", "question": "Q1", "code": 1}
    >>> counts = pl.DataFrame([cell | {"age": age} for age in ("<30", "30-59", "60 or over")])
    >>> group_rows(counts, "age=30+")["age"].to_list(), group_rows(counts, "age=50+").height
    (['30-59', '60 or over'], 0)
    """
    pairs = dict(parse_group(group))
    if not pairs.keys() <= set(counts.columns):
        return counts.clear()
    held = nearest_split(counts, [*pairs])
    for name, category in pairs.items():
        if name == AGE:
            held = _of_ages(held, category)
        else:
            said = pl.col(name).cast(pl.String).str.strip_chars().str.to_lowercase()
            held = held.filter(said == category.lower())
    return held


def _of_ages(held: pl.DataFrame, category: str) -> pl.DataFrame:
    """Keep the bands that lie within one, where together they fill it."""
    wanted = age_band(category)
    texts = held[AGE].cast(pl.String)
    bands = {text: age_band(text) for text in texts.unique().drop_nulls()}
    within = {
        text: band
        for text, band in bands.items()
        if band and wanted and wanted.first <= band.first <= band.last <= wanted.last
    }
    kept = held.filter(texts.is_in([*within]))
    filled = [
        population
        for population, rows in kept.group_by(_POPULATION)
        if wanted and _fill(wanted, {within[str(text)] for text in rows[AGE].unique()})
    ]
    if not filled:
        return held.clear()
    of = pl.DataFrame(filled, schema=kept.select(_POPULATION).schema, orient="row")
    return kept.join(of, on=_POPULATION, how="semi", maintain_order="left")


def _fill(wanted: Band, bands: set[Band]) -> bool:
    ordered = sorted(bands)
    together = all(a.last + 1 == b.first for a, b in itertools.pairwise(ordered))
    return together and (ordered[0].first, ordered[-1].last) == tuple(wanted)
