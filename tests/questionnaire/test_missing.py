from __future__ import annotations

from doxa.questionnaire import QuestionBank
from doxa.questionnaire.missing import (
    DONT_KNOW,
    LOWEST_NONRESPONSE,
    MISSING_REASONS,
    UNKNOWN,
    UNKNOWN_LABEL,
)


def test_each_code_has_a_reason_of_its_own() -> None:
    assert list(MISSING_REASONS) == [-1, -2, -3, -4, -5]
    assert len(set(MISSING_REASONS.values())) == len(MISSING_REASONS)
    assert MISSING_REASONS[DONT_KNOW] == "don't know"
    assert MISSING_REASONS[UNKNOWN] == "missing or unknown"
    assert min(MISSING_REASONS) > UNKNOWN_LABEL


def test_those_who_were_asked_come_first() -> None:
    asked = [reason for code, reason in MISSING_REASONS.items() if code >= LOWEST_NONRESPONSE]
    assert asked == ["don't know", "no answer"]


def test_no_item_has_an_answer_with_such_a_code() -> None:
    for item in QuestionBank.load().items.values():
        assert not MISSING_REASONS.keys() & {*item.scale.all_codes, *item.spontaneous}
