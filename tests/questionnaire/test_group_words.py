from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.errors import QuestionnaireError
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.group import CATEGORIES
from doxa.questionnaire.group_words import group_words

from .test_language_file import edited

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()
SEX = 'sex = { name = "sex", male = "male", female = "female" }'
AGE = 'age = { name = "age", under = "under {to}", between = "{from} to {to}", over = "{from}+" }'


@pytest.mark.parametrize("code", BANK.languages)
def test_every_language_has_words_for_every_category(code: str) -> None:
    language = BANK.language(code)
    for variable, categories in CATEGORIES.items():
        said = [group_words(language, f"{variable}={one}") for one in categories]
        assert len({tuple(one) for one in said}) == len(categories)
        assert all(name and value and "{" not in value for ((name, value),) in said)


@pytest.mark.parametrize("code", BANK.languages)
def test_the_years_of_a_band_stand_in_its_words(code: str) -> None:
    language = BANK.language(code)
    for band, years in (("<31", ["31"]), ("31-42", ["31", "42"]), ("43+", ["43"])):
        ((_, value),) = group_words(language, f"age={band}")
        assert all(year in value for year in years)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (SEX.replace("sex =", "gender =", 1), "groups.gender: is no variable of groups: there are"),
        (SEX.replace(", female", ", woman"), "groups.sex.female: is missing: add it"),
        (SEX.replace(" }", ', third = "third" }'), "groups.sex.third: is no category of sex"),
        (AGE.replace("{from} to {to}", "{from}"), r"groups.age.between: must hold \{from\} \{to\}"),
        (AGE.replace("{from}+", "{from"), r"groups.age.over: must hold \{from\}"),
    ],
)
def test_a_wrong_table_is_told_by_file_and_key(folder: Path, table: str, message: str) -> None:
    with pytest.raises(QuestionnaireError, match=message):
        edited(folder, "[answers]", f"[groups]\n{table}\n[answers]")


def test_a_variable_without_words_is_told_when_it_is_used(folder: Path) -> None:
    language = edited(folder, "[answers]", f"[groups]\n{SEX}\n[answers]")
    assert group_words(language, "sex=male") == [("sex", "male")]
    with pytest.raises(QuestionnaireError, match=r"en\.toml, groups\.income: is missing: add it"):
        group_words(language, "sex=male,income=low")
