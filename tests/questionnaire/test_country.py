from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from doxa.errors import QuestionnaireError
from doxa.questionnaire.bank import SHIPPED, QuestionBank
from doxa.questionnaire.country import Country, read_countries

if TYPE_CHECKING:
    from pathlib import Path

COUNTRIES = read_countries(SHIPPED / "countries.toml")


def test_countries_cover_the_waves() -> None:
    assert {wave: sum(wave in c.waves for c in COUNTRIES.values()) for wave in (5, 6, 7)} == {
        5: 58,
        6: 61,
        7: 66,
    }
    for country in COUNTRIES.values():
        assert re.fullmatch("[A-Z]{3}", country.code)
        assert country.languages
        assert all(re.fullmatch("[a-z]{2,3}(-[A-Z][a-z]{3})?", c) for c in country.languages)


def test_every_country_of_wave_7_has_a_main_language_of_the_questionnaire() -> None:
    main = {code: c.main_language for code, c in COUNTRIES.items() if 7 in c.waves}
    assert len(main) == 66
    shipped = QuestionBank.load().languages
    assert {code: language for code, language in main.items() if language not in shipped} == {}


def test_a_country_is_read(folder: Path) -> None:
    assert read_countries(folder / "countries.toml") == {
        "JPN": Country("JPN", "Japan", languages=("ja",), waves=(7,))
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('["ja"]', '"ja"', "JPN.languages: is 'ja', not a list"),
        ('["ja"]', "[]", "JPN.languages: is []: name each language once"),
        ('["ja"]', '["ja", "ja"]', "JPN.languages: is ['ja', 'ja']: name each language once"),
        ("waves", "wave", "JPN.waves: is missing: add it"),
        ("[7]", "[7], area = 1", "JPN.area: is unknown"),
    ],
)
def test_a_mistake_is_named(folder: Path, old: str, new: str, message: str) -> None:
    path = folder / "countries.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(QuestionnaireError) as caught:
        read_countries(path)
    assert str(caught.value).startswith(f"{path}, {message}")
