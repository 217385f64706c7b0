from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from statsmodels.stats.multitest import multipletests

from analysis.made_models import blend, model_from
from doxa.analysis import (
    Settings,
    country_alignment,
    steering_combinations,
    steering_effects,
    steering_targeting,
    steering_winners,
)
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


@pytest.fixture(scope="module")
def model(human: pl.DataFrame) -> pl.DataFrame:
    japan = {"target": "JPN"}
    return pl.concat([
        model_from(human, "USA"),
        blend(model_from(human, "USA", language="ja"), 0.2),
        blend(model_from(human, "JPN", steering="persona", **japan), 0.5),
        blend(model_from(human, "JPN", steering="few-shot", **japan), 0.3),
        model_from(human, "JPN", steering="persona_few-shot", **japan),
        blend(model_from(human, "JPN", steering="persona", language="ja", **japan), 0.1),
    ])  # fmt: skip


def levels(model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank) -> dict[object, float]:
    table = country_alignment(model, human, bank, settings=Settings(n_resamples=10))
    return {
        (language, steering, country): estimate
        for language, steering, country, estimate in table.select(
            "language", "steering", "country", "estimate"
        ).iter_rows()
    }


def test_targeting_is_the_gain_beyond_that_of_the_others(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    table = steering_targeting(model, human, bank)
    effects = steering_effects(model, human, bank)
    gain = {
        tuple(row[:-1]): row[-1]
        for row in effects.select("language", "steering", "country", "estimate").iter_rows()
    }
    countries = {"BGD", "COL", "JPN", "USA"}
    assert table.height == effects.height
    for language, steering, country, estimate in table.select(
        "language", "steering", "country", "estimate"
    ).iter_rows():
        others = [gain[language, steering, other] for other in countries - {country}]
        expected = gain[language, steering, country] - np.mean(others)
        assert estimate == pytest.approx(expected, abs=1e-12)
    japan = table.filter(country="JPN", steering="persona_few-shot").row(0, named=True)
    assert japan["is_target"]
    assert 0 < japan["low"] < japan["estimate"]
    assert japan["p_adjusted"] < 0.01


def test_languages_are_targeted_against_a_reference(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    plain = model.filter(steering="none")
    table = steering_targeting(plain, human, bank, reference_language="en")
    matrix = table.pivot("country", index="language", values="estimate")
    assert matrix.columns == ["language", "BGD", "COL", "JPN", "USA"]
    assert matrix.drop("language").sum_horizontal().item() == pytest.approx(0, abs=1e-12)


def test_effects_are_corrected_over_the_table(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    effects = steering_effects(model, human, bank)
    expected = multipletests(effects["p_value"].to_numpy(), method="holm")[1]
    np.testing.assert_allclose(effects["p_adjusted"], expected, atol=1e-12)
    by_country = steering_effects(
        model, human, bank, correction="benjamini_hochberg", family=["country"]
    )
    for _, part in by_country.group_by("country"):
        expected = multipletests(part["p_value"].to_numpy(), method="fdr_bh")[1]
        np.testing.assert_allclose(part["p_adjusted"], expected, atol=1e-12)


def test_the_winner_is_the_nearest_with_its_probability(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    table = steering_winners(model, human, bank)
    japan = table.filter(country="JPN")
    assert japan.height == 6
    winner = japan.filter("best").row(0, named=True)
    assert (winner["steering"], winner["p_best"]) == ("persona_few-shot", 1.0)
    assert table.filter(country="USA").height == 2  # conditions that name Japan are not candidates
    sums = table.group_by("country").agg(pl.col("p_best").sum())["p_best"]
    np.testing.assert_allclose(sums, 1.0)


def test_identical_ways_share_the_win(human: pl.DataFrame, bank: QuestionBank) -> None:
    same = pl.concat([model_from(human, "USA"), model_from(human, "USA", language="ja")])
    table = steering_winners(same, human, bank)
    assert table["p_best"].unique().to_list() == [0.5]


def test_a_combination_is_compared_with_the_sum_and_the_best_of_its_parts(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    table = steering_combinations(model, human, bank, reference_language="en")
    level = levels(model, human, bank)
    found = {
        (language, steering, beyond): (estimate, best)
        for language, steering, beyond, estimate, best in table.select(
            "language", "steering", "beyond", "estimate", "best_part"
        ).iter_rows()
    }
    assert set(found) == {
        (*way, beyond)
        for way in (("en", "persona_few-shot"), ("ja", "persona"))
        for beyond in ("sum", "best single")
    }
    none, persona, shots, both, japanese, joined = (
        level[language, steering, "JPN"]
        for language, steering in (
            ("en", "none"), ("en", "persona"), ("en", "few-shot"), ("en", "persona_few-shot"),
            ("ja", "none"), ("ja", "persona"),
        )
    )  # fmt: skip
    assert found["en", "persona_few-shot", "sum"][0] == pytest.approx(both - persona - shots + none)
    assert found["en", "persona_few-shot", "best single"] == (
        pytest.approx(both - max(persona, shots)), "few-shot",
    )  # fmt: skip
    assert found["ja", "persona", "sum"][0] == pytest.approx(joined - japanese - persona + none)


def test_respondents_and_replies_are_resampled_if_known(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    few = model.filter(pl.col("question").is_in(["Q1", "Q2", "Q3", "Q46", "Q57", "Q60"]))
    sampled = few.with_columns(elicitation=pl.lit("sampling"), n_replies=pl.lit(50, pl.UInt32))
    items = steering_effects(sampled, human, bank, settings=Settings(n_resamples=300))
    people = steering_effects(
        sampled, human, bank, settings=Settings(n_resamples=300, resample="respondents")
    )
    everything = steering_effects(
        sampled,
        human,
        bank,
        settings=Settings(n_resamples=300, resample=("items", "respondents", "replies")),
    )
    assert everything["resampled"].unique().to_list() == ["items, respondents, replies"]
    assert (people["std_error"] < items["std_error"]).all()
    # Scores of items contain the variance of respondents and replies, but not their bias; the
    # interval reaches at least as far as guesses at the truth do.
    assert everything["std_error"].equals(items["std_error"])
    assert ((everything["low"] - items["low"]).abs() > 1e-4).all()
    widths = [(one["high"] - one["low"]).to_numpy() for one in (everything, items)]
    assert (widths[0] >= widths[1] - 1e-9).all()


def test_nothing_to_measure_is_an_error(human: pl.DataFrame, bank: QuestionBank) -> None:
    plain = model_from(human, "USA")
    steered = model_from(human, "JPN", steering="persona", target="JPN")
    with pytest.raises(NoDataError, match="ask also with each part alone"):
        steering_combinations(pl.concat([plain, steered]), human, bank)
    with pytest.raises(NoDataError, match="no other country"):
        steering_targeting(pl.concat([plain, steered]), human.filter(country="JPN"), bank)
    apart = pl.concat([plain.head(3), model_from(human, "USA", language="ja").tail(3)])
    with pytest.raises(NoDataError, match="no item is shared by all ways of asking"):
        steering_winners(apart, human, bank)
