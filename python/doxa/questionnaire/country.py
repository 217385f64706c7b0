"""The countries that took part in the survey, as ``countries.toml`` lists them."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from doxa.questionnaire.strict_toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.strict_toml import TomlTable

__all__ = ["Country", "read_countries"]


@dataclass(frozen=True, slots=True)
class Country:
    """A country that took part in the survey.

    Parameters
    ----------
    code : str
        The survey's alpha-3 code: ISO 3166-1 with a few additions, such as NIR for Northern
        Ireland.
    name : str
        Its English name.
    languages : tuple of str
        The languages in which people were interviewed there, the main one first, as codes of
        languages (BCP 47). The questionnaire may lack some of them.
    waves : tuple of int
        The waves in which it took part.
    """

    code: str
    name: str
    languages: tuple[str, ...]
    waves: tuple[int, ...]

    @property
    def main_language(self) -> str:
        """The code of the language in which most people were interviewed.

        Examples
        --------
        >>> Country("KEN", "Kenya", ("sw", "en"), (7,)).main_language
        'sw'
        """
        return self.languages[0]


def read_countries(path: Path) -> Mapping[str, Country]:
    """Read ``countries.toml``.

    Returns
    -------
    mapping of str to Country
        By alpha-3 code.

    Raises
    ------
    QuestionnaireError
        The file is missing or wrong.
    """
    countries = {}
    for code, table in read_toml(path).tables():
        countries[code] = Country(
            code,
            table.take("name", str),
            _languages(table),
            table.list_of("waves", int),
        )
        table.finish()
    return MappingProxyType(countries)


def _languages(table: TomlTable) -> tuple[str, ...]:
    languages = table.list_of("languages", str)
    if not languages or len(set(languages)) < len(languages):
        raise table.error(f"is {list(languages)}: name each language once", "languages")
    return languages
