from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.questionnaire import QuestionBank
from doxa.survey.codes import answer_codes
from doxa.survey.labels import label_table, words_of
from doxa.survey.matching import match_label, missing_code, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire.item import Item

ITEMS = QuestionBank.load().items


def code_of(text: str, item: str) -> int | None:
    codes = {*answer_codes(ITEMS[item]), -1, -2, -3, -4, -5}
    return match_label(text, label_table(ITEMS[item]), lambda n: n if n in codes else None)


@pytest.mark.parametrize(
    ("text", "item", "code"),
    [
        # a code in braces, before or after the words
        ("The government should take more responsibility to ensure that everyone is provided "
         "for{1}", "Q108", 1),
        ("Private ownership of business should be increased{1}", "Q107", 1),
        ("Completely agree {10}", "Q160", 10),
        ("Completely disagree (10)", "Q176", 10),
        ("1. Very important", "Q1", 1),
        ("2 - Rather important", "Q1", 2),
        ("(3) Not very important", "Q1", 3),
        ("4 Not at all important", "Q1", 4),
        ("-1: Don't know", "Q1", -1),
        ("Some step{7}", "Q182", 7),
        # spelling
        ("VERY  important.", "Q1", 1),
        ("Don’t mind", "Q43", 2),
        ("It is against democracy – spontaneous", "Q241", 0),
        ("Hard work doesn´t generally bring success - it´s more a matt", "Q110", 10),
        ("Protecting environment{A}", "Q111", 1),
        ("Muy interesado", "Q199", 1),
        # a note about one country explains the general part
        ("Disagree; SG: Unsure", "Q27", 3),
        ("Don´t know; SG: Unsure{Don´t know}", "Q27", -1),
        ("Economic growth and creating jobs should be the top priority, even if the environment "
         "suffers to some extent", "Q111", 2),
    ],
)  # fmt: skip
def test_labels_as_files_write_them(text: str, item: str, code: int) -> None:
    assert code_of(text, item) == code


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Important", "Q1"),  # a step of another scale
        ("CO: Very important", "Q1"),  # one country's own answer
        ("Agree somewhat", "Q27"),  # begins like "agree"
        ("Very important{2}", "Q1"),  # words and code contradict each other
        ("Agree{Disagree}", "Q27"),
        ("3. Very important", "Q1"),
        ("Very important{No answer}", "Q1"),
        ("Something{11}", "Q182"),
        ("2 children", "Q1"),
        ("Not", "Q1"),
        ("Don't agree", "Q27"),
    ],
)
def test_what_is_not_certain_is_not_read(text: str, item: str) -> None:
    assert code_of(text, item) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Don't -9:-2", -1),
        ("Don´t know,NA", -1),
        ("Dont know", -1),
        ("Don t know", -1),
        ("DK/NA", -1),
        ("No sabe", -1),
        ("No answer{NA}", -2),
        ("No answer/refused", -2),
        ("No answer; Missing", -2),
        ("No answer;SG: Refused", -2),
        ("Refused to answer", -2),
        ("INAP: Postal survey", -3),
        ("Not applicable; No spouse/partner", -3),
        ("N/A", -3),
        ("Not asked in survey", -4),
        ("Not asked", -4),
        ("Missing; Not asked by the interviewer", -5),
        ("Missing;Unknown", -5),
        ("Missing, Not available", -5),
        ("Missing; Not available{Missing}", -5),
        ("Other missing; Multiple answers Mail (EVS) {other missing}{Missing}", -5),
        ("HT: Dropped out survey; RU: Inappropriate response{Inappropriate}", -5),
        ("DE,SE:Inapplicable ; RU:Inappropriate response", -5),
        ("BH: Missing", -5),
        ("SG: Refused", -2),
        ("Missing; MX: Neither good nor bad; Not asked by the interviewer", -5),
        (".", -5),
        ("-", -5),
    ],
)
def test_reasons_that_answers_are_missing(text: str, code: int) -> None:
    assert code_of(text, "Q1") == code


@pytest.mark.parametrize("text", ["Narrowly", "MX: Neither good nor bad", "Nothing", "Mission"])
def test_words_that_give_no_reason(text: str) -> None:
    assert missing_code(text) is None


LABELS = [
    (item, code, word)
    for item in ITEMS.values()
    for code, words in words_of(item).items()
    for word in words
]


@given(
    st.sampled_from(LABELS),
    st.sampled_from(["{}", " {} ", "{}.", "{}{{{code}}}", "{code}. {}"]),
    st.sampled_from([str, str.upper, str.lower]),
)
def test_a_known_label_is_never_another_answer(
    known: tuple[Item, int, str], form: str, case: type[str]
) -> None:
    item, code, word = known
    assert code_of(form.format(case(word), code=code), item.id) == code
    assert code_of(f"{word}{{{code + 1}}}", item.id) is None


@given(st.sampled_from(LABELS), st.text(max_size=60))
def test_any_text_is_read_or_left(known: tuple[Item, int, str], text: str) -> None:
    item = known[0]
    code = code_of(text, item.id)
    assert code is None or code in answer_codes(item) or -5 <= code <= -1


def test_nearest_labels(items: Mapping[str, Item]) -> None:
    labels = {word: code for code, words in words_of(items["Q1"]).items() for word in words}
    assert nearest("Quite importent", labels)[0] == "Quite important"
    assert nearest("xyz", labels) == []


@pytest.mark.parametrize("text", [" " * 10**6, "(" * 10**6, "{" * 10**6, "1 " * 10**6, "a" * 10**6])
def test_a_text_of_a_million_letters_is_no_label(text: str) -> None:
    assert code_of(text, "Q1") is None
    assert missing_code(text) is None
    assert nearest(text, {"Very important": 1}) == []


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Rather not important", "Q1"),
        ("Rather not happy", "Q46"),
        ("Rather not", "Q6"),
        ("Rather not interested", "Q199"),
        ("Rather not secure", "Q131"),
        ("Rather not close", "Q259"),
        ("Prefer not important", "Q1"),
        ("Unknown God", "Q173"),
        ("Not included in society", "Q1"),
        ("Not sure about it", "Q27"),
        ("Not sure{5}", "Q240"),
        ("Missing{1}", "Q1"),
        ("Unsure, can't be too careful", "Q57"),
        ("Not applicable; against democracy", "Q241"),
        ("Filtered water", "Q1"),
        ("Refuse refugees", "Q27"),
    ],
)
def test_a_label_that_may_be_an_answer_is_not_missing(text: str, item: str) -> None:
    assert code_of(text, item) is None


def test_no_answer_that_is_known_begins_like_a_missing_one() -> None:
    for item, code, word in LABELS:
        assert missing_code(word) is None, (item.id, code, word)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Rather not say", -2), ("Prefer not to answer", -2), ("Not sure (spontaneous)", -1),
        ("{Don't know}", -1),
        ("Unknown; not in the file", -5), ("DK/NA", -1), ("Can't choose", -1), ("Refuse", -2),
        ("Multiple answers - mail", -5), ("Not included, DE", -4),
    ],
)  # fmt: skip
def test_words_that_stand_alone_or_say_all(text: str, code: int) -> None:
    assert code_of(text, "Q1") == code
