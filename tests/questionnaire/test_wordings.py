"""What can be checked of the further wordings of a language without knowing it."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from doxa.questionnaire import QuestionBank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.questionnaire import Language

BANK = QuestionBank.load()
WORDED = ("ar", "en", "es", "ja", "ru", "zh")
UNSPACED = ("ja", "zh")
ENDS = re.compile(r"[.?。？؟]([”»])?$|[？。]」?$")


@pytest.fixture(params=WORDED)
def language(request: pytest.FixtureRequest) -> Language:
    return BANK.language(request.param)


def wordings(language: Language) -> Iterator[tuple[str, dict[str, str]]]:
    """Each item with the texts of all its wordings."""
    for item, question in language.questions.items():
        further = {name: texts[item] for name, texts in language.wordings.items()}
        yield item, {"a": question.text, **further}


def parts(language: Language, text: str) -> list[str]:
    """Split a text into words; one without spaces between them into pairs of letters."""
    if language.code in UNSPACED:
        return [text[i : i + 2] for i in range(0, len(text), 2)]
    return text.split()


def test_six_languages_have_two_further_wordings_of_every_item() -> None:
    worded = {code for code in BANK.languages if BANK.language(code).wordings}
    assert worded == {*WORDED}
    for code in WORDED:
        assert [*BANK.language(code).wordings] == ["b", "c"]
        for texts in BANK.language(code).wordings.values():
            assert tuple(texts) == tuple(BANK.items)


def test_their_review_is_stated_apart_from_that_of_the_language(language: Language) -> None:
    assert language.wordings_review.date is not None


def test_a_wording_is_another_sentence_not_another_word(language: Language) -> None:
    for item, texts in wordings(language):
        for one, other in combinations(texts.values(), 2):
            a, b = parts(language, one), parts(language, other)
            blocks = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
            differing = max(len(a), len(b)) - sum(block.size for block in blocks)
            assert differing >= 3, f"{item}: {one} / {other}"


def test_a_wording_gives_away_no_label_that_the_question_does_not(language: Language) -> None:
    for item, texts in wordings(language):
        for label in language.questions[item].labels:
            # a shorter one is a common word, as yes or much
            if len(label) > (6 if language.code in UNSPACED else 18):
                shown = {
                    name for name, text in texts.items() if label.casefold() in text.casefold()
                }
                assert not shown or "a" in shown, f"{item}: {label}"


def test_a_wording_is_about_as_long_as_the_question(language: Language) -> None:
    for item, texts in wordings(language):
        own = len(texts["a"])
        for name, text in texts.items():
            # a question of a few words can hardly be said in other few words
            assert 0.5 * own < len(text) < 2.5 * own + 30, f"{item}, {name}: {text}"


def test_a_wording_ends_and_closes_what_it_opens(language: Language) -> None:
    pairs = ("()", "（）", "«»", "「」", "“”") + (("¿?",) if language.code == "es" else ())
    for item, texts in wordings(language):
        for name in language.wordings:
            assert ENDS.search(texts[name]), f"{item}, {name}: {texts[name]}"
            for opening, closing in pairs:
                assert texts[name].count(opening) == texts[name].count(closing), f"{item}, {name}"


def test_a_statement_is_quoted_in_every_wording(language: Language) -> None:
    quotes = re.compile("[“«「]")
    for item, texts in wordings(language):
        if item in ("Q57", "Q240") or not quotes.search(texts["a"]):
            continue
        assert all(quotes.search(text) for text in texts.values()), item


@pytest.mark.parametrize("code", BANK.languages)
def test_a_polite_opening_is_a_sentence_before_the_question(code: str) -> None:
    polite = BANK.language(code).prompt["polite"]
    assert isinstance(polite, str)
    before, _, after = polite.partition("{question}")
    assert (len(before.strip()) > 3, after) == (True, "")
    spaced = "" if code in ("ja", "zh", "zh-Hant") else " "
    stop = "" if code == "th" else "[.。।።։။۔]"
    assert re.search(rf"\S{stop}{spaced}$", before)
