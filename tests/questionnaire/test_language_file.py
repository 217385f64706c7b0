from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.errors import QuestionnaireError
from doxa.questionnaire.items_file import read_items
from doxa.questionnaire.language_file import read_language

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire import Language

TEXT = '"How much do you like tea?"'


def edited(folder: Path, old: str, new: str) -> Language:
    path = folder / "en.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return read_language(path, "en", read_items(folder / "items.toml")[1])


def test_countries_and_prompt_texts_may_be_left_out(folder: Path) -> None:
    language = edited(folder, "Somewhat", "Rather")
    assert language.questions["T1"].labels == ("A lot", "Rather", "Not at all")
    assert (language.code, language.name, language.script) == ("en", "English", "Latn")
    assert (language.countries, language.prompt) == ({}, {})


def test_an_item_may_have_labels_of_its_own(folder: Path) -> None:
    own = '{ text = "Tea?", answers = ["Yes", "Perhaps", "No"] }'
    assert edited(folder, TEXT, own).questions["T1"].label(2) == "Perhaps"


def test_an_item_may_lack_wording(folder: Path) -> None:
    assert edited(folder, f"T1 = {TEXT}", "").questions == {}


def test_a_prompt_text_is_one_text_or_one_for_each_variant(folder: Path) -> None:
    prompt = '[prompt]\nanswer = "Answer: "\n[prompt.instruction]\na = "Reply."\n[items]'
    read = edited(folder, "[items]", prompt).prompt
    assert read == {"answer": "Answer: ", "instruction": {"a": "Reply."}}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("T1 =", "T2 =", "items.T2: is unknown: remove it or correct its spelling"),
        ('"Somewhat", ', "", "give each its words"),
        ("liking =", "loving =", "answers.loving: is not an answer set"),
        ('liking = ["A lot", "Somewhat", "Not at all"]', "", "needs the labels of liking"),
        ('"ltr"', '"down"', "language.direction: is 'down': write ltr or rtl"),
        ('code = "en"', 'code = "fr"', "make them agree"),
        (TEXT, '" "', "items.T1: is empty"),
        ("[items]", "[extra]\n[items]", "extra: is unknown"),
    ],
)
def test_a_mistake_names_the_file_the_key_and_the_remedy(
    folder: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(QuestionnaireError) as caught:
        edited(folder, old, new)
    assert str(caught.value).startswith(str(folder / "en.toml"))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
