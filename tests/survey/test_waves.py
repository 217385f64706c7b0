from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import SurveyError
from doxa.survey.waves import decide_wave, wave_named, wave_variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire.item import Item

HAPPINESS = {4: "V11", 5: "V10", 6: "V10", 7: "Q46"}


@pytest.mark.parametrize(
    ("value", "wave"),
    [
        ("2005-2009", 5), ("1999-2004", 4), ("2010-2014", 6), ("2017-2022", 7), ("2017-2021", 7),
        ("1995-1998", 3), (6, 6), ("5.0", 5), ("Wave 7", 7), ("-4", None), ("0", None),
        ("2006", None), ("4" * 25, None), ("4" * 5000, None), (None, None), ("", None),
    ],
)  # fmt: skip
def test_waves_by_number_and_period(value: object, wave: int | None) -> None:
    assert wave_named(value) == wave


def told(
    items: Mapping[str, Item], columns: dict[str, object], *others: str, asked: int | None = None
) -> tuple[int, str, list[str]]:
    headers = [*columns, *others]
    variables = {header.partition(":")[0]: header for header in headers}
    head = pl.DataFrame({name.partition(":")[0]: [value] for name, value in columns.items()})
    return decide_wave(variables, head, items, "file", asked)


def test_the_wave_column_decides_then_the_dates_then_the_variables(
    items: Mapping[str, Item],
) -> None:
    assert told(items, {"V1: Wave": "2005-2009", "FW_START": "200609"})[:2] == (
        5,
        "from V1 (2005-2009)",
    )
    assert told(items, {"FW_START": "201106", "V4": 1})[:2] == (6, "from FW_START (201106)")
    assert told(items, {"V262: Year survey": 2011})[0] == 6
    assert told(items, {"A_YEAR": 2019})[0] == 7
    assert told(items, {"J_INTDATE": 20180405})[0] == 7
    # V1 of another kind, and a date in no wave's years, say nothing
    assert told(items, {"V1: Ballot": "5", "A_YEAR": 2016})[0] == 6
    headed = told(
        items, {}, "V55: How much freedom of choice and control", "V4: Important in life: Family"
    )
    assert headed[:2] == (6, "from the headers of its items")
    assert told(items, {}, "B_COUNTRY_ALPHA", "V4", "V203A")[:2] == (6, "from its variables")
    assert told(items, {}, "Q1")[0] == 7


def test_a_conflict_is_told(items: Mapping[str, Item]) -> None:
    wave, _, notes = told(items, {"V1: Wave": "2005-2009", "FW_START": "201106"})
    assert wave == 5
    assert notes == ["wave 5 from V1 (2005-2009), though FW_START (201106) would make it wave 6"]
    wave, found, notes = told(items, {"V1": 5}, asked=6)
    assert (wave, found) == (6, "as asked")
    assert notes == ["wave 6 as asked, though V1 (5) would make it wave 5"]


def test_headers_win_over_dates_that_no_item_fits(items: Mapping[str, Item]) -> None:
    six = ("V55: How much freedom of choice and control", "V4: Important in life: Family")
    wave, found, notes = told(items, {"FW_START": "201811"}, *six)
    assert (wave, found) == (6, "from the headers of its items")
    assert notes == [f"wave 6 {found}, though FW_START (201811) would make it wave 7"]
    assert told(items, {"FW_START": "200609"}, *six)[0] == 5  # V4 is headed so in wave 5 too
    wave, _, notes = told(items, {"V1: Wave": 5}, *six)
    assert wave == 5
    assert notes == [
        "wave 5 from V1 (5), though the headers of its items would make it wave 6: 2 items are "
        "headed as there, 1 as in wave 5 (see --wave)"
    ]


def test_a_wave_is_asked_for_where_nothing_decides(items: Mapping[str, Item]) -> None:
    for columns in ({}, {"A_YEAR": 2004}, {"V1": "-4"}):
        with pytest.raises(
            SurveyError, match=r"^file: nothing in it says of which wave it is: name"
        ):
            told(items, columns, "V4", "V2")
    assert told(items, {"A_YEAR": 2004}, "V4", asked=5) == (5, "as asked", [])
    with pytest.raises(
        SurveyError, match=r"is of wave 3 \(from V1 \(3\)\): use a file of the waves 4"
    ):
        told(items, {"V1": 3}, "V4")
    with pytest.raises(SurveyError, match=r"is of wave 9 \(as asked\)"):
        told(items, {}, "V4", asked=9)


def test_variables_of_each_wave(items: Mapping[str, Item]) -> None:
    for wave, variable in HAPPINESS.items():
        assert wave_variables(items, wave)["Q46"] == variable
    assert [len(wave_variables(items, wave)) for wave in (4, 5, 6, 7)] == [56, 74, 74, 144]
