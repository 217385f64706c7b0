"""Made-up models: distributions in the form of `doxa.distribution.model_distributions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


def model_from(human: pl.DataFrame, country: str, **condition: str) -> pl.DataFrame:
    """A model that answers as the respondents of one country did in wave 7."""
    named = {
        "model": "echo", "elicitation": "verbalized", "language": "en", "steering": "none",
        "target": "", "group": "", "reasoning": "off", **condition,
    }  # fmt: skip
    return human.filter(pl.col("country") == country, pl.col("wave") == 7).select(
        *(pl.lit(value).alias(name) for name, value in named.items()),
        "question", "codes", "probabilities", "off_scale_mass",
        n_replies=pl.lit(1, pl.UInt32),
    )  # fmt: skip


def blend(frame: pl.DataFrame, share: float) -> pl.DataFrame:
    """Mix each distribution with the uniform one."""
    even = pl.element() * (1 - share) + share / pl.element().len()
    return frame.with_columns(pl.col("probabilities").list.eval(even))


def replies_from(
    human: pl.DataFrame,
    bank: QuestionBank,
    country: str,
    *,
    noise: float = 0.0,
    seed: int = 0,
    draw: int = 0,
    option_order: str = "listed",
    **condition: str,
) -> pl.DataFrame:
    """Replies with the answers of one country's respondents and some noise."""
    rng = np.random.default_rng([seed, draw, *option_order.encode(), *str(condition).encode()])
    frame = model_from(human, country, **condition)
    codes, shares = [], []
    for question, given in frame.select("question", "probabilities").iter_rows():
        scale = bank.items[question].scale
        mixed = (1 - noise) * np.array(given) + noise * rng.dirichlet(np.ones(len(given)))
        codes.append(scale.all_codes)
        shares.append([*mixed, *[0.0] * len(scale.off_scale)])
    return frame.drop("off_scale_mass", "n_replies", "codes", "probabilities").with_columns(
        pl.Series("codes", codes, pl.List(pl.Int64)),
        pl.Series("probabilities", shares, pl.List(pl.Float64)),
        request_key=pl.lit("k"),
        option_order=pl.lit(option_order),
        draw=pl.lit(draw, pl.Int64),
        status=pl.lit("ok"),
        off_option_mass=pl.lit(0.0),
    )
