"""A questionnaire of one's own: one TOML file with items, scales and words in any languages.

::

    [questionnaire]
    name = "Working life"
    language = "en"              # of texts and labels that do not name their language

    [answers.agreement]          # a set of answers that several items share
    scale = "ordinal"            # or "nominal", for options without an order
    codes = [1, 2, 3, 4]         # in the order of the scale
    labels = ["Strongly agree", "Agree", "Disagree", "Strongly disagree"]
    off_scale = [9]              # may be left out: codes that are not on the scale, labelled last
    positions = [1, 2, 3, 4]     # may be left out: where the codes lie on the scale

    [items.home]
    answers = "agreement"
    text = { en = "Should all work at home?", es = "…" }   # or one text, in the language above
    topic = "Place"              # may be left out

    [items.best]                 # an item with a scale of its own
    text = "Where do people work best?"
    scale = "nominal"
    codes = [1, 2]
    labels = { en = ["At home", "In an office"], es = ["…", "…"] }

The sentences around an item, such as the request to choose an option, are doxa's own.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from doxa.errors import QuestionnaireError
from doxa.outside.documents import toml_of
from doxa.questionnaire.items_file import AnswerSet
from doxa.questionnaire.language import Question
from doxa.questionnaire.read_only import read_only
from doxa.questionnaire.strict_toml import TomlTable, read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item

__all__ = ["HIGHEST_CODE", "Own", "own_of_text", "read_own"]

HIGHEST_CODE: Final = 126
"""The highest code of an answer: answers of respondents are kept in one byte each."""

_NAME: Final = re.compile(r"[^\s,={}\[\]]+")


@dataclass(frozen=True, slots=True)
class Own:
    """What a file of one's own holds.

    Parameters
    ----------
    name : str
        The questionnaire's name.
    topics : mapping of str to str
        The topics that items name, each under its own name.
    items : mapping of str to Item
        In the file's order.
    questions : mapping of str to mapping of str to Question
        By language, then item. A language may lack items.
    """

    name: str
    topics: Mapping[str, str]
    items: Mapping[str, Item]
    questions: Mapping[str, Mapping[str, Question]]


def read_own(path: Path) -> Own:
    """Read a questionnaire from a file as shown at the top of this module, or from a CSV file.

    Parameters
    ----------
    path : pathlib.Path
        TOML; or, where the name ends in ``.csv``, a table with one row an option, as
        `doxa.questionnaire.own_table` describes it.

    Raises
    ------
    QuestionnaireError
        The file is missing or wrong; the message names the file, the key and the remedy.
    """
    if path.suffix.lower() == ".csv":
        # polars, which reads tables, takes a while to import
        from doxa.questionnaire.own_table import own_table

        return _read(TomlTable(own_table(path), path))
    return _read(read_toml(path))


def own_of_text(text: str, where: Path) -> Own:
    """Read a questionnaire from the text of such a file; `where` names it in messages.

    Raises
    ------
    QuestionnaireError
        As from `read_own`.
    """
    try:
        table = toml_of(text.encode())
    except ValueError as error:
        raise QuestionnaireError(f"{where}: its questionnaire is not TOML ({error})") from None
    return _read(TomlTable(table, where))


def _read(file: TomlTable) -> Own:
    head = file.table("questionnaire")
    name = head.take("name", str)
    language = head.take("language", str) if head.holds("language", str) else ""
    head.finish()
    sets = {
        key: _Answers.read(table, language)
        for key, table in file.optional_table("answers").tables()
    }
    unused = dict(sets)
    items: dict[str, Item] = {}
    questions: dict[str, dict[str, Question]] = {}
    tables = file.table("items")
    for item_id, table in tables.tables():
        if not _NAME.fullmatch(item_id):
            raise table.error("is no name for an item: use letters, digits, - and _")
        topic = table.take("topic", str) if table.holds("topic", str) else name
        measures = table.take("measures", str) if table.holds("measures", str) else ""
        texts = _by_language(table, "text", language)
        if table.holds("answers", str):
            named = table.take("answers", str)
            if named not in sets:
                raise table.error(
                    f"{named!r} is not an answer set: add [answers.{named}]", "answers"
                )
            chosen = sets[named]
            unused.pop(named, None)
        else:
            named, chosen = item_id, _Answers.read(table, language)
        table.finish()
        item = chosen.answers.item(item_id, topic, named, {}, measures, table)
        items[item_id] = item
        for code in texts.remaining():
            asked = chosen.question(item, code, texts.take(code, str).strip())
            questions.setdefault(code, {})[item_id] = asked
    file.finish()
    if not items:
        raise tables.error("is empty: describe an item, as `doxa questionnaire new` shows")
    for one in unused.values():
        raise one.table.error("is used by no item: remove it, or name it in an item")
    return Own(
        name,
        read_only({item.topic: item.topic for item in items.values()}),
        read_only(items),
        read_only({code: read_only(some) for code, some in questions.items()}),
    )


def _by_language(table: TomlTable, key: str, language: str) -> TomlTable:
    """Take what is given by language; a bare value is in the questionnaire's own language."""
    if not table.holds(key, dict) and language and key in table.remaining():
        return TomlTable({language: table.take(key, object)}, table.path, f"{table.name}.{key}")
    if key in table.remaining() and not table.holds(key, dict):
        raise table.error(
            'does not say its language: write { en = … }, or language = "en" in [questionnaire]',
            key,
        )
    found = table.table(key)
    if not [*found.remaining()]:
        raise found.error("is empty: give it in a language")
    return found


@dataclass(frozen=True, slots=True)
class _Answers:
    """A set of answers with its labels, by language."""

    answers: AnswerSet
    labels: Mapping[str, tuple[str, ...]]
    table: TomlTable

    @classmethod
    def read(cls, table: TomlTable, language: str) -> _Answers:
        given = _by_language(table, "labels", language)
        labels = {code: given.list_of(code, str) for code in given.remaining()}
        answers = AnswerSet.read(table)
        for code in answers.scale.all_codes + answers.spontaneous:
            if not 0 <= code <= HIGHEST_CODE:
                raise table.error(f"holds {code}: codes go from 0 to {HIGHEST_CODE}", "codes")
        return cls(answers, labels, table)

    def question(self, item: Item, language: str, text: str) -> Question:
        """Put an item in the words of a language."""
        if language not in self.labels:
            raise self.table.error(
                f"has none in {language}, in which {item.id} is worded: add them", "labels"
            )
        words = [label.strip() for label in self.labels[language]]
        codes = [code for code in item.listed if code in item.labelled]
        if len(words) != len(codes) or not all(words):
            raise self.table.error(
                f"are {words} in {language} for the codes {codes}: give each its words", "labels"
            )
        twice = next((word for word, n in Counter(words).items() if n > 1), None)
        if twice is not None:
            raise self.table.error(f"hold {twice!r} twice in {language}: reword one", "labels")
        found = dict(zip(codes, words, strict=True))
        return Question(item, language, text, tuple(found.get(c, "") for c in item.scale.all_codes))
