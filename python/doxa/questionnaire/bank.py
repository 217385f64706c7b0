"""The question bank: items, countries and languages, read from a folder or a file."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from doxa.errors import QuestionnaireError
from doxa.questionnaire.country import read_countries
from doxa.questionnaire.items_file import read_items
from doxa.questionnaire.language import UNREVIEWED, WORDING
from doxa.questionnaire.language_file import read_language
from doxa.questionnaire.own import own_of_text, read_own
from doxa.questionnaire.read_only import read_only

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from doxa.questionnaire.country import Country
    from doxa.questionnaire.item import Item
    from doxa.questionnaire.language import Language, Question
    from doxa.questionnaire.own import Own

__all__ = ["SHIPPED", "QuestionBank"]

SHIPPED: Final = Path(__file__).parent
"""The folder of the questionnaire that comes with doxa."""

_NOT_LANGUAGES: Final = frozenset({"items", "countries"})


class QuestionBank:
    """A questionnaire: its items, and its wording in some languages.

    Make one with `QuestionBank.load`. A language's file is read when it is first needed.

    Attributes
    ----------
    path : pathlib.Path
        The folder or the file that it was read from.
    name : str
        Its name.
    items : mapping of str to Item
        In the order of the questionnaire.
    topics : mapping of str to str
        English names of the topics, in the order of the questionnaire.
    countries : mapping of str to Country
        By alpha-3 code.
    languages : tuple of str
        Codes of the languages that the bank has.

    Examples
    --------
    >>> bank = QuestionBank.load()
    >>> len(bank.items)
    144
    >>> bank.question("Q46", "en").labels
    ('Very happy', 'Rather happy', 'Not very happy', 'Not at all happy')
    """

    def __init__(
        self,
        path: Path,
        name: str,
        topics: Mapping[str, str],
        items: Mapping[str, Item],
        countries: Mapping[str, Country],
        languages: tuple[str, ...],
        read: Callable[[str], Language],
    ) -> None:
        self.path = path
        self.name = name
        self.topics = topics
        self.items = items
        self.countries = countries
        self.languages = languages
        self._reader = read
        self._read: dict[str, Language] = {}

    @classmethod
    def load(cls, path: Path | str | None = None) -> QuestionBank:
        """Read a question bank.

        Parameters
        ----------
        path : pathlib.Path or str, optional
            A file of one's own, as `doxa.questionnaire.own` describes it, or a folder with
            ``items.toml``, ``countries.toml`` and a ``<language>.toml`` for each language.
            Default: the questionnaire that comes with doxa.

        Raises
        ------
        QuestionnaireError
            A file is missing or wrong; the message names the file, the key and the remedy.
        """
        if path is None:
            return _shipped()
        if Path(path).is_dir():
            return cls._of_folder(Path(path))
        return cls._of_own(read_own(Path(path)), Path(path))

    @classmethod
    def of_text(cls, text: str, where: Path) -> QuestionBank:
        """Read a question bank from the text of a file of one's own, such as a run keeps.

        Parameters
        ----------
        text : str
            TOML, as `doxa.questionnaire.own` describes it.
        where : pathlib.Path
            Where it was found, for messages.

        Raises
        ------
        QuestionnaireError
            The text is wrong.
        """
        return cls._of_own(own_of_text(text, where), where)

    @classmethod
    def _of_folder(cls, folder: Path) -> QuestionBank:
        topics, items = read_items(folder / "items.toml")
        codes = sorted(p.stem for p in folder.glob("*.toml") if p.stem not in _NOT_LANGUAGES)
        return cls(
            folder,
            folder.name,
            topics,
            items,
            read_countries(folder / "countries.toml"),
            tuple(codes),
            functools.partial(_language_of_folder, folder, items),
        )

    @classmethod
    def _of_own(cls, own: Own, path: Path) -> QuestionBank:
        shipped = _shipped()
        for language, questions in own.questions.items():
            if language not in shipped.languages:
                raise QuestionnaireError(
                    f"{path}: {next(iter(questions))} is worded in {language!r}, in which doxa has "
                    f"no prompts: there are {', '.join(shipped.languages)}"
                )
        languages = tuple(own.questions)
        read = functools.partial(_language_of_own, path, own)
        return cls(path, own.name, own.topics, own.items, shipped.countries, languages, read)

    @property
    def is_own(self) -> bool:
        """Whether it has other items than the survey's, so that people's answers are others too.

        The survey's items in other words, in a folder of one's own, are still the survey's.
        """
        return any(item != _shipped().items.get(name) for name, item in self.items.items())

    @property
    def default_language(self) -> str:
        """The code of English, or of the first language of a questionnaire without English."""
        return "en" if "en" in self.languages else self.languages[0]

    def __reduce__(self) -> str | tuple[object, ...]:
        """Pickle the questionnaire that comes with doxa by its name, any other with its content."""
        return (_shipped, ()) if self.path == SHIPPED else super().__reduce__()

    def language(self, code: str) -> Language:
        """Get the questionnaire in one language.

        Parameters
        ----------
        code : str
            One of `languages`.

        Raises
        ------
        QuestionnaireError
            The bank lacks the language, or its file is wrong.
        """
        if code not in self._read:
            if code not in self.languages:
                known = ", ".join(self.languages) or "none"
                raise QuestionnaireError(f"no language {code!r} in {self.path}; there are: {known}")
            self._read[code] = self._reader(code)
        return self._read[code]

    def question(self, item_id: str, language: str, wording: str = WORDING) -> Question:
        """Get a wording of an item in one language.

        Parameters
        ----------
        item_id : str
            A key of `items`.
        language : str
            One of `languages`.
        wording : str
            ``"a"``, the questionnaire's own, or a key of the language's `wordings`.

        Raises
        ------
        QuestionnaireError
            The bank lacks the item or the language, or the language lacks the item or the wording.
        """
        if item_id not in self.items:
            raise QuestionnaireError(
                f"no item {item_id!r} in {self.path}: try {next(iter(self.items))}"
            )
        known = self.language(language)
        if item_id not in known.questions:
            raise QuestionnaireError(f"{known.path}: item {item_id} has no wording: add it")
        return known.worded(item_id, wording)

    def items_for(self, language: str) -> tuple[str, ...]:
        """List the items that have wording in a language, in the questionnaire's order."""
        return tuple(self.language(language).questions)

    def languages_of(self, country: str) -> tuple[str, ...]:
        """List the languages of the bank in which a country was interviewed, its main one first.

        Parameters
        ----------
        country : str
            A key of `countries`.

        Returns
        -------
        tuple of str
            Language codes; empty if the bank has none of the country's languages.

        Raises
        ------
        QuestionnaireError
            The bank lacks the country.

        Examples
        --------
        >>> QuestionBank.load().languages_of("JPN")
        ('ja',)
        """
        if country not in self.countries:
            raise QuestionnaireError(
                f"no country {country!r} in {self.path}: write its alpha-3 code, such as JPN"
            )
        return tuple(c for c in self.countries[country].languages if c in self.languages)

    def spread(self, n: int, *, among: Collection[str] | None = None) -> tuple[str, ...]:
        """Choose items spread over the whole questionnaire.

        All items are sorted by topic, then by kind of scale and answer set, and `n` are taken at
        equal steps. So each topic gets its share to within one item, and the same `n` always
        gives the same items.

        Parameters
        ----------
        n : int
            The number of items, from 1 to the number of items in `among`.
        among : collection of str, optional
            The items to choose from. Default: all.

        Returns
        -------
        tuple of str
            Ids in the questionnaire's order.

        Raises
        ------
        QuestionnaireError
            `n` is out of range.

        Examples
        --------
        >>> len(QuestionBank.load().spread(40))
        40
        """
        topics = list(self.topics)
        ids = [item for item in self.items if among is None or item in among]
        if not 1 <= n <= len(ids):
            raise QuestionnaireError(f"{n} items of {len(ids)}: choose from 1 to {len(ids)}")
        row = sorted(
            ids,
            key=lambda i: (
                topics.index(self.items[i].topic),
                self.items[i].scale.kind,
                self.items[i].answers,
                ids.index(i),
            ),
        )
        chosen = {row[(2 * k + 1) * len(row) // (2 * n)] for k in range(n)}
        return tuple(i for i in ids if i in chosen)


@functools.cache
def _shipped() -> QuestionBank:
    return QuestionBank._of_folder(SHIPPED)


def _language_of_folder(folder: Path, items: Mapping[str, Item], code: str) -> Language:
    return read_language(folder / f"{code}.toml", code, items)


def _language_of_own(path: Path, own: Own, code: str) -> Language:
    """Put the questions of a file in the place of those in doxa's own file of a language."""
    return replace(
        _shipped().language(code),
        questions=own.questions[code],
        path=path,
        review=UNREVIEWED,
        uncertain=read_only({}),
        wordings=read_only({}),
        wordings_review=UNREVIEWED,
    )
