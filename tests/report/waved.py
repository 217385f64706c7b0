"""A table of nearest waves: wave 5 everywhere, of which Colombia's cannot be told."""

from __future__ import annotations

import polars as pl


def nearest_table(scores: pl.DataFrame) -> pl.DataFrame:
    """Invent it for the ways of asking and the countries of an alignment table."""
    told = pl.col("country") != "COL"
    shares = pl.concat_list(pl.lit(0.7), pl.when(told).then(0.3).otherwise(0.2))
    return scores.select(
        "model", "elicitation", "language", "steering", "target", "group", "reasoning",
        pl.lit("WVS").alias("survey"), "country", "n_items",
        nearest=pl.lit(5, pl.Int64), low=pl.lit(5, pl.Int64),
        high=pl.when(told).then(pl.lit(6, pl.Int64)).otherwise(pl.lit(7, pl.Int64)),
        waves=pl.lit([5, 6, 7]),
        probabilities=shares.list.concat(pl.when(told).then([0.0]).otherwise([0.1])),
        first_year=pl.lit(2004, pl.Int64), last_year=pl.lit(2016, pl.Int64),
        resampled=pl.lit("items"), note=pl.lit(None, pl.String),
    )  # fmt: skip
