from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from analysis.made_models import model_from
from doxa.analysis import Settings, wave_alignment, wave_shift
from doxa.analysis.time import STILL, harmonised
from doxa.errors import NoDataError
from doxa.score import alignment_matrix

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


def of_wave(human: pl.DataFrame, wave: int) -> pl.DataFrame:
    """A model that answers as the Japanese did in one wave."""
    answers = human.filter(country="JPN", wave=wave).select("question", "probabilities")
    return (
        model_from(human, "JPN").drop("probabilities").join(answers, on="question")
        .select(*model_from(human, "JPN").columns)
    )  # fmt: skip


def test_countries_and_items_are_those_of_all_waves(human: pl.DataFrame) -> None:
    kept = harmonised(human)
    assert sorted(kept["country"].unique()) == ["COL", "JPN", "USA"]
    per = kept.group_by("country", "wave").agg(pl.col("question").sort())
    assert per.height == 9
    assert per["question"].n_unique() == 1


@pytest.mark.parametrize("wave", [5, 6, 7])
def test_a_model_that_answers_as_in_a_wave_is_nearest_to_it(
    human: pl.DataFrame, bank: QuestionBank, wave: int
) -> None:
    table = wave_alignment(of_wave(human, wave), human, bank).filter(country="JPN")
    row = table.filter("nearest").row(0, named=True)
    assert (row["wave"], row["estimate"], row["p_nearest"]) == (wave, pytest.approx(1), 1.0)
    assert table["p_nearest"].sum() == pytest.approx(1)
    shifts = wave_shift(of_wave(human, wave), human, bank).filter(country="JPN")
    last = shifts.filter(wave=7)["estimate"].item()
    if wave == 5:
        assert shifts["estimate"].to_list() == pytest.approx([-1, -1])
        assert shifts["nearest"].to_list() == [False, False]
        assert shifts["p_nearest"].to_list() == [0, 0]
    elif wave == 7:
        assert last == pytest.approx(1)
        assert shifts.filter(wave=7)["nearest"].item()
    else:
        assert -1 < last < 1


def test_the_shift_agrees_with_numpy(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = model_from(human, "USA")
    table = wave_shift(model, human, bank)
    kept = harmonised(human)
    answered = model.filter(pl.col("question").is_in(kept["question"].unique().implode()))
    rows = pl.concat([
        kept.select("question", "probabilities",
                    who=pl.concat_str("country", "wave", separator=" ")),
        answered.select("question", "probabilities", who=pl.lit("model")),
    ])  # fmt: skip
    scales = [bank.items[name].scale for name in rows["question"]]
    matrix = alignment_matrix(
        rows["probabilities"], groups=rows["who"], items=rows["question"],
        scale=[s.kind for s in scales], positions=[s.positions for s in scales],
    )  # fmt: skip
    a = {(row["group"], name): row[name] for row in matrix.iter_rows(named=True)
         for name in matrix.columns[1:]}  # fmt: skip
    for country, wave, estimate, moved in table.select(
        "country", "wave", "estimate", "moved"
    ).iter_rows():
        then, now = f"{country} 5", f"{country} {wave}"
        assert moved == pytest.approx(1 - a[then, now])
        expected = (a["model", now] - a["model", then]) / (1 - a[then, now])
        assert estimate == pytest.approx(expected, abs=1e-10)
    inside = table.select(pl.col("low", "high").is_between(-1, 1).all())
    assert inside.row(0) == (True, True)
    assert (table["moved"] > table["moved_by_chance"]).all()


def test_people_who_did_not_move_are_noted(human: pl.DataFrame, bank: QuestionBank) -> None:
    seven = human.filter(wave=7, country="JPN")
    still = pl.concat([seven.with_columns(wave=pl.lit(w, human["wave"].dtype)) for w in (6, 7)])
    row = wave_shift(model_from(human, "USA"), still, bank).row(0, named=True)
    assert (row["estimate"], row["moved"], row["note"]) == (None, 0, STILL)


def test_respondents_may_be_drawn(human: pl.DataFrame, bank: QuestionBank) -> None:
    few = human.filter(pl.col("question").is_in(["Q1", "Q2", "Q3", "Q57", "Q69", "Q70"]))
    table = wave_alignment(
        model_from(human, "USA"),
        few,
        bank,
        settings=Settings(resample=("items", "respondents"), n_resamples=100),
    )
    assert table["resampled"].unique().to_list() == ["items, respondents"]
    np.testing.assert_allclose(table.group_by("country").agg(pl.col("p_nearest").sum())[:, 1], 1)


def test_an_impossible_comparison_says_why(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = model_from(human, "USA")
    with pytest.raises(NoDataError, match="two or more waves"):
        wave_alignment(model, human.filter(wave=7), bank)
    lacking = human.filter(
        (pl.col("country") == "JPN") & (pl.col("wave") == 6)
        | (pl.col("country") == "USA") & (pl.col("wave") == 7)
    )
    with pytest.raises(NoDataError, match=r"waves 6, 7 \(JPN: 6; USA: 7\)"):
        wave_alignment(model, lacking, bank)
    one = wave_shift(model, human.filter(question="Q1"), bank)
    assert one["low"].null_count() == one.height
    assert one["note"].str.contains("one item").all()


def test_rows_tell_in_which_waves_people_are_not_weighted(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    usa = human.filter(country="USA", question="Q164")
    weights = usa.with_columns(weighted=pl.col("wave") != 6)
    model = model_from(human, "USA")
    shift = wave_shift(model, weights, bank)
    assert dict(shift.select("wave", "note").iter_rows()) == {
        6: "one item: no interval; weighted in wave 5, not in wave 6",
        7: "one item: no interval",
    }
    told = wave_alignment(model, weights, bank)["note"]
    assert told.str.ends_with("weighted in waves 5, 7, not in wave 6").all()
    plain = weights.with_columns(weighted=pl.lit(value=False))
    assert wave_alignment(model, plain, bank)["note"].str.ends_with("; unweighted").all()
