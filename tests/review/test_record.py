from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.errors import QuestionnaireError
from doxa.questionnaire import QuestionBank
from doxa.review.record import FIELDS, back_translations, read_record, record_folder, record_text

if TYPE_CHECKING:
    from pathlib import Path


def test_a_record_of_older_columns_is_read_and_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "ja.csv"
    path.write_text("item,back_translation,verdict,change\nQ1,Is family,same,\n", encoding="utf-8")
    [row] = rows = read_record(path)
    assert tuple(row) == FIELDS
    assert (row["back_translation"], row["reviewer"]) == ("Is family", "")
    path.write_text(record_text(rows), encoding="utf-8")
    assert read_record(path) == rows


def test_no_record_has_no_rows_and_one_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    assert read_record(None) == read_record(tmp_path / "none.csv") == []
    (tmp_path / "bad.csv").write_bytes(b"item\n\xff\xfe")
    with pytest.raises(QuestionnaireError, match=r"bad\.csv: cannot be read"):
        read_record(tmp_path / "bad.csv")


def test_a_back_translation_of_words_that_changed_says_so() -> None:
    empty = dict.fromkeys(FIELDS, "")
    read = [
        empty | {"item": "Q1", "back_translation": "Family?", "verdict": "same"},
        empty | {"item": "Q2", "back_translation": "Friend?", "verdict": "changed"},
        empty | {"item": "Q1", "verdict": "same"},
    ]
    found = back_translations(read)
    assert found == {"Q1": "Family?", "Q2": "(before a change) Friend?"}
    again = empty | {"item": "Q2", "verdict": "changed"}
    assert back_translations([*read, again])["Q2"] == "(before a change) Friend?"


def test_a_checkout_has_a_record_of_each_translation() -> None:
    folder = record_folder()
    assert folder is not None
    codes = {path.stem for path in folder.glob("*.csv")}
    assert codes == {*QuestionBank.load().languages} - {"en"}
