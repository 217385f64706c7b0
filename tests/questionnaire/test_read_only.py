"""What holds read-only mappings reaches other processes whole."""

from __future__ import annotations

import pickle
import shutil
from typing import TYPE_CHECKING

import pytest

from doxa.questionnaire import QuestionBank
from doxa.questionnaire.bank import SHIPPED
from doxa.questionnaire.read_only import read_only

if TYPE_CHECKING:
    from pathlib import Path


def test_a_copy_is_read_only() -> None:
    original = {1: "a"}
    copy = read_only(original)
    original[1] = "b"
    assert copy == {1: "a"}
    with pytest.raises(TypeError):
        copy[1] = "c"  # type: ignore[index]


def test_items_and_questions_are_pickled() -> None:
    bank = QuestionBank.load()
    item, question = bank.items["Q122"], bank.question("Q122", "ja")
    assert pickle.loads(pickle.dumps(item)) == item
    assert pickle.loads(pickle.dumps(question)) == question


def test_the_shipped_questionnaire_is_pickled_by_its_name() -> None:
    assert pickle.loads(pickle.dumps(QuestionBank.load())) is QuestionBank.load()


def test_any_other_questionnaire_is_pickled_with_its_content(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for file in ("items", "countries", "en"):
        shutil.copy(SHIPPED / f"{file}.toml", folder)
    mine = QuestionBank.load(folder)
    question = mine.question("Q1", "en")
    data = pickle.dumps(mine)
    shutil.rmtree(folder)
    theirs = pickle.loads(data)
    assert theirs.items == mine.items
    assert theirs.question("Q1", "en") == question
