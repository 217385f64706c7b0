from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from own_questionnaire import CSV, TOML

from doxa.errors import QuestionnaireError
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.own_text import own_text

if TYPE_CHECKING:
    from pathlib import Path


def loaded(text: str, folder: Path) -> QuestionBank:
    (folder / "mine.csv").write_text(text, encoding="utf-8")
    return QuestionBank.load(folder / "mine.csv")


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_table_says_what_the_toml_file_says(tmp_path: Path, separator: str) -> None:
    bank = loaded(CSV.replace(",", separator), tmp_path)
    other = QuestionBank.of_text(TOML, tmp_path)
    assert bank.name == "mine"
    for name, item in other.items.items():
        assert bank.items[name].scale == item.scale
        assert (bank.items[name].listed, bank.items[name].labelled) == (item.listed, item.labelled)
        for language in ("en", "es"):
            if name in other.items_for(language):
                one, two = bank.question(name, language), other.question(name, language)
                assert (one.text, one.labels) == (two.text, two.labels)
    assert bank.items_for("es") == ("home",)
    assert "Place" in own_text(bank)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("item,", "items,", "mine.csv: no column 'item': there are items"),
        ("text:en", "text", "mine.csv: column 'text': name its language, as text:en"),
        ("text:es", "words:es", "mine.csv: unknown column 'words:es': there are item"),
        ("label:es", "label:fr", "mine.csv: no column 'label:es': add it"),
        ("home,,,2", "home,,,two", "line 3, column 'code': 'two' is not a whole number"),
        ("8,yes", "8,aye", "line 9, column 'off_scale': 'aye': write yes or no"),
        ("3,,4,,Dis", "3,,four,,Dis", "line 4, column 'position': 'four' is not a number"),
        ("best,,,8", "home,,,8", "line 9: home has rows further up: put all options"),
        ("home,,,2", "home,Time,,2", "line 3, column 'topic': 'Time', and 'Place' further up"),
        (",Very much,,", ",Not at all,,", "items.matter.labels: hold 'Not at all' twice in en"),
        ("home,Place", ",Place", "line 2: no item: write its name in the column item"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_remedy(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    with pytest.raises(QuestionnaireError) as told:
        loaded(CSV.replace(old, new, 1), tmp_path)
    assert says in str(told.value)
    assert str(tmp_path / "mine.csv") in str(told.value)


def test_an_empty_table(tmp_path: Path) -> None:
    with pytest.raises(QuestionnaireError, match="holds no items: give each option a row"):
        loaded(CSV.splitlines()[0] + "\n", tmp_path)
    with pytest.raises(QuestionnaireError, match="no column 'text:en', or of another language"):
        loaded("item,code\nhome,1\n", tmp_path)
