from __future__ import annotations

import re
import unicodedata

import pytest

from doxa.prompt import SURFACES, Condition, render
from doxa.prompt.surface import PLAIN, clusters, has_surface, with_surface
from doxa.prompt.texts import texts
from doxa.questionnaire import QuestionBank

BANK = QuestionBank.load()
UNSPACED = {"Hans", "Hant", "Jpan", "Thai", "Mymr"}
CASES = [
    (code, surface)
    for code in BANK.languages
    for surface in SURFACES
    if has_surface(surface, BANK.language(code).script)
]


def written(code: str, surface: str) -> list[tuple[str, str, str]]:
    language, polite = BANK.language(code), texts(BANK, code).polite
    return [
        (item, question.text, with_surface(question, surface, language, polite))
        for item, question in language.questions.items()
    ]


def letters(text: str) -> str:
    return "".join(letter for letter in text if unicodedata.category(letter)[0] in "LM")


def without_case(text: str) -> str:
    return text.casefold().replace("i̇", "i").replace("ı", "i")


@pytest.mark.parametrize(("code", "surface"), CASES)
def test_a_surface_changes_every_question_and_keeps_its_words(code: str, surface: str) -> None:
    spaced = BANK.language(code).script not in UNSPACED
    for item, plain, changed in written(code, surface):
        assert (changed == plain) == (surface == PLAIN), item
        if surface == "typos" and spaced:
            before, after = plain.split(), changed.split()
            assert len(before) == len(after)
            other = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
            words = len(re.findall(r"\w+", plain))
            assert 1 <= len(other) <= max(1, round(words / 8)), item
            for a, b in other:
                assert abs(len(clusters(a)) - len(clusters(b))) <= 1
                assert clusters(letters(a))[0] == clusters(letters(b))[0]
                assert letters(a)[-1] == letters(b)[-1]
        elif surface == "typos":
            kept = iter(clusters(changed))
            assert all(letter in kept for letter in clusters(plain)), item
            assert len(clusters(changed)) - len(clusters(plain)) <= 1 + len(plain) // 30
        elif surface == "casing":
            assert without_case(changed) == without_case(plain), item
        elif surface == "polite":
            assert changed.endswith(plain)
            assert len(changed) > len(plain) + 3
        elif surface in ("punctuation", "spacing"):
            assert letters(changed) == letters(plain), item


def test_spacing_adds_blanks_alone() -> None:
    for code in BANK.languages:
        for _, plain, changed in written(code, "spacing"):
            assert changed.replace(" ", "") == plain.replace(" ", "")


def test_the_same_item_is_always_written_alike() -> None:
    assert written("fr", "typos") == written("fr", "typos")
    kinds = {changed.count("?") for _, _, changed in written("en", "punctuation")}
    assert kinds >= {0, 2}
    assert {changed.isupper() for _, _, changed in written("en", "casing")} == {True, False}


def test_letters_keep_their_marks() -> None:
    for code in ("hi", "bn", "my", "th", "ar", "dv", "am"):
        for _, plain, changed in written(code, "typos"):
            known = set(clusters(plain))
            assert set(clusters(changed)) <= known | {letter * 2 for letter in known}


def test_turkish_letters_keep_their_dots() -> None:
    for _, plain, changed in written("tr", "casing"):
        if changed.isupper():
            assert changed.count("İ") == plain.count("i") + plain.count("İ")
        else:
            assert changed.count("ı") == plain.count("ı") + plain.count("I")


@pytest.mark.parametrize("surface", SURFACES[1:])
def test_a_prompt_changes_in_its_question_alone(surface: str) -> None:
    plain = render("Q46", Condition("en"), bank=BANK)
    changed = render("Q46", Condition("en", surface=surface), bank=BANK)
    assert changed.wording != plain.wording
    assert changed.user == plain.user.replace(plain.wording, changed.wording)
    assert (changed.system, changed.asks) == (plain.system, plain.asks)
    assert changed.user_without_content == plain.user_without_content
