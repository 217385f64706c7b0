"""A table of language gains: differences of an alignment table's numbers."""

from __future__ import annotations

import polars as pl


def gains_table(scores: pl.DataFrame) -> pl.DataFrame:
    """Take each unsteered language less English; those above 0.05 either way are sure."""
    keys = ["model", "elicitation", "group", "reasoning", "wave", "country"]
    plain = scores.filter(steering="none")
    base = plain.filter(language="en").select(*keys, base="estimate")
    gain = pl.col("estimate") - pl.col("base")
    return (
        plain.filter(pl.col("language") != "en")
        .join(base, on=keys, maintain_order="left")
        .select(
            "model", "elicitation", "group", "reasoning", "language",
            reference_language=pl.lit("en"), survey=pl.lit("WVS"), wave="wave", country="country",
            is_own=(pl.col("country") == "COL") & (pl.col("language") == "es"),
            estimate=gain, low=gain - 0.03, high=gain + 0.03,
            low_adjusted=gain - 0.05, high_adjusted=gain + 0.05, n_items="n_items",
        )
    )  # fmt: skip
