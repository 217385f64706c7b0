from __future__ import annotations

import json

from doxa.questionnaire.question_records import FIELDS, json_lines, question_record


def test_a_record_has_every_field_in_order() -> None:
    record = question_record("Q1", "Why?", [(2, "Ja"), (1, "いいえ")], "nominal")
    assert tuple(record) == FIELDS
    assert record == {
        "id": "Q1", "question": "Why?", "choices": ["Ja", "いいえ"], "choice_keys": ["2", "1"],
        "answer": "", "type": "nominal",
    }  # fmt: skip


def test_lines_hold_letters_as_they_are() -> None:
    records = [question_record("Q1", "なぜ?", [(1, "a"), (2, "b")], "ordinal")] * 2
    text = json_lines(records)
    assert "なぜ" in text
    assert [json.loads(line) for line in text.splitlines()] == records
    assert json_lines([]) == ""
