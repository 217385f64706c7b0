"""What the survey's weights do to the shares of a country."""

from __future__ import annotations

from typing import Final

import polars as pl

__all__ = ["weight_effects"]

_POPULATION: Final = ("survey", "wave", "country")


def weight_effects(counts: pl.DataFrame) -> pl.DataFrame:
    """Compare weighted shares with unweighted ones, country by country.

    Parameters
    ----------
    counts : polars.DataFrame
        Human counts, as `doxa.survey.read_counts` gives them.

    Returns
    -------
    polars.DataFrame
        `survey`, `wave`, `country`, `compared_items` (of which both kinds of shares are known),
        `mean_change` and `largest_change` (the mean and the largest |weighted - unweighted| over
        the shares of their valid answers, from 0 to 1). Countries without such an item have no row.

    Examples
    --------
    >>> from doxa.survey import sample
    >>> effects = weight_effects(sample(wave=7)).filter(country="USA")
    >>> effects.select("compared_items", pl.col("largest_change").round(2)).row(0)
    (144, 0.05)
    """
    both = counts.filter((pl.col("code") >= 0) & pl.col("weighted")).select(
        *_POPULATION,
        "question",
        weighted=pl.coalesce("weighted_n", "share"),
        plain=pl.coalesce("n", "share_unweighted"),
    )
    cell = [*_POPULATION, "question"]
    shares = (
        both.filter(pl.col("plain").is_not_null().all().over(cell))
        .with_columns(pl.col("weighted", "plain") / pl.col("weighted", "plain").sum().over(cell))
        .with_columns(change=(pl.col("weighted") - pl.col("plain")).abs())
    )
    return (
        shares.group_by(_POPULATION)
        .agg(
            compared_items=pl.col("question").n_unique(),
            mean_change=pl.col("change").mean(),
            largest_change=pl.col("change").max(),
        )
        .sort(_POPULATION)
    )
