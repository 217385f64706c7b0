from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.analysis.parts.places import option_places, shown_codes

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


def test_options_off_the_scale_stand_last_and_are_never_first_or_last(bank: QuestionBank) -> None:
    asked = pl.DataFrame({"question": "Q119", "option_order": ["listed", "reversed"]})
    found = option_places(asked, bank)
    back = found.filter(option_order="reversed")
    assert back["codes"].to_list() == [4, 3, 2, 1, 0]
    assert back["place"].to_list() == [0, 1, 2, 3, 4]
    assert back["on_scale"].to_list() == [True] * 4 + [False]
    assert back.filter("first")["codes"].to_list() == [4]
    assert back.filter("last")["codes"].to_list() == [1]
    assert found["n_shown"].unique().to_list() == [5]


def test_an_order_without_a_name_is_a_list_of_codes(bank: QuestionBank) -> None:
    item = bank.items["Q1"]
    assert shown_codes(item, "3 1 2 4") == (3, 1, 2, 4)
    assert shown_codes(item, "3 1 2") == shown_codes(item, "shuffled") == ()
    asked = pl.DataFrame({"question": ["Q1", "nothing"], "option_order": ["shuffled", "listed"]})
    assert option_places(asked, bank).is_empty()
