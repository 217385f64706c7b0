from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa._core import FIRST_MISSING
from doxa.survey.codes import UNKNOWN_VALUE, answer_codes, encode
from doxa.survey.layout import Variable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.questionnaire.item import Item


def codes_of(
    cells: Sequence[object], item: Item, place: Variable | None = None
) -> list[int | None]:
    """Encode cells, and return the result: the answer's code, or a missing code."""
    place = place or Variable(item.id)
    compact = encode(pl.Series(cells), item, place).codes.tolist()
    answers = answer_codes(item)
    return [
        answers[c] if c < len(answers) else None if c == UNKNOWN_VALUE else c - 256 for c in compact
    ]


def test_numbers(items: Mapping[str, Item]) -> None:
    assert codes_of([1, 4, 5, -1, -5, -7, 300, None], items["Q1"]) == [
        1, 4, None, -1, -5, None, None, -5,
    ]  # fmt: skip
    assert codes_of([1.0, 1.5, float("nan"), -2.0], items["Q1"]) == [1, None, -5, -2]


def test_both_ways_to_agree_strongly(items: Mapping[str, Item]) -> None:
    for name in ("Q27", "Q33", "Q119"):
        agree = codes_of(["Strongly agree", "Agree strongly", "agree  strongly"], items[name])
        assert agree == [1, 1, 1]
        worst = 5 if name == "Q33" else 4
        assert codes_of(["Disagree strongly", "Strongly disagree"], items[name]) == [worst, worst]


@pytest.mark.parametrize("name", ["Q142", "Q147", "Q148"])
def test_a_great_deal_of_worry_is_the_second_step(items: Mapping[str, Item], name: str) -> None:
    assert codes_of(["Very much", "A great deal"], items[name]) == [1, 2]
    assert codes_of(["A great deal"], items["Q65"]) == [1]


def test_suffixes_in_braces_are_dropped(items: Mapping[str, Item]) -> None:
    cells = ["Never justifiable{1}", "Always justifiable {10}", "5", "Don\u00b4t know{-1}"]
    assert codes_of(cells, items["Q182"]) == [1, 10, 5, -1]


@pytest.mark.parametrize("name", [f"Q{number}" for number in range(241, 250)])
def test_against_democracy_is_code_0_off_the_scale(items: Mapping[str, Item], name: str) -> None:
    cells = ["It is against democracy (spontaneous)", "0"]
    assert codes_of(cells, items[name]) == [0, 0]
    assert 0 not in items[name].scale.codes


def test_the_many_words_for_missing(items: Mapping[str, Item]) -> None:
    cells = {
        "Don't know": -1,
        "No answer": -2,
        "Not applicable": -3,
        "Not asked in survey": -4,
        "Don't know/ Unsure": -1,
        "NA": -2,
        "INAP; Mother does not live in country": -3,
        "Missing; Unknown": -5,
        "Missing; Not available": -5,
        "HT: Dropped out survey; RU: Inappropriate response{Inappropriate}": -5,
        "": -5,
    }
    assert codes_of(list(cells), items["Q1"]) == list(cells.values())


def test_what_no_table_knows_is_told_and_costs_its_cells_only(items: Mapping[str, Item]) -> None:
    assert UNKNOWN_VALUE == FIRST_MISSING
    cells = ["Narrowly", "Very important", "Narrowly", "7", "No answer", None]
    encoded = encode(pl.Series(cells), items["Q1"], Variable("Q1"))
    assert encoded.unknown == {"Narrowly": 2, "7": 1}
    assert codes_of(cells, items["Q1"]) == [None, 1, None, None, -2, -5]
    numbers = encode(pl.Series([1.0, 7.0, 7.0, -9.0, 1.5]), items["Q1"], Variable("Q1"))
    assert numbers.unknown == {"7": 2, "-9": 1, "1.5": 1}


def test_the_users_own_labels_go_first(items: Mapping[str, Item]) -> None:
    own = {"narrowly": 3, "very important": 2, "7": -2}
    for cells in (["Narrowly", "Very important!", "7"],):
        encoded = encode(pl.Series(cells), items["Q1"], Variable("Q1"), labels=own)
        assert not encoded.unknown
        assert encoded.codes.tolist() == [2, 1, 254]
    assert encode(pl.Series([7, 1]), items["Q1"], Variable("Q1"), labels=own).codes.tolist() == [
        254,
        0,
    ]


def test_moral_rules_run_from_agreeing_to_disagreeing(items: Mapping[str, Item]) -> None:
    ends = ["Completely agree", "Completely disagree"]
    assert codes_of(ends, items["Q176"]) == [1, 10]
    assert codes_of(ends, items["Q160"]) == [10, 1]


def test_codes_of_the_file_may_differ(items: Mapping[str, Item]) -> None:
    place = Variable("A124_02", codes={1: 1, 0: 2}, missing={9: -2})
    assert codes_of([1, 0, 2, 9], items["Q19"], place) == [1, 2, None, -2]
