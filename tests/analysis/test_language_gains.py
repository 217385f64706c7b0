from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from analysis.made_models import blend, model_from
from doxa.analysis import adjust_p_values, country_alignment, language_gains, own_language
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


@pytest.fixture(scope="module")
def model(human: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([
        blend(model_from(human, "USA"), 0.1),
        blend(model_from(human, "COL", language="es"), 0.3),
        blend(model_from(human, "JPN", language="ja"), 0.4),
    ])  # fmt: skip


@pytest.fixture(scope="module")
def table(model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    return language_gains(model, human, bank)


def test_every_language_is_compared_for_every_country(
    table: pl.DataFrame, model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    scores = country_alignment(model, human, bank)
    known = {(row["language"], row["country"]): row["estimate"]
             for row in scores.iter_rows(named=True)}  # fmt: skip
    assert sorted(table["language"].unique()) == ["es", "ja"]
    assert table.height == 2 * scores["country"].n_unique()
    for row in table.iter_rows(named=True):
        place = row["country"]
        gain = known[row["language"], place] - known["en", place]
        assert row["estimate"] == pytest.approx(gain, abs=1e-12)
        assert row["low"] <= row["estimate"] <= row["high"]
    assert table["p_adjusted"].to_list() == pytest.approx(
        adjust_p_values(table["p_value"]).tolist()
    )


def test_the_own_language_agrees_with_its_own_table(
    table: pl.DataFrame, model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    own = own_language(model, human, bank).filter(measure="own − reference", is_mean=False)
    both = own.join(table.filter("is_own"), on="country", suffix="_here")
    assert sorted(both["country"]) == ["COL", "JPN"]
    for name in ("estimate", "low", "high", "p_value"):
        assert both[name].to_list() == pytest.approx(both[f"{name}_here"].to_list())


def test_without_the_reference_the_first_language_stands_in(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    table = language_gains(model.filter(pl.col("language") != "en"), human, bank)
    assert table.select("language", "reference_language").unique().rows() == [("ja", "es")]


def test_one_language_or_steered_answers_alone_are_no_data(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    with pytest.raises(NoDataError, match="--languages en,main"):
        language_gains(model.filter(language="en"), human, bank)
    with pytest.raises(NoDataError):
        language_gains(model.with_columns(steering=pl.lit("persona")), human, bank)
