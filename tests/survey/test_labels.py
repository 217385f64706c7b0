from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

import doxa.survey
from doxa.questionnaire.missing import MISSING_REASONS
from doxa.survey.codes import answer_codes, encode
from doxa.survey.labels import first_labels, label_table, missing_code, plain
from doxa.survey.layout import Variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire.item import Item


def test_every_worded_answer_of_every_item_has_a_label(items: Mapping[str, Item]) -> None:
    for item in items.values():
        words = first_labels(item)
        answers = answer_codes(item)
        assert set(item.labelled) | set(item.spontaneous) <= set(words)
        read = encode(pl.Series(list(words.values())), item, Variable(item.id), "file")
        assert [answers[index] for index in read] == list(words)
        assert set(label_table(item).values()) <= set(answers)


def test_every_reason_is_told_by_its_own_words() -> None:
    table = tomllib.loads((Path(doxa.survey.__path__[0]) / "labels.toml").read_text("utf-8"))
    assert {int(code) for code in table["missing"]} == MISSING_REASONS.keys()
    for code, reason in MISSING_REASONS.items():
        assert missing_code(reason) == code
        for words in table["missing"][str(code)]:
            assert missing_code(plain(words)) == code


@pytest.mark.parametrize(
    ("label", "stripped"),
    [
        ("Very  Important ", "very important"),
        ("Don\u2019t know{-1}", "don't know"),
        ("Don\u00b4t know", "don't know"),
        ("{a} b", "{a} b"),
        ("", ""),
    ],
)
def test_labels_are_compared_in_a_plain_form(label: str, stripped: str) -> None:
    assert plain(label) == stripped
