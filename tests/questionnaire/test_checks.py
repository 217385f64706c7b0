from __future__ import annotations

from pathlib import Path

from own_questionnaire import TOML

from doxa.questionnaire import QuestionBank
from doxa.questionnaire.checks import remarks, summary

WHERE = Path("mine.toml")


def test_what_it_holds_and_what_may_be_wrong() -> None:
    bank = QuestionBank.of_text(TOML, WHERE)
    assert list(summary(bank)) == [
        "Working life: 3 items",
        "scales: 2 ordinal, 1 nominal",
        "topics: Place 1, Working life 2",
        "English (en): 3 items",
        "Spanish (es): 1 items",
    ]
    assert list(remarks(bank)) == [
        "note: 3 items: intervals need 5 or more, and tell little with few",
        "note: no words in es for best, matter: asked in others alone",
    ]


def test_the_same_words_twice_and_answers_not_offered() -> None:
    text = TOML.replace("How much does work matter to you?", "Where do people work best?")
    text = text.replace("off_scale = [8]", "off_scale = [8]\nspontaneous = [9]")
    found = list(remarks(QuestionBank.of_text(text, WHERE)))
    assert "note: best, matter have the same words in en" in found
    assert found[-1] == "note: best may have answers that are not offered (spontaneous)"
