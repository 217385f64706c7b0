from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from analysis.made_models import blend, model_from
from doxa.analysis import Settings, nearest_wave, wave_alignment
from doxa.analysis.time import scores_of_waves

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


def of_wave(human: pl.DataFrame, wave: int) -> pl.DataFrame:
    """A model that answers as the Japanese did in one wave."""
    answers = human.filter(country="JPN", wave=wave).select("question", "probabilities")
    made = model_from(human, "JPN")
    return made.drop("probabilities").join(answers, on="question").select(made.columns)


@pytest.mark.parametrize(("wave", "years"), [(5, (2004, 2009)), (6, (2010, 2016))])
def test_a_model_that_answers_as_in_a_wave_is_surely_nearest_to_it(
    human: pl.DataFrame, bank: QuestionBank, wave: int, years: tuple[int, int]
) -> None:
    row = nearest_wave(of_wave(human, wave), human, bank).row(
        by_predicate=pl.col("country") == "JPN", named=True
    )
    assert (row["nearest"], row["low"], row["high"]) == (wave, wave, wave)
    assert (row["first_year"], row["last_year"]) == years
    assert sum(row["probabilities"]) == pytest.approx(1)
    assert row["probabilities"][row["waves"].index(wave)] == 1
    assert row["note"] == ""


def test_the_interval_is_of_the_nearest_wave_of_each_replicate(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = blend(of_wave(human, 5), 0.6)
    table = nearest_wave(model, human, bank)
    scores, _ = scores_of_waves(model, human, bank, None, Settings())
    _, replicates = scores.means()
    beside = wave_alignment(model, human, bank)
    for row in table.iter_rows(named=True):
        groups = (scores.groups["country"] == row["country"]).arg_true()
        waves = scores.groups["wave"][groups].to_numpy()
        drawn = waves[replicates[groups.to_numpy()].argmax(axis=0)]
        ordered = np.sort(drawn)
        assert row["low"] == ordered[int(np.ceil(0.025 * drawn.size)) - 1]
        assert row["high"] == ordered[int(np.ceil(0.975 * drawn.size)) - 1]
        of_country = beside.filter(country=row["country"]).sort("wave")
        assert row["probabilities"] == pytest.approx(of_country["p_nearest"].to_list())
        assert of_country.filter("nearest")["wave"].to_list() == [row["nearest"]]
        every = (row["low"], row["high"]) == (5, 7)
        assert ("any of these waves" in row["note"]) == every


def test_one_item_has_a_nearest_wave_without_interval(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    table = nearest_wave(model_from(human, "USA"), human.filter(question="Q1"), bank)
    assert table["nearest"].null_count() == 0
    assert table["low"].null_count() == table["probabilities"].null_count() == table.height
    assert table["note"].str.contains("one item").all()


def test_other_surveys_have_no_years(human: pl.DataFrame, bank: QuestionBank) -> None:
    own = human.with_columns(survey=pl.lit("own"))
    table = nearest_wave(model_from(human, "USA"), own, bank)
    assert table["first_year"].null_count() == table["last_year"].null_count() == table.height
    assert table["nearest"].null_count() == 0
