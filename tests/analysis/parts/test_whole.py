from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from doxa.analysis import Settings, country_alignment
from doxa.analysis.parts.whole import WHOLE, whole_respondents
from doxa.distribution import human_distributions
from doxa.questionnaire import QuestionBank
from doxa.survey import Microdata, world

BANK = QuestionBank.load()
ITEMS = ["Q1", "Q2", "Q3", "Q4", "Q5", "Q6"]


def answers(traits: float, n: int = 400) -> Microdata:
    """People of two countries; a common trait makes their answers alike in part."""
    random = np.random.default_rng(1)
    codes = []
    for _ in range(2):
        trait = random.normal(size=(n, 1))
        ranks = np.sqrt(traits) * trait + np.sqrt(1 - traits) * random.normal(size=(n, len(ITEMS)))
        codes.append(np.digitize(ranks, [-0.8, 0.2, 1.1]))
    return Microdata(
        pl.DataFrame({
            "survey": ["WVS"] * 2, "wave": [7, 7], "country": ["AND", "JPN"],
            "start": [0, n], "stop": [n, 2 * n],
        }),
        tuple(BANK.items[name] for name in ITEMS),
        np.asfortranarray(np.vstack(codes).astype(np.uint8)),
        np.random.default_rng(2).uniform(0.5, 1.5, 2 * n),
    )  # fmt: skip


def table_of(microdata: Microdata | None, people: Microdata, **options: Any) -> pl.DataFrame:
    counts = people.counts()
    human = human_distributions(counts, BANK)
    echo = human_distributions(world(), BANK).filter(
        pl.col("question").is_in(ITEMS), country="USA", wave=7
    )
    model = echo.select(
        "question", "codes", "probabilities", "off_scale_mass", model=pl.lit("echo"),
        elicitation=pl.lit("verbalized"), language=pl.lit("en"), steering=pl.lit("none"),
        target=pl.lit(""), group=pl.lit(""), reasoning=pl.lit("off"), n_replies=1,
    )  # fmt: skip
    settings = Settings(respondents=microdata, n_resamples=400, **options)
    return country_alignment(model, human, BANK, settings=settings).sort("country")


@pytest.mark.parametrize("resample", ["respondents", ("items", "respondents")])
def test_correlated_answers_spread_scores_more_and_the_note_says_so(resample: Any) -> None:
    people = answers(0.6)
    whole = table_of(people, people, resample=resample)
    counted = table_of(None, people, resample=resample)
    assert whole["estimate"].to_list() == counted["estimate"].to_list()
    assert all(WHOLE in said for said in whole["note"])
    assert not any(WHOLE in (said or "") for said in counted["note"])
    assert (whole["low"] <= whole["high"]).all()
    if resample == "respondents":
        assert (whole["std_error"] > 1.2 * counted["std_error"]).all()


def test_independent_answers_give_what_counts_give() -> None:
    people = answers(0.0)
    whole = table_of(people, people, resample="respondents")
    counted = table_of(None, people, resample="respondents")
    for name in ("low", "high", "gap_low", "gap_high"):
        width = (counted["high"] - counted["low"]).to_numpy()
        assert (np.abs(whole[name].to_numpy() - counted[name].to_numpy()) < 0.3 * width).all()


def test_others_and_what_is_not_drawn_stay_as_counts() -> None:
    people = answers(0.3)
    some = Microdata(
        people.populations.head(1), people.items, people.codes, people.weights
    )  # fmt: skip
    table = table_of(some, people, resample="respondents")
    assert [WHOLE in (said or "") for said in table["note"]] == [True, False]
    items = table_of(people, people, resample="items")
    assert not any(WHOLE in (said or "") for said in items["note"])
    assert whole_respondents(Settings(respondents=people), BANK) is None
    both = Settings(respondents=people, resample=("respondents", "replies"))
    assert whole_respondents(both, BANK) is None
