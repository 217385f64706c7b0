"""Made-up groups of people whose answers differ, and models that answer as personas of them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from doxa.distribution import human_distributions
from doxa.questionnaire.group import expand_groups, parse_group
from doxa.survey import check_counts
from doxa.survey.group_counts import PEOPLE, group_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.questionnaire import QuestionBank

AXES = {"sex": ("male", "female"), "age": ("<30", "30-49", "50+")}


def split_counts(
    bank: QuestionBank,
    *,
    countries: Sequence[str] = ("JPN",),
    n_items: int = 24,
    apart: float = 1.0,
    n: int = 300,
    seed: int = 0,
) -> pl.DataFrame:
    """Counts by sex and age, drawn from distributions that lie `apart` of each other.

    The cells have 1 to 6 times as many weights as the first, so that shares of the country matter.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for country, item in itertools.product(countries, list(bank.items.values())[:n_items]):
        codes = item.scale.codes
        base = rng.normal(size=len(codes))
        moved = {name: dict(zip(kinds, rng.normal(size=(len(kinds), len(codes))), strict=True))
                 for name, kinds in AXES.items()}  # fmt: skip
        for size, cell in enumerate(itertools.product(*AXES.values()), start=1):
            odds = base + apart * sum(moved[name][kind]
                                      for name, kind in zip(AXES, cell, strict=True))  # fmt: skip
            shares = np.exp(odds) / np.exp(odds).sum()
            drawn = rng.multinomial(n, shares)
            rows += [
                {"survey": "W", "wave": 7, "country": country, "question": item.id, "code": code,
                 "n": float(k), "weighted_n": float(k * size), "n_effective": float(n),
                 **dict(zip(AXES, cell, strict=True))}
                for code, k in zip(codes, drawn, strict=True)
            ]  # fmt: skip
    return check_counts(pl.DataFrame(rows), "made up")


def people_of(counts: pl.DataFrame, grid: str, bank: QuestionBank) -> pl.DataFrame:
    """The answers of a grid's groups and, under "", of the whole country."""
    return human_distributions(group_counts(counts, ["", *expand_groups([grid])]), bank)


def answering(
    people: pl.DataFrame,
    whole: pl.DataFrame,
    *,
    follow: float = 1.0,
    target: bool = True,
    name: str = "m",
) -> pl.DataFrame:
    """A model whose personas answer as their groups, mixed with the country as a whole.

    Without steering, and as a person of the country, it answers as the whole country. With
    `target`, unsteered replies are recorded under the country, as languages chosen for it are.
    """
    keys = ["country", "question"]
    of_country = whole.filter(pl.col(PEOPLE) == "").select(
        *keys, pl.col("probabilities").alias("w")
    )
    groups = people.filter(pl.col(PEOPLE) != "").join(of_country, on=keys)
    mixed = [
        [follow * p + (1 - follow) * w for p, w in zip(own, all_, strict=True)]
        for own, all_ in groups.select("probabilities", "w").rows()
    ]
    asked = groups.with_columns(
        pl.Series("probabilities", mixed), steering=pl.lit("persona"), group=pl.col(PEOPLE)
    )
    plain = whole.filter(pl.col(PEOPLE) == "").with_columns(group=pl.lit(""))
    ways = [
        asked, plain.with_columns(steering=pl.lit("none")),
        *([plain.with_columns(steering=pl.lit("persona"))] if target else []),
    ]  # fmt: skip
    return pl.concat(
        way.select(
            pl.lit(name).alias("model"), pl.lit("verbalized").alias("elicitation"),
            pl.lit("en").alias("language"), "steering",
            (pl.col("country") if target else pl.lit("")).alias("target"),
            "group", pl.lit("off").alias("reasoning"), "question", "codes", "probabilities",
            "off_scale_mass", n_replies=pl.lit(1, pl.UInt32),
        )
        for way in ways
    )  # fmt: skip


def category(group: str, variable: str) -> str:
    return dict(parse_group(group))[variable]
