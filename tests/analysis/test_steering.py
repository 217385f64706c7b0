from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from analysis.made_models import blend, model_from
from doxa.analysis import country_alignment, steering_effects
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


@pytest.fixture(scope="module")
def model(human: pl.DataFrame) -> pl.DataFrame:
    steered = {"steering": "persona", "target": "JPN", "language": "ja"}
    return pl.concat([
        model_from(human, "USA"),
        blend(model_from(human, "USA", language="ja"), 0.2),
        model_from(human, "JPN", **steered),
    ])  # fmt: skip


def test_an_effect_is_the_difference_of_two_alignments(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    effects = steering_effects(model, human, bank)
    assert effects["steering"].unique().to_list() == ["persona"]
    assert effects["reference_language"].unique().to_list() == ["ja"]
    levels = country_alignment(model, human, bank).filter(language="ja")
    by = {(s, c): e for s, c, e in levels.select("steering", "country", "estimate").iter_rows()}
    for country, estimate in effects.select("country", "estimate").iter_rows():
        expected = by["persona", country] - by["none", country]
        assert estimate == pytest.approx(expected, abs=1e-12)
    japan = effects.filter(country="JPN").row(0, named=True)
    assert japan["estimate"] > 0.05
    assert 0 < japan["low"] < japan["estimate"] < japan["high"]
    assert japan["p_value"] < 0.01
    assert japan["n_items"] == 144


def test_a_reference_language_makes_language_an_effect(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    effects = steering_effects(model, human, bank, reference_language="en")
    assert set(effects.select("steering", "language").unique().rows()) == {
        ("none", "ja"), ("persona", "ja"),
    }  # fmt: skip


def test_no_effect_has_an_interval_of_nothing_and_p_one(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    same = pl.concat([model_from(human, "USA"), model_from(human, "USA", steering="persona")])
    effects = steering_effects(same, human, bank)
    assert effects.select("estimate", "low", "high", "p_value").unique().rows() == [(0, 0, 0, 1)]


def test_one_item_has_no_interval(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    row = steering_effects(model.filter(question="Q1"), human, bank).row(0, named=True)
    assert (row["n_items"], row["low"], row["p_value"]) == (1, None, None)


def test_nothing_unsteered_is_an_error(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    with pytest.raises(NoDataError, match="ask without steering too"):
        steering_effects(model.filter(pl.col("steering") != "none"), human, bank)


def test_a_language_recorded_for_one_country_is_not_a_reference_for_another(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    spanish = {"language": "es"}
    model = pl.concat([
        model_from(human, "USA", target="COL", **spanish),
        model_from(human, "JPN", target="USA", **spanish),
        model_from(human, "COL", target="COL", steering="persona", **spanish),
    ])  # fmt: skip
    effects = steering_effects(model, human, bank).filter(pl.col("country") == "COL")
    from_usa = country_alignment(model, human, bank).filter(country="COL", target="COL")
    none, persona = (from_usa.filter(steering=s)["estimate"].item() for s in ("none", "persona"))
    assert effects["estimate"].to_list() == [pytest.approx(persona - none)]


def test_thinking_is_compared_with_answering_at_once(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    nearer, further = (blend(model_from(human, "USA"), share) for share in (0.2, 0.6))
    thought = nearer.with_columns(reasoning=pl.lit("512"))
    persona = {"steering": "persona", "target": "JPN"}
    steered = [
        part.with_columns(**{name: pl.lit(value) for name, value in persona.items()})
        for part in (further, thought)
    ]
    table = steering_effects(pl.concat([further, thought, *steered]), human.filter(wave=7), bank)
    keys = ("steering", "reasoning", "reference_steering", "reference_reasoning")
    assert set(table.select(keys).unique().rows()) == {
        ("none", "512", "none", "off"),
        ("persona", "512", "persona", "off"),
        ("persona", "off", "none", "off"),
        ("persona", "512", "none", "512"),
    }
    own = table.filter(country="USA", steering="none").row(0, named=True)
    scores = [
        country_alignment(side, human.filter(wave=7), bank)
        .filter(country="USA")["estimate"][0]
        for side in (nearer, further)
    ]  # fmt: skip
    assert own["estimate"] == pytest.approx(scores[0] - scores[1])
    assert own["estimate"] > 0
