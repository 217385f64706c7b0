from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import SurveyError
from doxa.survey import read_survey
from doxa.survey.respondents import first_appearances

from .truth import assert_true, tabulated

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey import Synthetic


BAD = {
    "B_COUNTRY_ALPHA": ("ZZZ", r"row 5: B_COUNTRY_ALPHA 'ZZZ' is not a country"),
    "W_WEIGHT": (-0.5, r"row 5: weight W_WEIGHT is -0.5: a weight must be a number above 0"),
    "A_WAVE": (None, r"row 5: A_WAVE None is not a wave"),
    "Q1": ("Enormously", r"a.csv, Q1: 'Enormously': labels without a code; known are: very imp"),
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


@pytest.mark.parametrize("weight", ["0", "nan", "inf", "heavy", ""])
def test_weights_must_be_numbers_above_zero(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, weight: str
) -> None:
    made.frame.with_columns(W_WEIGHT=pl.lit(weight)).write_csv(tmp_path / "a.csv")
    with pytest.raises(SurveyError, match=r"row 0: weight W_WEIGHT is .*a number above 0"):
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


def test_unweighted_on_request(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    made.frame.drop("W_WEIGHT").write_csv(path)
    with pytest.raises(SurveyError, match="no variable W_WEIGHT for the weight"):
        read_survey(path, some_items)
    counts = read_survey(path, some_items, weighted=False).microdata.counts()
    assert counts["n"].to_list() == counts["weighted_n"].to_list()


def test_a_respondent_counts_once_in_a_country_and_wave() -> None:
    frame = pl.DataFrame({"id": [1, 1, 1, None, None]})
    keys = pl.DataFrame({"survey": "S", "wave": [7, 7, 6, 7, 7], "country": "JPN"})
    assert first_appearances(frame, keys, "id").tolist() == [True, False, True, True, True]
    assert first_appearances(frame, keys, None).all()
