"""An evaluation whose model has a place on the cultural map: it answers as some countries do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.analysis import cultural_map, nearest_countries
from doxa.distribution import human_distributions
from doxa.survey import world

from .invented import BANK, evaluation_of

if TYPE_CHECKING:
    from doxa.evaluate import Evaluation

LIKE = (("none", "en", "", "JPN"), ("none", "es", "", "USA"), ("persona", "es", "COL", "COL"))
"""Steering, language and target of a way of asking, and the country whose answers it has."""


def evaluation_with_places(frames: dict[str, pl.DataFrame]) -> Evaluation:
    """Place the model of `frames`, as if forty replies had been drawn for each item."""
    people = human_distributions(world(), BANK)
    model = pl.concat(
        people.filter(country=country, wave=7).select(
            pl.lit("tiny-model").alias("model"), pl.lit("verbalized").alias("elicitation"),
            pl.lit(language).alias("language"), pl.lit(steering).alias("steering"),
            pl.lit(target).alias("target"), pl.lit("").alias("group"),
            pl.lit("off").alias("reasoning"),
            "question", "codes", "probabilities", "off_scale_mass",
            n_replies=pl.lit(40, pl.UInt32), n_drawn=pl.lit(40.0),
        )
        for steering, language, target, country in LIKE
    )  # fmt: skip
    tables = {
        "culture": cultural_map(model, people, BANK),
        "culture_nearest": nearest_countries(model, people, BANK),
    }
    return evaluation_of(frames, tables=tables)
