"""The words of a language for groups of people: its ``[groups]`` table, read and used."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from doxa.errors import QuestionnaireError
from doxa.questionnaire.group import (
    AGE,
    AGE_FORMS,
    CATEGORIES,
    age_band,
    parse_group,
    text_key,
    variables_of,
)
from doxa.questionnaire.read_only import read_only

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire.language import Language
    from doxa.questionnaire.strict_toml import TomlTable

__all__ = ["group_doubts", "group_words", "read_group_words"]


def read_group_words(table: TomlTable) -> Mapping[str, Mapping[str, str]]:
    """Read the ``[groups]`` table of a language file: the words of each variable, by key.

    Raises
    ------
    QuestionnaireError
        A variable or a category is unknown, or lacks its words; or the words for ages do not hold
        the names in braces that they need.
    """
    found = {}
    for variable, entry in table.tables():
        if variable not in CATEGORIES:
            known = ", ".join(CATEGORIES)
            raise table.error(f"is no variable of groups: there are {known}", variable)
        keys = AGE_FORMS if variable == AGE else map(text_key, CATEGORIES[variable])
        words = {key: entry.take(key, str) for key in ("name", *keys)}
        for key in entry.remaining():
            raise entry.error(f"is no category of {variable}: remove it", key)
        for key, wanted in AGE_FORMS.items() if variable == AGE else ():
            if sorted(_braces(words[key])) != sorted(wanted):
                names = " ".join(f"{{{name}}}" for name in sorted(wanted))
                raise entry.error(f"must hold {names}, each once, and no other brace", key)
        found[variable] = read_only(words)
    return read_only(found)


def _braces(text: str) -> list[str]:
    try:
        return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        return ["unbalanced"]


def group_words(language: Language, group: str) -> list[tuple[str, str]]:
    """Say a group in the words of a language: each variable's name with its category's words.

    Parameters
    ----------
    language : Language
        The language.
    group : str
        As `doxa.questionnaire.group.parse_group` reads it.

    Raises
    ------
    QuestionnaireError
        The language has no words for one of the variables.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> group_words(QuestionBank.load().language("en"), "sex=female,age=60+")
    [('sex', 'female'), ('age', '60 or older')]
    """
    said = []
    for variable, category in parse_group(group):
        if variable not in language.groups:
            raise QuestionnaireError(f"{language.path}, groups.{variable}: is missing: add it")
        words = language.groups[variable]
        said.append((words["name"], _words(words, variable, category)))
    return said


def _words(words: Mapping[str, str], variable: str, category: str) -> str:
    band = age_band(category) if variable == AGE else None
    if band is None:
        return words[text_key(category)]
    if str(band).startswith("<"):
        return words["under"].format(to=band.last + 1)
    if str(band).endswith("+"):
        return words["over"].format(**{"from": band.first})
    return words["between"].format(**{"from": band.first, "to": band.last})


def group_doubts(language: Language, group: str) -> tuple[str, ...]:
    """Give the reasons for which the words for a group are uncertain."""
    return tuple(
        language.uncertain[name] for name in variables_of(group) if name in language.uncertain
    )
