"""What is asked, in which words, and where: items, questions, languages and countries.

An *item* is language-free: what is asked, on which scale, and the survey's variables. A
*question* is an item in the words of one language. `doxa.questionnaire` reads them from files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from doxa.errors import QuestionnaireError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.scale import Scale

__all__ = ["Country", "CountryName", "Item", "Language", "Question"]


@dataclass(frozen=True, slots=True)
class Item:
    """What is asked, whatever the language.

    Parameters
    ----------
    id : str
        The item's name: the wave-7 variable, such as ``"Q1"``.
    topic : str
        The section of the survey it belongs to, a key of `QuestionBank.topics`.
    answers : str
        The name of its answer set, which items may share.
    scale : Scale
        Its options and their distances.
    variables : mapping of int to str
        The survey's variable in each wave that asked the item on this scale.
    listed : tuple of int
        All codes in the order in which the questionnaire lists them. Empty stands for
        ``scale.all_codes``.
    labelled : tuple of int
        The codes that carry words; the others are bare steps between them. Empty stands for
        ``scale.all_codes``.
    spontaneous : tuple of int
        Codes that the survey's files may hold for an answer the respondent volunteered. They are
        never offered; where counted, they are mass off the scale.

    Raises
    ------
    QuestionnaireError
        `listed` is no order of the codes, or `labelled` or `spontaneous` does not fit them.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> item = QuestionBank.load().items["Q122"]
    >>> item.scale.codes, item.listed
    ((0, 1, 2), (2, 1, 0))
    >>> sorted(item.variables)
    [7]
    """

    id: str
    topic: str
    answers: str
    scale: Scale
    variables: Mapping[int, str] = field(hash=False)
    listed: tuple[int, ...] = ()
    labelled: tuple[int, ...] = ()
    spontaneous: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        codes = self.scale.all_codes
        object.__setattr__(self, "listed", self.listed or codes)
        object.__setattr__(self, "labelled", self.labelled or codes)
        object.__setattr__(self, "variables", MappingProxyType(dict(self.variables)))
        if sorted(self.listed) != sorted(codes):
            raise QuestionnaireError(f"listed {self.listed} is no order of the codes {codes}")
        if not set(self.labelled) <= set(codes) or len(set(self.labelled)) < len(self.labelled):
            raise QuestionnaireError(f"labelled {self.labelled} does not fit the codes {codes}")
        if set(self.spontaneous) & set(codes):
            raise QuestionnaireError(f"spontaneous {self.spontaneous} are offered codes as well")

    @property
    def has_bare_steps(self) -> bool:
        """Whether some options are bare steps between the ones with words."""
        return len(self.labelled) < len(self.scale.all_codes)


@dataclass(frozen=True, slots=True)
class Question:
    """An item in the words of one language.

    Parameters
    ----------
    item : Item
        What is asked.
    language : str
        ISO 639-1 code of the language.
    text : str
        The question.
    labels : tuple of str
        One label per code of ``item.scale.all_codes``; "" for a bare step.
    """

    item: Item
    language: str
    text: str
    labels: tuple[str, ...]

    @property
    def listed_codes(self) -> tuple[int, ...]:
        """All codes in the order in which the questionnaire lists them."""
        return self.item.listed

    def label(self, code: int) -> str:
        """Give the words of an option; the code itself for a bare step.

        Parameters
        ----------
        code : int
            One of ``item.scale.all_codes``.

        Examples
        --------
        >>> from doxa.questionnaire import QuestionBank
        >>> question = QuestionBank.load().question("Q164", "en")
        >>> question.label(4), question.label(10)
        ('4', 'Very important')
        """
        return self.labels[self.item.scale.all_codes.index(code)] or str(code)


@dataclass(frozen=True, slots=True)
class CountryName:
    """A country in one language.

    Parameters
    ----------
    name : str
        Its name.
    people : str
        Its people, in the form that the language's persona sentence needs.
    """

    name: str
    people: str


@dataclass(frozen=True, slots=True)
class Country:
    """A country of the survey.

    Parameters
    ----------
    code : str
        The survey's alpha-3 code: ISO 3166-1 with a few additions (NIR, Northern Ireland).
    name : str
        Its English name.
    languages : tuple of str
        ISO 639-1 codes (639-2 or 639-3 where there is none) of the languages in which the
        questionnaire was fielded there, the main one first.
    waves : tuple of int
        The waves it took part in.
    """

    code: str
    name: str
    languages: tuple[str, ...]
    waves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """The questionnaire in one language.

    Parameters
    ----------
    code : str
        ISO 639-1 code.
    name, english_name : str
        What the language calls itself, and its English name.
    script : str
        ISO 15924 code of its script, such as ``"Latn"``.
    direction : {"ltr", "rtl"}
        Which way it is written.
    questions : mapping of str to Question
        By item, in the bank's order. A bank's own file may lack some.
    countries : mapping of str to CountryName
        By alpha-3 code.
    prompt : mapping of str to str or mapping
        The texts that `doxa.prompt` builds prompts from.
    path : pathlib.Path
        The file it was read from.
    """

    code: str
    name: str
    english_name: str
    script: str
    direction: Literal["ltr", "rtl"]
    questions: Mapping[str, Question] = field(repr=False, hash=False)
    countries: Mapping[str, CountryName] = field(repr=False, hash=False)
    prompt: Mapping[str, str | Mapping[str, str]] = field(repr=False, hash=False)
    path: Path = field(repr=False)
