"""The wording of the questionnaire in one language."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from doxa.errors import QuestionnaireError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from doxa.questionnaire.item import Item

__all__ = [
    "BY_AUTHOR",
    "REVIEWS",
    "UNREVIEWED",
    "WORDING",
    "CountryName",
    "Language",
    "Question",
    "Review",
    "ReviewKind",
]

ReviewKind: TypeAlias = Literal["one reader", "back-read", "native"]

REVIEWS: Final[tuple[str, ...]] = get_args(ReviewKind)
"""How a language can have been reviewed, from the least to the most."""

BY_AUTHOR: Final = "author"
"""The review of further wordings that nobody but their author has read."""

WORDING: Final = "a"
"""The wording of every item that the tables of items and batteries hold."""


@dataclass(frozen=True, slots=True)
class Question:
    """An item in the words of one language.

    Parameters
    ----------
    item : Item
        What is asked.
    language : str
        Code of the language (BCP 47), such as ``ja`` or ``zh-Hant``.
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
class Review:
    """How the wording of a language was checked after it was written.

    Parameters
    ----------
    kind : {"one reader", "back-read", "native", "author", "none"}
        Whether it was read by someone beside its author; translated back without sight of the
        original, and compared with it; read by a native speaker; read again by its author alone,
        as further wordings can be; or never read.
    readers : int
        How many read it, the author not counted.
    date : datetime.date or None
        When it was last read; None if it never was.
    """

    kind: ReviewKind | Literal["author", "none"]
    readers: int
    date: date | None


UNREVIEWED: Final = Review("none", 0, None)
"""The review of a language whose file states none."""


@dataclass(frozen=True, slots=True)
class Language:
    """The questionnaire in one language.

    Parameters
    ----------
    code : str
        BCP 47: ISO 639 code, with a script where one language is asked in two, as ``zh-Hant``.
    name, english_name : str
        What the language calls itself, and its English name.
    script : str
        ISO 15924 code of its script, such as ``"Latn"``.
    direction : {"ltr", "rtl"}
        The direction of writing.
    questions : mapping of str to Question
        By item, in the bank's order. Some items may be missing.
    countries : mapping of str to CountryName
        By alpha-3 code.
    groups : mapping of str to mapping of str to str
        The words for groups of people: by variable, its name and its categories. Some variables
        may be missing.
    prompt : mapping of str to str or mapping
        The texts that `doxa.prompt` builds prompts from.
    path : pathlib.Path
        The file it was read from.
    review : Review
        How the wording was checked.
    uncertain : mapping of str to str
        The items, answer sets, prompt texts, countries and variables of groups whose words their
        author is not sure of, each with the reason.
    wordings : mapping of str to mapping of str to str
        The further wordings, ``"b"`` and so on: the text of each question, by item. Empty if the
        file has none.
    wordings_review : Review
        How the further wordings were checked.
    """

    code: str
    name: str
    english_name: str
    script: str
    direction: Literal["ltr", "rtl"]
    questions: Mapping[str, Question] = field(repr=False, hash=False)
    countries: Mapping[str, CountryName] = field(repr=False, hash=False)
    groups: Mapping[str, Mapping[str, str]] = field(repr=False, hash=False)
    prompt: Mapping[str, str | Mapping[str, str]] = field(repr=False, hash=False)
    path: Path = field(repr=False)
    review: Review = field(repr=False)
    uncertain: Mapping[str, str] = field(repr=False, hash=False)
    wordings: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False, hash=False)
    wordings_review: Review = field(default=UNREVIEWED, repr=False)

    def worded(self, item: str, wording: str) -> Question:
        """Give a question in one of its wordings; the labels are the same in each.

        Parameters
        ----------
        item : str
            A key of `questions`.
        wording : str
            `WORDING` for the questionnaire's own, or a key of `wordings`.

        Raises
        ------
        QuestionnaireError
            The language has no such wording.

        Examples
        --------
        >>> from doxa.questionnaire import QuestionBank
        >>> QuestionBank.load().language("en").worded("Q46", "c").text
        'Please say how happy you are, all in all.'
        """
        question = self.questions[item]
        if wording == WORDING:
            return question
        if wording not in self.wordings:
            known = ", ".join((WORDING, *self.wordings))
            raise QuestionnaireError(f"{self.path}: has no wording {wording!r}; it has {known}")
        return replace(question, text=self.wordings[wording][item])

    def doubts_about(self, item: str) -> tuple[str, ...]:
        """Give the reasons for which the wording of an item, or of its answers, is uncertain.

        Parameters
        ----------
        item : str
            A key of `questions`.

        Examples
        --------
        >>> from doxa.questionnaire import QuestionBank
        >>> QuestionBank.load().language("en").doubts_about("Q1")
        ()
        """
        names = (item, self.questions[item].item.answers)
        return tuple(self.uncertain[name] for name in names if name in self.uncertain)
