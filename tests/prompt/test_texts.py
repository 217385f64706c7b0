from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from doxa.errors import QuestionnaireError
from doxa.prompt import PARTS
from doxa.prompt.order import LABEL_STYLES
from doxa.prompt.texts import texts
from doxa.questionnaire import QuestionBank

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()


@pytest.mark.parametrize("language", BANK.languages)
def test_a_language_has_every_text(language: str) -> None:
    words = texts(BANK, language)
    assert len(words.instruction) >= 3
    assert words.steering.keys() == {key for part in PARTS.values() for key in part.texts()}
    for asks in (words.ask_option, words.ask_verbalized, words.ask_sequence):
        assert tuple(asks) == LABEL_STYLES


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('options = "', 'choices = "', "prompt.choices: is unknown"),
        ('options = "Options:"\n', "", "prompt.options: is missing"),
        ("\ntime = ", "\n# time = ", "prompt.time: is missing: add it"),
        ("{people}", "{folk}", "prompt.persona: must hold {people}, each once"),
        ("{people}", "{people} {people}", "prompt.persona: must hold {people}, each once"),
        ("{people}", "{people", "prompt.persona: has unbalanced braces"),
        ('options = "Options:"', 'options = "{n}"', "prompt.options: must hold no names"),
        ("[prompt.ask_option]\nnumbers", "[prompt.ask_option]\nnumerals", "ask_option.numbers: is"),
        ('options = "Options:"', 'options = { a = "x" }', "prompt.options: is a table"),
        ("[prompt.instruction]", "[prompt.words]", "prompt.words: is unknown"),
        ("\nb = ", "\nz = ", "prompt.instruction.b: is missing: add it"),
    ],
)
def test_a_wrong_text_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    for name in ("items", "countries", "en"):
        text = (BANK.path / f"{name}.toml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(QuestionnaireError, match=re.escape(message)) as caught:
        texts(QuestionBank.load(tmp_path), "en")
    assert str(caught.value).startswith(str(tmp_path / "en.toml"))
