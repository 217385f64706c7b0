from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from analysis.made_models import model_from
from doxa.analysis import Settings
from doxa.analysis.parts.pairs import (
    alike_pairs,
    is_kept,
    pair_all,
    pair_items,
    population_keys,
    restrict,
    restrict_humans,
    restrict_models,
    shared_items,
)
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

WAVE7 = Settings()


def test_further_keys_name_a_population_too(human: pl.DataFrame) -> None:
    assert population_keys(human) == ["survey", "wave", "country"]
    by_sex = human.with_columns(sex=pl.lit("f"))
    assert population_keys(by_sex) == ["survey", "wave", "country", "sex"]


def test_both_sides_keep_the_wave_and_lose_the_excluded_items(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    settings = Settings(wave=6, exclude_items=["Q1", "Q57"])
    model, people = restrict(model_from(human, "USA"), human, bank, settings)
    assert people["wave"].unique().to_list() == [6]
    for side in (model, people):
        assert not {"Q1", "Q57"} & set(side["question"])
    assert model.height == 142
    every = restrict_humans(human, bank, Settings(wave=None))
    assert every.height == human.height
    outside = pl.DataFrame({"question": ["Q1", "Q2", "Q999"]})
    assert outside.filter(is_kept(bank, settings))["question"].to_list() == ["Q2"]


def test_an_empty_selection_lists_what_there_is(human: pl.DataFrame, bank: QuestionBank) -> None:
    with pytest.raises(NoDataError, match=r"for wave 4 of the bank's items: .* waves 5, 6, 7"):
        restrict_humans(human, bank, Settings(wave=4))
    model = model_from(human, "USA")
    with pytest.raises(NoDataError, match="no reply could be used"):
        restrict_models(model.clear(), bank, WAVE7)
    with pytest.raises(NoDataError, match="no item of the bank is left"):
        restrict_models(model, bank, Settings(exclude_items=bank.items))


def test_a_steered_condition_is_paired_with_its_target_and_an_unsteered_one_with_all(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = pl.concat([
        model_from(human, "USA"), model_from(human, "USA", steering="persona", target="JPN"),
    ])  # fmt: skip
    wave7 = human.filter(wave=7)
    pairs = pair_items(model, wave7, bank)
    found = pairs.group_by("steering", "country").len().sort("steering", "country").rows()
    every = sorted(wave7["country"].unique())
    assert found == [("none", country, 144) for country in every] + [("persona", "JPN", 144)]
    everybody = pair_all(model, wave7, bank)
    assert everybody.height == 2 * 4 * 144
    about = everybody.filter((pl.col("target") == "") | (pl.col("country") == "JPN"))
    assert about.equals(pairs)
    first = pairs.filter(steering="persona")
    assert first["question"].to_list() == list(bank.items)
    people = dict(wave7.filter(country="JPN").select("question", "probabilities").iter_rows())
    assert dict(first.select("question", "probabilities_human").iter_rows()) == people


def test_sides_that_share_nothing_are_refused(human: pl.DataFrame, bank: QuestionBank) -> None:
    model, people = model_from(human, "USA").filter(question="Q1"), human.filter(question="Q2")
    with pytest.raises(NoDataError, match=r"no item in common: the model answered Q1; .* has Q2"):
        pair_all(model, people, bank)
    elsewhere = model_from(human, "USA", target="DEU")
    with pytest.raises(NoDataError, match="for target DEU; the survey has Q2 in"):
        pair_items(elsewhere, people, bank)


def test_shared_items_are_those_of_every_condition(human: pl.DataFrame) -> None:
    model = pl.concat([
        model_from(human, "USA").filter(pl.col("question").is_in(["Q1", "Q2", "Q3"])),
        model_from(human, "USA", language="ja").filter(pl.col("question").is_in(["Q2", "Q3"])),
        model_from(human, "USA", elicitation="logprobs").filter(question="Q1"),
    ])  # fmt: skip
    found = shared_items(model).sort("elicitation", "question").rows()
    assert found == [("logprobs", "Q1"), ("verbalized", "Q2"), ("verbalized", "Q3")]
    with pytest.raises(
        NoDataError,
        match=r"verbalized: no item is shared .* ja none off \(1 items\) has the fewest",
    ):
        shared_items(
            model.filter((pl.col("language") != "ja") | (pl.col("question") == "Q2")).filter(
                (pl.col("language") != "en") | (pl.col("question") != "Q2")
            )
        )


def test_alike_pairs_are_those_that_every_model_has(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    wave7 = human.filter(wave=7)
    model = pl.concat([
        model_from(human, "USA", model="a"),
        model_from(human, "JPN", model="b").head(5),
        model_from(human, "JPN", model="a", elicitation="logprobs"),
    ])  # fmt: skip
    kept = alike_pairs(pair_items(model, wave7, bank), wave7)
    counts = kept.group_by("elicitation", "model").len().sort("elicitation", "model").rows()
    assert counts == [("logprobs", "a", 4 * 144), ("verbalized", "a", 20), ("verbalized", "b", 20)]
    first = model_from(human, "JPN", model="b").head(5)["question"].implode()
    apart = model.filter((pl.col("model") == "b") | ~pl.col("question").is_in(first))
    with pytest.raises(NoDataError, match="verbalized: a, b were asked no item in the same way"):
        alike_pairs(pair_items(apart, wave7, bank), wave7)


def test_a_survey_without_an_item_of_the_questionnaire_is_told(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    with pytest.raises(NoDataError, match="none of the survey's items is in the questionnaire"):
        restrict_humans(human.clear(), bank, Settings())
