from __future__ import annotations

import csv
import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.errors import QuestionnaireError
from doxa.prompt.texts import texts
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.bank import SHIPPED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from doxa.questionnaire import Language

BANK = QuestionBank.load()

SCRIPTS = {
    "Arab": ("ARABIC",),
    "Beng": ("BENGALI",),
    "Cyrl": ("CYRILLIC",),
    "Deva": ("DEVANAGARI",),
    "Hans": ("CJK",),
    "Jpan": ("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC ITERATION"),
    "Kore": ("HANGUL",),
    "Latn": ("LATIN",),
}
WRITTEN_WITHOUT_SPACES = ("Hans", "Jpan")
ENGLISH = re.compile(r"\b(the|you|your|how|people|would|agree|which|with)\b", re.IGNORECASE)


def wording(language: Language) -> Iterator[tuple[str, str]]:
    """Each text of items and answers, with its place."""
    for item_id, question in language.questions.items():
        yield item_id, question.text
        yield from ((f"{item_id}, {label}", label) for label in question.labels if label)


def prompt_texts(language: Language) -> Iterator[tuple[str, str]]:
    """Each prompt text without its placeholders, with its place."""
    for key, value in language.prompt.items():
        for variant, text in {"": value}.items() if isinstance(value, str) else value.items():
            yield f"prompt.{key}.{variant}", re.sub(r"\{\w*\}", "", text)


@pytest.fixture(params=BANK.languages)
def language(request: pytest.FixtureRequest) -> Language:
    return BANK.language(request.param)


def test_items_agree_with_the_study(oracle: Path) -> None:
    with (oracle / "items.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["wave7"] for row in rows] == list(BANK.items)
    for row in rows:
        item = BANK.items[row["wave7"]]
        assert item.listed == tuple(int(code) for code in row["codes_as_listed"].split())
        asked = {7: row["wave7"], 6: row["wave6"], 5: row["wave5"]}
        assert item.variables == {wave: name for wave, name in asked.items() if name}


def test_scales_are_stated() -> None:
    items = BANK.items.values()
    nominal = {"Q42", "Q111", "Q149", "Q150", "Q173", "Q174", "Q175"}
    assert {item.id for item in items if item.scale.kind == "nominal"} == nominal
    assert {i.id: i.scale.off_scale for i in items if i.scale.off_scale} == {
        "Q111": (3,),
        "Q119": (0,),
    }
    volunteered = {f"Q{number}" for number in range(241, 250)}
    assert {i.id: i.spontaneous for i in items if i.spontaneous} == dict.fromkeys(volunteered, (0,))
    for number in range(122, 130):
        assert BANK.items[f"Q{number}"].scale.codes == (0, 1, 2)
        assert BANK.items[f"Q{number}"].listed == (2, 1, 0)
    for item in items:
        assert item.has_bare_steps == (len(item.scale.codes) == 10)


def test_there_are_fourteen_topics() -> None:
    assert len(BANK.topics) == 14
    assert {item.topic for item in BANK.items.values()} <= BANK.topics.keys()


def test_countries_cover_the_waves() -> None:
    assert {wave: sum(wave in c.waves for c in BANK.countries.values()) for wave in (5, 6, 7)} == {
        5: 58,
        6: 61,
        7: 66,
    }
    for country in BANK.countries.values():
        assert re.fullmatch("[A-Z]{3}", country.code)
        assert country.languages
        assert all(re.fullmatch("[a-z]{2,3}", code) for code in country.languages)


def test_a_country_s_own_languages() -> None:
    assert BANK.languages_of("COL") == ("es",)
    assert BANK.languages_of("CAN") == ("en", "fr")
    with pytest.raises(QuestionnaireError, match="no country 'Japan'"):
        BANK.languages_of("Japan")


class TestLanguage:
    def test_is_complete(self, language: Language) -> None:
        assert tuple(language.questions) == tuple(BANK.items)
        assert language.countries.keys() == BANK.countries.keys()
        assert len(texts(BANK, language.code).instruction) >= 3

    def test_has_as_many_labels_as_codes(self, language: Language) -> None:
        for question in language.questions.values():
            labelled = [label != "" for label in question.labels]
            codes = question.item.scale.all_codes
            assert labelled == [code in question.item.labelled for code in codes]

    def test_repeats_nothing(self, language: Language) -> None:
        asked = [question.text for question in language.questions.values()]
        assert len(set(asked)) == len(asked)
        for question in language.questions.values():
            labels = [label.casefold() for label in question.labels if label]
            assert len(set(labels)) == len(labels), question.item.id
        names = [country.name for country in language.countries.values()]
        peoples = [country.people for country in language.countries.values()]
        assert len(set(names)) == len(names)
        assert len(set(peoples)) == len(peoples)
        for variants in (value for value in language.prompt.values() if not isinstance(value, str)):
            assert len(set(variants.values())) == len(variants)

    def test_has_no_stray_space_and_no_digit(self, language: Language) -> None:
        for place, text in wording(language):
            assert text == " ".join(text.split()), place
            assert not any(letter.isdigit() for letter in text), place

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
        shown = [text for _, text in (*wording(language), *prompt_texts(language))]
        for country in language.countries.values():
            end = r"(?!\w)" if len(country.name) < 5 else ""
            pattern = rf"(?<!\w){re.escape(country.name)}{end}"
            if language.script in WRITTEN_WITHOUT_SPACES:
                pattern = rf"(?<![ァ-ー]){re.escape(country.name)}(?![ァ-ー])"
            for text in shown:
                assert not re.search(pattern, text), f"{country.name}: {text}"

    def test_says_which_way_it_is_written(self, language: Language) -> None:
        assert language.direction == ("rtl" if language.script == "Arab" else "ltr")


class TestSpread:
    @given(st.integers(1, len(BANK.items)))
    def test_has_the_survey_s_proportions(self, n: int) -> None:
        chosen = BANK.spread(n)
        assert len(chosen) == n
        assert list(chosen) == [item for item in BANK.items if item in chosen]
        for topic in BANK.topics:
            share = sum(i.topic == topic for i in BANK.items.values()) * n / len(BANK.items)
            assert abs(sum(BANK.items[i].topic == topic for i in chosen) - share) < 1

    def test_of_forty_holds_every_kind_of_scale(self) -> None:
        items = [BANK.items[i] for i in BANK.spread(40)]
        assert sum(item.scale.kind == "nominal" for item in items) >= 2
        assert sum(item.has_bare_steps for item in items) >= 10
        assert len({item.topic for item in items}) == 12

    def test_among_some(self) -> None:
        some = set(list(BANK.items)[10:60])
        assert set(BANK.spread(20, among=some)) <= some
        assert len(BANK.spread(20, among=some)) == 20
        assert set(BANK.spread(50, among=some)) == some

    def test_of_none_is_an_error(self) -> None:
        with pytest.raises(QuestionnaireError, match="0 items of 144: choose from 1 to all"):
            BANK.spread(0)


ITEMS = """
[topics]
taste = "Taste"
[answers.liking]
scale = "ordinal"
codes = [1, 2, 3]
[items.taste]
T1 = { answers = "liking", variables = { 7 = "T1" } }
"""
COUNTRIES = 'JPN = { name = "Japan", languages = ["ja"], waves = [7] }\n'
ENGLISH_FILE = """
[language]
code = "en"
name = "English"
english_name = "English"
script = "Latn"
direction = "ltr"
[answers]
liking = ["A lot", "Somewhat", "Not at all"]
[items]
T1 = "How much do you like tea?"
"""


class TestOwnBank:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "items.toml").write_text(ITEMS, encoding="utf-8")
        (tmp_path / "countries.toml").write_text(COUNTRIES, encoding="utf-8")
        (tmp_path / "en.toml").write_text(ENGLISH_FILE, encoding="utf-8")
        return tmp_path

    def test_reads(self, folder: Path) -> None:
        bank = QuestionBank.load(folder)
        question = bank.question("T1", "en")
        assert (question.text, question.labels) == (
            "How much do you like tea?",
            ("A lot", "Somewhat", "Not at all"),
        )
        assert bank.languages == ("en",)
        assert bank.items_for("en") == ("T1",)
        assert bank.countries["JPN"].languages == ("ja",)

    @pytest.mark.parametrize(
        ("file", "old", "new", "message"),
        [
            ("items", 'scale = "ordinal"', 'scale = "ordered"', "answers.liking: scale kind"),
            ("items", "codes = [1, 2, 3]", "codes = [1]", "needs two codes or more"),
            ("items", "codes =", "code =", "answers.liking.codes: is missing: add it"),
            ("items", "[1, 2, 3]", "[1, 2, 'x']", "holds 'x', which is not a whole number"),
            ("items", "[1, 2, 3]", "[1, 2, 3]\nlist = []", "answers.liking.list: is unknown"),
            ("items", "[1, 2, 3]", "[1, 2, 3]\nlisted = [1, 2]", "is no order of the codes"),
            ("items", "[1, 2, 3]", "[1, 2, 3]\nlabelled = [7]", "does not fit the codes"),
            ("items", "[1, 2, 3]", "[1, 2, 3]\nspontaneous = [3]", "are offered codes as well"),
            ("items", "[1, 2, 3]", "[1, 2, 3]\npositions = [1, 1, 2]", "do not increase"),
            ("items", 'answers = "liking"', 'answers = "love"', "'love' is no answer set"),
            ("items", "7 =", "seven =", "T1.variables.seven: is no wave"),
            ("items", "[items.taste]", "[items.smell]", "is no topic: add smell"),
            ("items", "[topics]", "[topics", "is not TOML"),
            ("countries", '["ja"]', '"ja"', "JPN.languages: is 'ja', not a list"),
            ("countries", "waves", "wave", "JPN.waves: is missing: add it"),
            ("en", "T1 =", "T2 =", "items.T2: is unknown: remove it or correct its spelling"),
            ("en", '"Somewhat", ', "", "give each its words"),
            ("en", "liking =", "loving =", "answers.loving: is no answer set"),
            ("en", '"ltr"', '"down"', "language.direction: is 'down': write ltr or rtl"),
            ("en", 'code = "en"', 'code = "fr"', "make them agree"),
            ("en", '"How much do you like tea?"', '" "', "items.T1: is empty"),
            ("en", "[items]", "[extra]\n[items]", "extra: is unknown"),
        ],
    )
    def test_names_the_file_the_key_and_the_remedy(
        self, folder: Path, file: str, old: str, new: str, message: str
    ) -> None:
        path = folder / f"{file}.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(QuestionnaireError) as caught:
            QuestionBank.load(folder).question("T1", "en")
        assert str(caught.value).startswith(str(path))
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(QuestionnaireError, match=r"items\.toml: cannot be read"):
            QuestionBank.load(tmp_path)

    def test_what_is_not_there_to_be_asked(self, folder: Path) -> None:
        bank = QuestionBank.load(folder)
        with pytest.raises(QuestionnaireError, match="no item 'T9'"):
            bank.question("T9", "en")
        with pytest.raises(QuestionnaireError, match=r"no language 'xx' in .*; there are: en"):
            bank.question("T1", "xx")

    def test_an_item_without_wording(self, folder: Path) -> None:
        path = folder / "en.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('T1 = "How much do you like tea?"', ""), encoding="utf-8")
        bank = QuestionBank.load(folder)
        assert bank.items_for("en") == ()
        with pytest.raises(QuestionnaireError, match=r"en\.toml: item T1 has no wording: add it"):
            bank.question("T1", "en")

    def test_labels_of_its_own(self, folder: Path) -> None:
        path = folder / "en.toml"
        own = '{ text = "Tea?", answers = ["Yes", "Perhaps", "No"] }'
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"How much do you like tea?"', own), encoding="utf-8")
        assert QuestionBank.load(folder).question("T1", "en").label(2) == "Perhaps"


def test_the_shipped_bank_is_read_once() -> None:
    assert QuestionBank.load() is BANK
    assert BANK.folder == SHIPPED
