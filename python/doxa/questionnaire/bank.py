"""The question bank: items, countries and languages, read from a folder."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Final

from doxa.errors import QuestionnaireError
from doxa.questionnaire.country import read_countries
from doxa.questionnaire.items_file import read_items
from doxa.questionnaire.language import WORDING
from doxa.questionnaire.language_file import read_language

if TYPE_CHECKING:
    from collections.abc import Collection

    from doxa.questionnaire.language import Language, Question

__all__ = ["SHIPPED", "QuestionBank"]

SHIPPED: Final = Path(__file__).parent
"""The folder of the questionnaire that comes with doxa."""

_NOT_LANGUAGES: Final = frozenset({"items", "countries"})


class QuestionBank:
    """A questionnaire: its items, and its wording in some languages.

    Make one with `QuestionBank.load`. A language's file is read when it is first needed.

    Attributes
    ----------
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

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.topics, self.items = read_items(folder / "items.toml")
        self.countries = read_countries(folder / "countries.toml")
        self.languages = tuple(
            sorted(p.stem for p in folder.glob("*.toml") if p.stem not in _NOT_LANGUAGES)
        )
        self._read: dict[str, Language] = {}

    @classmethod
    def load(cls, path: Path | str | None = None) -> QuestionBank:
        """Read a question bank.

        Parameters
        ----------
        path : pathlib.Path or str, optional
            A folder with ``items.toml``, ``countries.toml`` and a ``<language>.toml`` for each
            language. Default: the questionnaire that comes with doxa.

        Raises
        ------
        QuestionnaireError
            A file is missing or wrong; the message names the file, the key and the remedy.
        """
        return _shipped() if path is None else cls(Path(path))

    def __reduce__(self) -> str | tuple[object, ...]:
        """Pickle the questionnaire that comes with doxa by its name, any other with its content."""
        if self.folder == _shipped().folder:
            return _shipped, ()
        return super().__reduce__()

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
                raise QuestionnaireError(
                    f"no language {code!r} in {self.folder}; there are: {known}"
                )
            self._read[code] = read_language(self.folder / f"{code}.toml", code, self.items)
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
                f"no item {item_id!r} in {self.folder}: try {next(iter(self.items))}"
            )
        known = self.language(language)
        if item_id not in known.questions:
            raise QuestionnaireError(
                f"{self.folder / f'{language}.toml'}: item {item_id} has no wording: add it"
            )
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
                f"no country {country!r} in {self.folder / 'countries.toml'}: "
                "write its alpha-3 code, such as JPN"
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
    return QuestionBank(SHIPPED)
