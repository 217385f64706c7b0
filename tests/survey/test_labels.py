from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

import doxa.survey
from doxa.questionnaire.missing import MISSING_REASONS
from doxa.survey.codes import answer_codes, encode
from doxa.survey.labels import first_labels, label_key, label_table, plain, words_of
from doxa.survey.layout import Variable
from doxa.survey.matching import missing_code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire.item import Item


def test_every_worded_answer_of_every_item_has_a_label(items: Mapping[str, Item]) -> None:
    for item in items.values():
        words = first_labels(item)
        answers = answer_codes(item)
        assert set(item.labelled) | set(item.spontaneous) <= set(words)
        read = encode(pl.Series(list(words.values())), item, Variable(item.id)).codes
        assert [answers[index] for index in read] == list(words)
        assert set(label_table(item).values()) <= set(answers)


def test_every_reason_is_told_by_its_own_words() -> None:
    table = tomllib.loads((Path(doxa.survey.__path__[0]) / "labels.toml").read_text("utf-8"))
    assert {int(code) for code in table["missing"]} == MISSING_REASONS.keys()
    for code, reason in MISSING_REASONS.items():
        assert missing_code(reason) == code
        for words in table["missing"][str(code)]:
            assert missing_code(words) == code


@pytest.mark.parametrize(
    ("label", "stripped"),
    [
        ("Very  Important ", "very important"),
        ("Don\u2019t know", "dont know"),
        ("Don\u00b4t know", "dont know"),
        ("Neither agree,  nor \u2013 disagree.", "neither agree nor disagree"),
        ("LABOUR Unions / organised", "labor unions organized"),
        ("No s\u00e9", "no se"),
        ("", ""),
    ],
)
def test_labels_are_compared_in_a_plain_form(label: str, stripped: str) -> None:
    assert plain(label) == stripped


def test_no_two_answers_of_an_item_share_a_label(items: Mapping[str, Item]) -> None:
    for item in items.values():
        labels = [plain(word) for words in words_of(item).values() for word in words]
        table = label_table(item)
        owners = {(label, table[label]) for label in labels}
        assert len(owners) == len(table) == len(set(labels)), item.id
        by_code = {(plain(w), code) for code, words in words_of(item).items() for w in words}
        assert by_code == set(table.items()), item.id


def test_a_key_keeps_the_sign_of_a_number() -> None:
    assert [label_key(text) for text in (" -7 ", "7", "Don't know")] == ["-7", "7", "dont know"]
