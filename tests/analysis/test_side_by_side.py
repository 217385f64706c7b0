from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analysis.made_models import blend, model_from
from doxa.analysis import Settings, compare_models, country_alignment, steering_effects
from doxa.analysis.side_by_side import model_differences, steering_means
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

SETTINGS = Settings(n_resamples=200)


@pytest.fixture(scope="module")
def models(human: pl.DataFrame) -> pl.DataFrame:
    """Three models, asked in English and Japanese, and as people of Japan and of Colombia."""
    ways = [
        {},
        {"language": "ja"},
        {"steering": "persona", "target": "JPN"},
        {"steering": "persona", "target": "COL"},
    ]
    return pl.concat([
        blend(model_from(human, way.get("target", "USA"), model=name, **way), share)
        for way in ways
        for name, share in (("ample", 0.2), ("broad", 0.5), ("crude", 0.8))
    ])  # fmt: skip


def test_every_two_models_are_compared_as_by_name(
    models: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    table = model_differences(models, human, bank, settings=SETTINGS)
    assert table.height == 3 * (2 * 4 + 2)
    assert table.select("a", "b").unique().sort("a", "b").rows() == [
        ("ample", "broad"), ("ample", "crude"), ("broad", "crude")
    ]  # fmt: skip
    named = compare_models(models, human, bank, "ample", "crude", settings=SETTINGS)
    keys = ["elicitation", "language", "steering", "target", "country"]
    numbers = ["estimate", "low", "high", "p_value", "n_items"]
    own = table.filter(a="ample", b="crude")
    assert_frame_equal(
        own.sort(keys).select(*keys, *numbers), named.sort(keys).select(*keys, *numbers)
    )


def test_a_long_table_has_the_first_ways_whole(
    models: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    few = model_differences(models, human, bank, most=12, settings=SETTINGS)
    assert few.select("language", "steering").unique().rows() == [("en", "none")]
    assert few.height == 12
    least = model_differences(models, human, bank, most=1, settings=SETTINGS)
    assert_frame_equal(least, few)
    more = model_differences(models, human, bank, most=24, settings=SETTINGS)
    assert set(more["language"]) == {"en", "ja"}
    assert set(more["steering"]) == {"none"}


def test_one_model_has_nothing_beside_it(
    models: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    with pytest.raises(NoDataError, match="no two models"):
        model_differences(models.filter(model="ample"), human, bank, settings=SETTINGS)


def test_a_steering_is_averaged_over_its_countries(
    models: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    table = steering_means(models, human, bank, settings=SETTINGS)
    assert table["n_countries"].to_list() == [2, 2, 2]
    wide = steering_effects(models, human, bank, targets_only=True, settings=SETTINGS)
    for row in table.iter_rows(named=True):
        each = wide.filter(model=row["model"])
        assert row["estimate"] == pytest.approx(each["estimate"].mean())
        assert row["steered"] - row["unsteered"] == pytest.approx(row["estimate"])
        assert row["low"] < row["estimate"] < row["high"]
    scores = country_alignment(models, human, bank, settings=SETTINGS).filter(
        model="broad", steering="persona", country=pl.col("target")
    )
    assert table.filter(model="broad")["steered"].item() == pytest.approx(scores["estimate"].mean())


def test_a_country_with_few_items_is_told(
    models: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    few = human["question"].unique().sort().head(8).implode()
    thin = human.filter((pl.col("country") != "COL") | pl.col("question").is_in(few))
    table = steering_means(models, thin, bank, settings=SETTINGS)
    assert table["n_countries"].to_list() == [1, 1, 1]
    assert set(table["note"].str.contains("countries not in the mean.*: 1$")) == {True}


def test_no_steering_is_told(models: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank) -> None:
    with pytest.raises(NoDataError, match="no steering"):
        steering_means(models.filter(steering="none"), human, bank, settings=SETTINGS)
