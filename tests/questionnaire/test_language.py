from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pytest

from doxa.errors import QuestionnaireError
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.group import CATEGORIES
from doxa.questionnaire.language import REVIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.questionnaire import Language

BANK = QuestionBank.load()

# How Unicode's names of letters begin, by script: a language of any of these needs no line here.
SCRIPTS = {
    "Arab": ("ARABIC",),
    "Armn": ("ARMENIAN",),
    "Beng": ("BENGALI",),
    "Cyrl": ("CYRILLIC",),
    "Deva": ("DEVANAGARI",),
    "Ethi": ("ETHIOPIC",),
    "Geor": ("GEORGIAN",),
    "Grek": ("GREEK",),
    "Gujr": ("GUJARATI",),
    "Guru": ("GURMUKHI",),
    "Hans": ("CJK",),
    "Hant": ("CJK",),
    "Hebr": ("HEBREW",),
    "Jpan": ("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC ITERATION"),
    "Khmr": ("KHMER",),
    "Knda": ("KANNADA",),
    "Kore": ("HANGUL",),
    "Laoo": ("LAO",),
    "Latn": ("LATIN", "MODIFIER LETTER"),
    "Mlym": ("MALAYALAM",),
    "Mymr": ("MYANMAR",),
    "Orya": ("ORIYA",),
    "Sinh": ("SINHALA",),
    "Taml": ("TAMIL",),
    "Telu": ("TELUGU",),
    "Thaa": ("THAANA",),
    "Thai": ("THAI",),
}
WRITTEN_WITHOUT_SPACES = ("Hans", "Hant", "Jpan", "Khmr", "Laoo", "Mymr", "Thai")
WRITTEN_FROM_THE_RIGHT = ("Arab", "Hebr", "Thaa")
DIRECTION_MARKS = {chr(n) for n in (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
ENGLISH = re.compile(r"\b(the|you|your|how|people|would|agree|which|with)\b", re.IGNORECASE)


def wording(language: Language) -> Iterator[tuple[str, str]]:
    """Each text of items and answers, with its place."""
    for item_id, question in language.questions.items():
        yield item_id, question.text
        yield from ((f"{item_id}, {label}", label) for label in question.labels if label)
    for name, texts in language.wordings.items():
        yield from ((f"wordings.{name}.{item_id}", text) for item_id, text in texts.items())


def prompt_texts(language: Language) -> Iterator[tuple[str, str]]:
    """Each prompt text without its placeholders, with its place."""
    for key, value in language.prompt.items():
        for variant, text in {"": value}.items() if isinstance(value, str) else value.items():
            yield f"prompt.{key}.{variant}", re.sub(r"\{\w*\}", "", text)
    for variable, words in language.groups.items():
        for key, text in words.items():
            yield f"groups.{variable}.{key}", re.sub(r"\{\w*\}", "", text)


@pytest.fixture(params=BANK.languages)
def language(request: pytest.FixtureRequest) -> Language:
    return BANK.language(request.param)


class TestLanguage:
    def test_is_complete(self, language: Language) -> None:
        assert tuple(language.questions) == tuple(BANK.items)
        assert language.countries.keys() == BANK.countries.keys()
        assert tuple(language.groups) == tuple(CATEGORIES)

    def test_has_as_many_labels_as_codes(self, language: Language) -> None:
        for question in language.questions.values():
            labelled = [label != "" for label in question.labels]
            codes = question.item.scale.all_codes
            assert labelled == [code in question.item.labelled for code in codes]

    def test_repeats_nothing(self, language: Language) -> None:
        asked = [question.text for question in language.questions.values()]
        asked += [text for texts in language.wordings.values() for text in texts.values()]
        assert len(set(asked)) == len(asked)
        for question in language.questions.values():
            labels = [label.casefold() for label in question.labels if label]
            assert len(set(labels)) == len(labels), question.item.id
        names = [country.name for country in language.countries.values()]
        peoples = [country.people for country in language.countries.values()]
        assert len(set(names)) == len(names)
        assert len(set(peoples)) == len(peoples)
        for variable, words in language.groups.items():
            assert len(set(words.values())) == len(words), variable
        for variants in (value for value in language.prompt.values() if not isinstance(value, str)):
            assert len(set(variants.values())) == len(variants)

    def test_has_no_stray_space_and_no_digit(self, language: Language) -> None:
        for place, text in wording(language):
            assert text == " ".join(text.split()), place
            assert not any(letter.isdigit() for letter in text), place
        for place, text in prompt_texts(language):
            assert all(letter.isascii() for letter in text if letter.isdigit()), place

    def test_leaves_the_direction_of_writing_to_the_screen(self, language: Language) -> None:
        for place, text in (*wording(language), *prompt_texts(language)):
            assert not DIRECTION_MARKS & {*text}, place

    def test_is_in_its_script(self, language: Language) -> None:
        own = SCRIPTS[language.script]
        names = ((c, name.name + name.people) for c, name in language.countries.items())
        for place, text in (*wording(language), *prompt_texts(language), *names):
            kept = text if language.script == "Latn" else re.sub(r"\b[A-Z]{2,5}\b", "", text)
            if language.script in WRITTEN_WITHOUT_SPACES:
                kept = re.sub(r"[A-Z]{2,5}", "", kept)
            for letter in kept:
                if unicodedata.category(letter).startswith("L"):
                    assert unicodedata.name(letter).startswith(own), f"{place}: {letter!r}"

    def test_has_no_sentence_left_in_english(self, language: Language) -> None:
        if language.code == "en":
            pytest.skip("this is English")
        english = BANK.language("en")
        for place, text in (*wording(language), *prompt_texts(language)):
            assert not ENGLISH.search(text), f"{place}: {text}"
        for item_id, question in language.questions.items():
            assert question.text != english.questions[item_id].text

    def test_names_no_country(self, language: Language) -> None:
        # some languages name the Hindu religion by the country
        places = (*wording(language), *prompt_texts(language))
        shown = [text for place, text in places if not place.startswith("groups.religion.")]
        for country in language.countries.values():
            end = r"(?!\w)" if len(country.name) < 5 else ""
            pattern = rf"(?<!\w){re.escape(country.name)}{end}"
            if language.script in WRITTEN_WITHOUT_SPACES:
                pattern = rf"(?<![ァ-ー]){re.escape(country.name)}(?![ァ-ー])"
            for text in shown:
                assert not re.search(pattern, text), f"{country.name}: {text}"

    def test_states_its_review(self, language: Language) -> None:
        assert language.review.kind in REVIEWS
        assert language.review.date is not None

    def test_gives_a_question_in_another_wording_with_the_same_labels(self) -> None:
        english = BANK.language("en")
        own, other = english.worded("Q199", "a"), english.worded("Q199", "b")
        assert own is english.questions["Q199"]
        assert other.text == english.wordings["b"]["Q199"] != own.text
        assert (other.item, other.labels) == (own.item, own.labels)
        with pytest.raises(QuestionnaireError, match="has no wording 'd'; it has a, b, c"):
            english.worded("Q199", "d")

    def test_says_which_way_it_is_written(self, language: Language) -> None:
        assert language.direction == ("rtl" if language.script in WRITTEN_FROM_THE_RIGHT else "ltr")
