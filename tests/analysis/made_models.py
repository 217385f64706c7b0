"""Made-up models: distributions as `doxa.distribution.model_distributions` would give them."""

from __future__ import annotations

import polars as pl


def model_from(human: pl.DataFrame, country: str, **condition: str) -> pl.DataFrame:
    """A model that answers as the respondents of one country did in wave 7."""
    named = {
        "model": "echo", "elicitation": "verbalized", "language": "en", "steering": "none",
        "target": "", "template": "a", **condition,
    }  # fmt: skip
    return human.filter(pl.col("country") == country, pl.col("wave") == 7).select(
        *(pl.lit(value).alias(name) for name, value in named.items()),
        "question", "codes", "probabilities", "off_scale_mass",
        n_replies=pl.lit(1, pl.UInt32),
    )  # fmt: skip


def blend(frame: pl.DataFrame, share: float) -> pl.DataFrame:
    """Mix each distribution with the even one."""
    even = pl.element() * (1 - share) + share / pl.element().len()
    return frame.with_columns(pl.col("probabilities").list.eval(even))
