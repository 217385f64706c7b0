from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from doxa.errors import SurveyError
from doxa.survey import describe, read_survey
from doxa.survey.respondents import first_appearances

from .truth import assert_true, tabulated

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey import Synthetic


BAD = {
    "B_COUNTRY_ALPHA": ("ZZZ", r"row 7: B_COUNTRY_ALPHA 'ZZZ' is not a country"),
    "W_WEIGHT": (-0.5, r"row 7: weight W_WEIGHT is -0.5: a weight must be a number above 0"),
    "A_WAVE": (None, r"row 7: A_WAVE None is not a wave: the file is of wave 7"),
}


@pytest.mark.parametrize("column", BAD)
def test_a_bad_value_is_named(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, column: str
) -> None:
    value, message = BAD[column]
    cells = made.frame[column].cast(pl.String).to_list()
    cells[5] = value
    path = tmp_path / "a.csv"
    made.frame.with_columns(
        pl.Series(column, [None if c is None else str(c) for c in cells])
    ).write_csv(path)
    with pytest.raises(SurveyError, match=message):
        read_survey(path, some_items)


@pytest.mark.parametrize("weight", ["0", "inf", "heavy"])
def test_weights_must_be_numbers_above_zero(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, weight: str
) -> None:
    made.frame.with_columns(W_WEIGHT=pl.lit(weight)).write_csv(tmp_path / "a.csv")
    with pytest.raises(SurveyError, match=r"row 2: weight W_WEIGHT is .*a number above 0"):
        read_survey(tmp_path / "a.csv", some_items)


def test_unweighted_countries_say_so_in_words(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    made.write_xlsx(tmp_path / "a.xlsx", unweighted=["JPN"])
    counts = tabulated(tmp_path / "a.xlsx", some_items)
    japan = counts.filter(country="JPN")
    assert japan["n"].to_list() == japan["weighted_n"].to_list()
    others = pl.col("country") != "JPN"
    assert_true(counts.filter(others), made.truth.filter(others))


def test_a_file_without_weights_is_unweighted_and_says_so(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    whole = tmp_path / "whole.csv"
    made.frame.write_csv(whole)
    for name, frame in {
        "absent": made.frame.drop("W_WEIGHT"),
        "missing": made.frame.with_columns(W_WEIGHT=pl.lit(-4)),
        "empty": made.frame.with_columns(W_WEIGHT=pl.lit("")),
        "not a number": made.frame.with_columns(W_WEIGHT=pl.lit("NaN")),
        "not asked": made.frame.with_columns(W_WEIGHT=pl.lit("Not asked in survey")),
        "a label": made.frame.with_columns(W_WEIGHT=pl.lit("Missing; Not available{-5}")),
        "a number": made.frame.with_columns(W_WEIGHT=pl.lit("-4.0")),
        "words": made.frame.with_columns(W_WEIGHT=pl.lit("No weighting")),
    }.items():
        path = tmp_path / f"{name}.csv"
        frame.write_csv(path)
        report = describe(read_survey(path, some_items))
        assert report.unweighted == tuple(report.populations)
        same = " (W_WEIGHT is 1 for all)" if name == "words" else ""
        assert f"weights      none{same}: every respondent counts once" in report.lines()
        assert ("the file has no column of weights" in report.notes) is (name == "absent")
        nobody = "the weight W_WEIGHT is not given for anyone: every respondent counts once"
        assert (nobody in report.notes) is (name not in {"absent", "words"})
        assert report.policy.endswith("; no weights")
        assert read_survey(path, some_items).microdata.counts()["weighted"].any() is False
    assert describe(read_survey(whole, some_items)).unweighted == ()


@pytest.mark.parametrize("weight", ["", "0", "-4", "-4 ", "Missing; Not available"])
def test_a_row_without_a_weight_is_left_out_and_counted(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, weight: str
) -> None:
    row = pl.col("D_INTERVIEW") == 3
    whole = pl.col("W_WEIGHT").cast(pl.String)
    lacking = made.frame.with_columns(W_WEIGHT=pl.when(row).then(pl.lit(weight)).otherwise(whole))
    lacking.write_csv(tmp_path / "a.csv")
    survey = read_survey(tmp_path / "a.csv", some_items)
    assert survey.excluded["no weight"] == 1
    made.frame.filter(~row).write_csv(tmp_path / "b.csv")
    rest = read_survey(tmp_path / "b.csv", some_items)
    assert survey.microdata.counts().equals(rest.microdata.counts())
    unweighted = read_survey(tmp_path / "a.csv", some_items, weighted=False)
    assert "no weight" not in unweighted.excluded


def test_a_country_without_weights_is_unweighted(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    japan = pl.col("B_COUNTRY_ALPHA") == "JPN"
    made.frame.with_columns(W_WEIGHT=pl.when(japan).then(-4.0).otherwise("W_WEIGHT")).write_csv(
        tmp_path / "a.csv"
    )
    survey = read_survey(tmp_path / "a.csv", some_items)
    assert "no weight" not in survey.excluded
    assert describe(survey).unweighted == ("JPN wave 7",)


@pytest.mark.parametrize("weight", ["1e308", "1e-300", "-7", "1,2,3"])
def test_weights_whose_sums_would_be_wrong_are_refused(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, weight: str
) -> None:
    weights = pl.when(pl.col("D_INTERVIEW") == 3).then(pl.lit(weight)).otherwise(pl.lit("1"))
    made.frame.with_columns(W_WEIGHT=weights).write_csv(tmp_path / "a.csv")
    with pytest.raises(SurveyError, match=r"row 4: weight W_WEIGHT is '?.*from 1e-09 to 1e\+09"):
        read_survey(tmp_path / "a.csv", some_items)


@pytest.mark.parametrize("wave", ["7" * 25, "7" * 5000, "6", "later"])
def test_a_row_of_another_wave_is_named(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, wave: str
) -> None:
    row = pl.col("D_INTERVIEW") == 900
    waves = pl.when(row).then(pl.lit(wave)).otherwise(pl.lit("7"))
    made.frame.with_columns(A_WAVE=waves).write_csv(tmp_path / "a.csv")
    with pytest.raises(
        SurveyError, match=r"row 901: A_WAVE '.{1,40} is (not a|another) wave: the"
    ) as e:
        read_survey(tmp_path / "a.csv", some_items)
    assert len(str(e.value)) < 300
    described = made.frame.select(S002VS=waves, S003="B_COUNTRY", A001="Q1")
    described.write_csv(tmp_path / "b.csv")
    if len(wave) > 5:
        with pytest.raises(SurveyError, match=r"row 901: S002VS '.{1,40} is not a wave"):
            read_survey(tmp_path / "b.csv", some_items)


def test_unweighted_on_request(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    made.frame.drop("W_WEIGHT").write_csv(path)
    made.frame.write_csv(path)
    survey = read_survey(path, some_items, weighted=False)
    assert "the weights in W_WEIGHT are not used" in survey.notes
    counts = survey.microdata.counts()
    assert counts["n"].to_list() == counts["weighted_n"].to_list()


def test_a_respondent_counts_once_in_a_country_and_wave() -> None:
    frame = pl.DataFrame({"id": [1, 1, 1, None, None, 1, 1]})
    keys = pl.DataFrame({"survey": "S", "wave": [7, 7, 6, 7, 7, 7, 7], "country": "JPN"})
    answers = np.array([[1, 2], [1, 2], [1, 2], [1, 2], [1, 2], [1, 3], [1, 3]], dtype=np.uint8)
    keep, n_shared = first_appearances(frame, keys, "id", answers)
    assert keep.tolist() == [True, False, True, True, True, True, False]
    assert n_shared == 1  # the same number, other answers: another person
    keep, n_shared = first_appearances(frame, keys, None, answers)
    assert keep.all()
    assert n_shared == 0
