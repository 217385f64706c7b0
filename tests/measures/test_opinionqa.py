from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from analysis.made_models import blend, model_from

from doxa.analysis import Settings
from doxa.analysis.parts.item_scores import item_alignment
from doxa.analysis.parts.pairs import pair_all
from doxa.errors import NoDataError
from doxa.measures import consistency, measure_table, steerability

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

FEW = Settings(n_resamples=50)


def test_steerability_takes_the_best_way_item_by_item(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    ways = [
        blend(model_from(human, origin, steering=steering, target="JPN", language=language), 0.2)
        for steering, language, origin in (
            ("persona", "en", "USA"), ("persona", "ja", "JPN"), ("time-6", "en", "COL"),
        )
    ]  # fmt: skip
    people = human.filter(wave=7, country="JPN")
    rows = [
        item_alignment(pair_all(way, people, bank).sort("question"), bank).to_numpy()
        for way in ways
    ]
    table = measure_table(pl.concat(ways), human, bank, measures="opinionqa_steerability",
                          by_country=True, settings=FEW)  # fmt: skip
    row = table.row(0, named=True)
    assert row["estimate"] == pytest.approx(steerability(np.array(rows).T))
    assert row["note"] == "the best of 3 ways"
    assert (row["country"], row["steering"], row["language"]) == ("JPN", "best", "best")


def test_consistency_agrees_with_its_function(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = blend(model_from(human, "USA"), 0.6)
    people = human.filter(wave=7)
    pairs = pair_all(model, people, bank)
    scored = pairs.select("country", "question").with_columns(score=item_alignment(pairs, bank))
    topics = {name: item.topic for name, item in bank.items.items()}
    by_topic = (
        scored.with_columns(topic=pl.col("question").replace_strict(topics))
        .group_by("topic", "country").agg(pl.col("score").mean()).sort("topic", "country")
        .pivot("country", index="topic", values="score", sort_columns=True)
    )  # fmt: skip
    best, share = consistency(by_topic.drop("topic").to_numpy())
    table = measure_table(model, human, bank, measures="opinionqa_consistency", settings=FEW)
    row = table.row(0, named=True)
    assert row["at"] == by_topic.columns[1:][best]
    assert row["estimate"] == pytest.approx(share)
    assert row["low"] <= row["estimate"] <= row["high"]
    echo = measure_table(
        model_from(human, "USA"), human, bank, measures="opinionqa_consistency", settings=FEW
    )
    assert echo.select("at", "estimate", "low").row(0) == ("USA", 1.0, 1.0)


def test_what_they_need(human: pl.DataFrame, bank: QuestionBank) -> None:
    plain = model_from(human, "USA")
    steered = model_from(human, "USA", steering="persona", target="USA")
    with pytest.raises(NoDataError, match="nothing was steered towards a country"):
        measure_table(plain, human, bank, measures="opinionqa_steerability", settings=FEW)
    with pytest.raises(NoDataError, match="no unsteered answers"):
        measure_table(steered, human, bank, measures="opinionqa_consistency", settings=FEW)
