"""The texts of a language that prompts are built from, with the names that they must hold."""

from __future__ import annotations

import functools
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from doxa.errors import QuestionnaireError
from doxa.prompt.order import LABEL_STYLES
from doxa.prompt.steering import PARTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire import Language, QuestionBank

__all__ = ["PLACEHOLDERS", "Texts", "texts"]

PLACEHOLDERS: Final[Mapping[str, frozenset[str]]] = {
    "instruction": frozenset(),
    "characteristic": frozenset({"name", "value"}),
    "characteristics_between": frozenset(),
    "examples_format": frozenset(),
    "question": frozenset({"question"}),
    "polite": frozenset({"question"}),
    "options": frozenset(),
    "option": frozenset({"label", "option"}),
    "between": frozenset(),
    "answer": frozenset(),
    "ask_verbalized": frozenset({"form"}),
    "ask_option": frozenset({"labels"}),
    "ask_sequence": frozenset({"draws"}),
}
"""The texts of a ``[prompt]`` table, except those of steerings, each with its names in braces."""

_VARIANTS: Final[Mapping[str, tuple[str, ...]]] = {
    "instruction": ("a", "b", "c"),
    "ask_verbalized": LABEL_STYLES,
    "ask_option": LABEL_STYLES,
    "ask_sequence": LABEL_STYLES,
}


@dataclass(frozen=True, slots=True)
class Texts:
    """The prompt texts of one language.

    `steering` holds the texts of the parts of `PARTS`, by their keys. Every other field is the
    text of that name in the language's ``[prompt]`` table; `instruction`, `ask_verbalized`,
    `ask_option` and `ask_sequence` hold one text for each variant.
    """

    steering: Mapping[str, str]
    instruction: Mapping[str, str]
    characteristic: str
    characteristics_between: str
    examples_format: str
    question: str
    polite: str
    options: str
    option: str
    between: str
    answer: str
    ask_verbalized: Mapping[str, str]
    ask_option: Mapping[str, str]
    ask_sequence: Mapping[str, str]


@functools.lru_cache(maxsize=64)
def texts(bank: QuestionBank, language: str) -> Texts:
    """Read the prompt texts of a language.

    Parameters
    ----------
    bank : QuestionBank
        The question bank.
    language : str
        One of its languages.

    Raises
    ------
    QuestionnaireError
        A text is missing or unknown, or its names in braces are wrong.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> texts(QuestionBank.load(), "en").options
    'Options:'
    """
    read = bank.language(language)
    steering = {key: names for part in PARTS.values() for key, names in part.texts().items()}
    for key in read.prompt.keys() - PLACEHOLDERS.keys() - steering.keys():
        raise _error(read, key, "is unknown: remove it or correct its spelling")
    found = {key: _text(read, key, names) for key, names in PLACEHOLDERS.items()}
    found["steering"] = {key: str(_text(read, key, names)) for key, names in steering.items()}
    return Texts(**found)  # type: ignore[arg-type]


def _text(language: Language, key: str, names: frozenset[str]) -> str | Mapping[str, str]:
    """Look up a text, or the texts of its variants, and check the names in braces."""
    value = language.prompt.get(key)
    if value is None:
        raise _error(language, key, "is missing: add it")
    wanted = _VARIANTS.get(key)
    if isinstance(value, str):
        if wanted:
            raise _error(language, key, f"needs a table with the keys {', '.join(wanted)}")
        _check(language, key, value, names)
        return value
    if not wanted:
        raise _error(language, key, "is a table: write one text")
    for variant in wanted:
        if variant not in value:
            raise _error(language, f"{key}.{variant}", "is missing: add it")
    for variant, text in value.items():
        _check(language, f"{key}.{variant}", text, names)
    return value


def _check(language: Language, key: str, text: str, wanted: frozenset[str]) -> None:
    try:
        found = sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    except ValueError as error:
        raise _error(language, key, f"has unbalanced braces ({error}): correct them") from None
    if found != sorted(wanted):
        names = " ".join(f"{{{name}}}" for name in sorted(wanted)) or "no names in braces"
        raise _error(language, key, f"must hold {names}, each once, and nothing else in braces")


def _error(language: Language, key: str, message: str) -> QuestionnaireError:
    return QuestionnaireError(f"{language.path}, prompt.{key}: {message}")
