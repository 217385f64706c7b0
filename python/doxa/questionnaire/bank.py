"""The question bank: a questionnaire read from files.

The files are TOML, read strictly: a key that is missing, unknown or of the wrong kind is an error
that names the file, the key and the remedy.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, cast

from doxa.errors import QuestionnaireError
from doxa.questionnaire.item import Country, CountryName, Item, Language, Question
from doxa.questionnaire.scale import Scale, ScaleKind
from doxa.questionnaire.strict_toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from doxa.questionnaire.strict_toml import TomlTable

__all__ = ["Country", "CountryName", "Item", "Language", "Question", "QuestionBank"]

SHIPPED = Path(__file__).parent
_NOT_LANGUAGES = frozenset({"items", "countries"})


class QuestionBank:
    """A questionnaire: its items, and its wording in some languages.

    Make one with `QuestionBank.load`. Language files are read when first needed.

    Attributes
    ----------
    items : mapping of str to Item
        In the order of the questionnaire.
    topics : mapping of str to str
        English names of the topics, in the order of the questionnaire.
    countries : mapping of str to Country
        By alpha-3 code.
    languages : tuple of str
        Codes of the languages there are.

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
        self.topics, self.items = _read_items(folder / "items.toml")
        self.countries = _read_countries(folder / "countries.toml")
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
            A folder with ``items.toml``, ``countries.toml`` and one ``<language>.toml`` a
            language; by default the questionnaire that comes with doxa.

        Raises
        ------
        QuestionnaireError
            A file is missing or wrong; the message names the file, the key and the remedy.
        """
        return _shipped() if path is None else cls(Path(path))

    def language(self, code: str) -> Language:
        """Look up the questionnaire in one language.

        Parameters
        ----------
        code : str
            One of `languages`.

        Raises
        ------
        QuestionnaireError
            There is no such language, or its file is wrong.
        """
        if code not in self._read:
            if code not in self.languages:
                known = ", ".join(self.languages) or "none"
                raise QuestionnaireError(
                    f"no language {code!r} in {self.folder}; there are: {known}"
                )
            self._read[code] = _read_language(self.folder / f"{code}.toml", code, self.items)
        return self._read[code]

    def question(self, item_id: str, language: str) -> Question:
        """Look up an item in the words of one language.

        Parameters
        ----------
        item_id : str
            A key of `items`.
        language : str
            One of `languages`.

        Raises
        ------
        QuestionnaireError
            There is no such item or language, or the language lacks the item.
        """
        if item_id not in self.items:
            raise QuestionnaireError(
                f"no item {item_id!r} in {self.folder}: try {next(iter(self.items))}"
            )
        questions = self.language(language).questions
        if item_id not in questions:
            raise QuestionnaireError(
                f"{self.folder / f'{language}.toml'}: item {item_id} has no wording: add it"
            )
        return questions[item_id]

    def items_for(self, language: str) -> tuple[str, ...]:
        """List the items that have wording in a language, in the questionnaire's order."""
        return tuple(self.language(language).questions)

    def languages_of(self, country: str) -> tuple[str, ...]:
        """List the bank's languages in which a country was asked, its main one first.

        Parameters
        ----------
        country : str
            A key of `countries`.

        Returns
        -------
        tuple of str
            Language codes; none where the bank has none of the country's languages.

        Raises
        ------
        QuestionnaireError
            There is no such country.

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
        """Choose items that stand for the whole questionnaire.

        The items are laid in a row by topic and, within a topic, by answer set, and picked at
        equal steps along it. Each topic and each kind of scale so gets its share, to within one
        item, and the same `n` always gives the same items.

        Parameters
        ----------
        n : int
            How many items, from 1 to the number there are to choose from.
        among : collection of str, optional
            The items to choose from; by default all.

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
            raise QuestionnaireError(f"{n} items of {len(ids)}: choose from 1 to all")
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


def _read_items(path: Path) -> tuple[Mapping[str, str], Mapping[str, Item]]:
    """Read ``items.toml``: the topics' names, and the items."""
    file = read_toml(path)
    topic_table = file.table("topics")
    topics = {key: topic_table.take(key, str) for key in topic_table.remaining()}
    answers = {key: _AnswerSet.read(table) for key, table in _tables(file.table("answers"))}
    items: dict[str, Item] = {}
    for topic, table in _tables(file.table("items")):
        if topic not in topics:
            raise table.error(f"is no topic: add {topic} to [topics]")
        for item_id, entry in _tables(table):
            if item_id in items:
                raise entry.error("is there twice: remove one")
            name = entry.take("answers", str)
            if name not in answers:
                raise entry.error(f"{name!r} is no answer set: add [answers.{name}]", "answers")
            variables = entry.table("variables")
            waves = {
                _wave(variables, key): variables.take(key, str) for key in variables.remaining()
            }
            entry.finish()
            items[item_id] = answers[name].item(item_id, topic, name, waves, entry)
    file.finish()
    return MappingProxyType(topics), MappingProxyType(items)


def _tables(table: TomlTable) -> list[tuple[str, TomlTable]]:
    return [(key, table.table(key)) for key in table.remaining()]


def _wave(table: TomlTable, key: str) -> int:
    if not key.isdecimal():
        raise table.error("is no wave: write its number", key)
    return int(key)


@dataclass(frozen=True, slots=True)
class _AnswerSet:
    """A set of answers that items share."""

    scale: Scale
    listed: tuple[int, ...]
    labelled: tuple[int, ...]
    spontaneous: tuple[int, ...]

    @classmethod
    def read(cls, table: TomlTable) -> _AnswerSet:
        kind = table.take("scale", str)
        codes = table.list_of("codes", int)
        positions = table.numbers("positions")
        off_scale = table.list_of("off_scale", int, optional=True)
        try:
            scale = Scale(cast("ScaleKind", kind), codes, positions, off_scale)
        except QuestionnaireError as error:
            raise table.error(str(error)) from None
        listed, labelled, spontaneous = (
            table.list_of(key, int, optional=True) for key in ("listed", "labelled", "spontaneous")
        )
        table.finish()
        return cls(scale, listed, labelled, spontaneous)

    def item(
        self, item_id: str, topic: str, name: str, variables: Mapping[int, str], place: TomlTable
    ) -> Item:
        try:
            return Item(
                item_id, topic, name, self.scale, variables,
                self.listed, self.labelled, self.spontaneous,
            )  # fmt: skip
        except QuestionnaireError as error:
            raise place.error(str(error)) from None


def _read_countries(path: Path) -> Mapping[str, Country]:
    file = read_toml(path)
    countries = {}
    for code, table in _tables(file):
        countries[code] = Country(
            code,
            table.take("name", str),
            table.list_of("languages", str),
            table.list_of("waves", int),
        )
        table.finish()
    return MappingProxyType(countries)


def _read_language(path: Path, code: str, items: Mapping[str, Item]) -> Language:
    file = read_toml(path)
    head = file.table("language")
    named = head.take("code", str)
    if named != code:
        raise head.error(f"is {named!r} in a file named {path.name}: make them agree", "code")
    direction = head.take("direction", str)
    if direction not in ("ltr", "rtl"):
        raise head.error(f"is {direction!r}: write ltr or rtl", "direction")
    sets = file.table("answers")
    labels = {key: sets.list_of(key, str) for key in sets.remaining()}
    unknown = labels.keys() - {item.answers for item in items.values()}
    for name in sorted(unknown):
        raise sets.error("is no answer set of items.toml: correct its spelling", name)
    wording = file.table("items")
    questions = {
        item_id: _read_question(item, code, wording, labels)
        for item_id, item in items.items()
        if item_id in tuple(wording.remaining())
    }
    wording.finish()
    names = file.optional_table("countries")
    countries = {}
    for country, entry in _tables(names):
        countries[country] = CountryName(entry.take("name", str), entry.take("people", str))
        entry.finish()
    language = Language(
        code=code,
        name=head.take("name", str),
        english_name=head.take("english_name", str),
        script=head.take("script", str),
        direction=cast("Literal['ltr', 'rtl']", direction),
        questions=MappingProxyType(questions),
        countries=MappingProxyType(countries),
        prompt=_read_prompt(file.optional_table("prompt")),
        path=path,
    )
    head.finish()
    file.finish()
    return language


def _read_question(
    item: Item, language: str, wording: TomlTable, sets: Mapping[str, tuple[str, ...]]
) -> Question:
    own: tuple[str, ...] = ()
    if wording.holds(item.id, dict):
        entry = wording.table(item.id)
        text = entry.take("text", str)
        own = entry.list_of("answers", str, optional=True)
        entry.finish()
    else:
        text = wording.take(item.id, str)
    labels = own or sets.get(item.answers)
    if labels is None:
        raise wording.error(f"needs the labels of {item.answers}: add them to [answers]", item.id)
    listed = [code for code in item.listed if code in item.labelled]
    if len(labels) != len(listed) or not all(label.strip() for label in labels):
        raise wording.error(
            f"has the labels {list(labels)} for the codes {listed} of answer set "
            f"{item.answers}: give each its words",
            item.id,
        )
    words = dict(zip(listed, labels, strict=True))
    return Question(item, language, text, tuple(words.get(c, "") for c in item.scale.all_codes))


def _read_prompt(table: TomlTable) -> Mapping[str, str | Mapping[str, str]]:
    texts: dict[str, str | Mapping[str, str]] = {}
    for key in table.remaining():
        if table.holds(key, dict):
            variants = table.table(key)
            texts[key] = MappingProxyType({k: variants.take(k, str) for k in variants.remaining()})
        else:
            texts[key] = table.take(key, str)
    return MappingProxyType(texts)
