from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doxa.errors import QuestionnaireError
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.bank import SHIPPED

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()


def test_the_shipped_bank_is_read_once() -> None:
    assert QuestionBank.load() is BANK
    assert BANK.path == SHIPPED


def test_a_country_s_own_languages() -> None:
    assert BANK.languages_of("COL") == ("es",)
    assert BANK.languages_of("CAN") == ("en", "fr")
    with pytest.raises(QuestionnaireError, match="no country 'Japan'"):
        BANK.languages_of("Japan")


class TestSpread:
    @settings(deadline=None)
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

    def test_of_zero_items_is_an_error(self) -> None:
        with pytest.raises(QuestionnaireError, match="0 items of 144: choose from 1 to 144"):
            BANK.spread(0)


class TestOwnBank:
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

    def test_a_question_has_its_further_wordings(self, folder: Path) -> None:
        path = folder / "en.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(f'{text}[wordings.b]\nT1 = "How fond are you of tea?"\n', encoding="utf-8")
        bank = QuestionBank.load(folder)
        assert bank.question("T1", "en", "b").text == "How fond are you of tea?"
        assert bank.question("T1", "en", "a") == bank.question("T1", "en")
        with pytest.raises(QuestionnaireError, match=r"en\.toml: has no wording 'c'; it has a, b"):
            bank.question("T1", "en", "c")

    def test_a_new_file_is_a_new_language(self, folder: Path) -> None:
        english = (folder / "en.toml").read_text(encoding="utf-8")
        (folder / "xx.toml").write_text(english.replace('"en"', '"xx"'), encoding="utf-8")
        bank = QuestionBank.load(folder)
        assert bank.languages == ("en", "xx")
        assert bank.question("T1", "xx").language == "xx"

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(QuestionnaireError, match=r"items\.toml: cannot be read"):
            QuestionBank.load(tmp_path)

    def test_an_unknown_item_language_or_country(self, folder: Path) -> None:
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
