from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from doxa.questionnaire import QuestionBank
from doxa.report.wordings import about_wordings

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()


@pytest.fixture
def bank(tmp_path: Path) -> QuestionBank:
    """A bank with English, and three languages of other reviews."""
    for name in ("items", "countries", "en"):
        text = (BANK.path / f"{name}.toml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    english = (tmp_path / "en.toml").read_text(encoding="utf-8")
    head, rest = english.split("review = ", 1)
    rest = rest.split("\n", 3)[3]
    by_author = '[wordings]\nreview = "author"\nreaders = 0\nreviewed = 2026-11-30\n'
    rest = re.sub(r"\[wordings\]\n(.+\n){3}", by_author, rest)
    for code, name, review in (
        ("xa", "Xanadian", ""),
        ("xb", "Xibalban", 'review = "native"\nreaders = 3\nreviewed = 2027-02-01\n'),
        ("xc", "Xucutean", 'review = "native"\nreaders = 3\nreviewed = 2027-02-01\n'),
    ):
        text = f"{head}{review}{rest}".replace('code = "en"', f'code = "{code}"')
        text = text.replace('english_name = "English"', f'english_name = "{name}"')
        if code == "xa":
            text += '[uncertain]\nQ46 = "two words"\njustifiable = "no such word"\n'
        (tmp_path / f"{code}.toml").write_text(text, encoding="utf-8")
    return QuestionBank.load(tmp_path)


def test_languages_of_one_review_are_told_together(bank: QuestionBank) -> None:
    assert about_wordings(["xc", "en", "xb", "xa", "zz"], ["Q1"], bank) == [
        "The questionnaire’s wording in English was read by 1 other person, on 30 November 2026.",
        "The questionnaire’s wording in Xanadian states no review.",
        "The questionnaire’s wording in Xibalban and Xucutean was read by native speakers: "
        "3 other people, last on 1 February 2027.",
    ]


def test_uncertain_items_that_were_asked_are_listed(bank: QuestionBank) -> None:
    told = about_wordings(["xa"], ["Q57", "Q195", "Q46"], bank)
    assert told[1:] == [
        "In Xanadian, the wording of 2 items is uncertain (Q46, Q195); the scores count them all "
        "the same."
    ]


def test_the_languages_that_come_with_doxa_were_all_read() -> None:
    told = about_wordings(BANK.languages, BANK.items, BANK)
    assert not any("no review" in sentence for sentence in told)


def test_a_rewording_that_was_asked_has_a_review_of_its_own(bank: QuestionBank) -> None:
    told = about_wordings(["xa", "xb", "xc"], ["Q1"], bank, further={"xa", "xb"})
    assert told[-1] == (
        "Its rewording in Xanadian and Xibalban was read again by the author alone, on "
        "30 November 2026."
    )
    assert about_wordings(["xb"], ["Q1"], bank)[-1].startswith("The questionnaire’s wording")
