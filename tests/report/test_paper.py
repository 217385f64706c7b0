from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import made_up_evaluation

from doxa.evaluate import TABLES, make_table
from doxa.evaluate.tables import OF_PERSONAS
from doxa.questionnaire import QuestionBank
from doxa.report.paper import paper_form
from doxa.report.words import Names

NAMES = Names(QuestionBank.load())


@pytest.mark.parametrize("name", sorted(set(TABLES) - set(OF_PERSONAS)))
def test_every_table_fits_a_page_and_keeps_its_rows_apart(name: str) -> None:
    table = make_table(made_up_evaluation(), name)
    if table.is_empty() or table.select(pl.selectors.list()).width:
        return
    shown, _ = paper_form(table, NAMES)
    assert shown.height == table.height
    assert shown.width <= 6
    assert shown.is_duplicated().sum() <= table.drop("note", strict=False).is_duplicated().sum()


def test_estimates_carry_their_intervals() -> None:
    frame = pl.DataFrame(
        {"country": ["JPN", "USA", "COL"], "estimate": [-0.25, None, 0.5],
         "low": [-0.3, None, None],
         "high": [-0.2, None, None], "rank": [1, 2, 3], "rank_low": [1, 1, 2],
         "rank_high": [2, 3, 3], "p_adjusted": [0.00002, 0.0123, 1.0]},
    )  # fmt: skip
    shown, said = paper_form(frame, NAMES)
    assert shown.to_dict(as_series=False) == {
        "country": ["Japan", "United States", "Colombia"],
        "estimate": ["−0.250 [−0.300, −0.200]", None, "0.500"],
        "p (corrected)": ["< 0.001", "0.012", "1.0"],
        "rank": ["1 [1, 2]", "2 [1, 3]", "3 [2, 3]"],
    }
    assert said == ()


def test_what_all_rows_share_is_said_once() -> None:
    frame = pl.DataFrame(
        {"model": ["m", "m"], "sound": [False, False], "wave": [1, 1], "note": ["x", "y"],
         "country": ["JPN", "USA"], **{f"n_{letter}": [1, 2] for letter in "abcdefg"}}
    )  # fmt: skip
    shown, said = paper_form(frame, NAMES)
    assert shown.columns == ["country", "a", "b", "c", "d", "e"]
    assert said == ("Model: m", "Sound: no", "Wave: 1", "The CSV file has 2 further columns")


def test_ways_of_asking_are_named() -> None:
    frame = pl.DataFrame(
        {"elicitation": ["logprobs", "verbalized"], "language": ["en", "ja"],
         "steering": ["none", "persona"], "target": ["", "JPN"], "group": ["", ""],
         "reasoning": ["off", "512"], "reference_language": ["ja", "ja"],
         "reference_steering": ["none", "none"], "estimate": [0.1, 0.2]}
    )  # fmt: skip
    shown, said = paper_form(frame, NAMES)
    assert shown.columns == ["read from", "way of asking", "estimate"]
    assert shown["way of asking"].to_list() == [
        "No steering · English",
        "Persona, Japan · Japanese · thinking, up to 512 tokens",
    ]
    assert said == ("Reference way of asking: No steering · Japanese",)


@given(st.integers(6, 12))
def test_too_many_words_share_a_column(n: int) -> None:
    frame = pl.DataFrame({f"w{i}": ["a", f"b{i}"] for i in range(n)} | {"estimate": [1.0, 2.0]})
    shown, _ = paper_form(frame, NAMES)
    assert shown.width == 6
    assert shown.columns[-1] == "estimate"
    assert shown.item(1, 4) == " · ".join(f"b{i}" for i in range(4, n))
