from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from doxa.errors import QuestionnaireError
from doxa.prompt import Condition, export_questions, import_questions, render
from doxa.questionnaire import QuestionBank

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()


def own_bank(folder: Path, language: str, toml: str) -> QuestionBank:
    for name in ("items.toml", "countries.toml"):
        shutil.copy(BANK.path / name, folder / name)
    (folder / f"{language}.toml").write_text(toml, encoding="utf-8")
    return QuestionBank.load(folder)


@pytest.mark.parametrize("format", ["jsonl", "csv"])
@pytest.mark.parametrize("language", BANK.languages)
def test_what_is_exported_is_imported_alike(tmp_path: Path, language: str, format: str) -> None:  # noqa: A002
    path = tmp_path / f"edited.{format}"
    path.write_text(export_questions(BANK, language, format=format), encoding="utf-8")
    read = import_questions(path, language, bank=BANK)
    assert (read.missing, read.unknown) == ((), ())
    assert read.report() == "read 144 items"
    bank = own_bank(tmp_path, language, read.toml)
    for item in BANK.items:
        theirs, ours = bank.question(item, language), BANK.question(item, language)
        assert (theirs.text, theirs.labels) == (ours.text, ours.labels)
    condition = Condition(language, "persona", "JPN")
    assert render("Q1", condition, bank=bank) == render("Q1", condition, bank=BANK)


def test_a_partial_file_is_reported(tmp_path: Path) -> None:
    rows = [
        {"id": "Q57", "question": "Trust?", "choices": ["Yes", "No"], "choice_keys": ["1", "2"]},
        {"id": "Q999", "question": "What?", "choices": ["Yes", "No"], "choice_keys": ["1", "2"]},
        {
            "id": "Q46",
            "question": "Happy?",
            "choices": "['A', 'B', 'C', 'D']",
            "choice_keys": "['1', '2', '3', '4']",
            "answer": "",
            "type": "ordinal",
        },
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    read = import_questions(path, "xx", bank=BANK)
    assert read.items == ("Q46", "Q57")
    assert read.unknown == ("Q999",)
    assert len(read.missing) == 142
    assert "missing 142: Q1, Q2" in read.report()
    assert "not in the bank 1: Q999" in read.report()
    bank = own_bank(tmp_path, "xx", read.toml)
    assert bank.items_for("xx") == ("Q46", "Q57")
    assert bank.question("Q46", "xx").labels == ("A", "B", "C", "D")
    with pytest.raises(QuestionnaireError, match=r"prompt\.instruction: is missing"):
        render("Q57", Condition("xx"), bank=bank)


def test_options_listed_in_another_order_keep_their_codes(tmp_path: Path) -> None:
    row = {
        "id": "Q122",
        "question": "Jobs?",
        "choices": ["Unsure", "No", "Yes"],
        "choice_keys": ["1", "0", "2"],
    }
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    read = import_questions(path, "xx", bank=BANK)
    question = own_bank(tmp_path, "xx", read.toml).question("Q122", "xx")
    assert [question.label(code) for code in (0, 1, 2)] == ["No", "Unsure", "Yes"]


GOOD = {"id": "Q57", "question": "Trust?", "choices": ["Yes", "No"], "choice_keys": ["1", "2"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"question": ""}, "item Q57 has no question"),
        ({"choices": ["Yes"]}, "1 choices for 2 keys"),
        ({"choices": ["Yes", " "]}, "needs a choice for each key of 1, 2"),
        ({"choices": ["Yes", "No", "?"], "choice_keys": ["1", "2", "3"]}, "has no code 3"),
        ({"choices": "Yes, No"}, "choices is not a list: write it as JSON"),
        ({"choices": 7}, "choices is not a list: write one"),
    ],
)
def test_a_wrong_row_is_an_error(tmp_path: Path, change: dict[str, object], message: str) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("\n" + json.dumps(GOOD | change), encoding="utf-8")
    with pytest.raises(QuestionnaireError) as caught:
        import_questions(path, "xx", bank=BANK)
    assert str(caught.value).startswith(f"{path}, line 2: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("mine.txt", b"", "is neither .jsonl nor .csv"),
        ("mine.jsonl", b"\xff", "is not UTF-8"),
        ("mine.jsonl", b"{", "line 1: is not JSON"),
        ("mine.jsonl", b"[1]", "line 1: is not a JSON object"),
        ("mine.jsonl", (json.dumps(GOOD) + "\n").encode() * 2, "item Q57 is there twice"),
        ("mine.csv", b"id,question\nQ57,Trust?\n", "line 2: choices is not a list"),
    ],
)
def test_a_wrong_file_is_an_error(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(QuestionnaireError) as caught:
        import_questions(path, "xx", bank=BANK)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(QuestionnaireError, match="cannot be read"):
        import_questions(tmp_path / "none.csv", "en", bank=BANK)


def test_an_unknown_format() -> None:
    with pytest.raises(QuestionnaireError, match="no format 'xml'"):
        export_questions(BANK, "en", format="xml")
