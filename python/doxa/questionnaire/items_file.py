"""Reading ``items.toml``: topics, answer sets and items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from doxa.errors import QuestionnaireError
from doxa.questionnaire.item import Item
from doxa.questionnaire.read_only import read_only
from doxa.questionnaire.scale import Scale, ScaleKind
from doxa.questionnaire.strict_toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.strict_toml import TomlTable

__all__ = ["AnswerSet", "read_items"]


def read_items(path: Path) -> tuple[Mapping[str, str], Mapping[str, Item]]:
    """Read ``items.toml``.

    Returns
    -------
    topics : mapping of str to str
        English names of the topics, in the file's order.
    items : mapping of str to Item
        The items, in the file's order.

    Raises
    ------
    QuestionnaireError
        The file is missing or wrong; the message names the file, the key and the remedy.
    """
    file = read_toml(path)
    topic_table = file.table("topics")
    topics = {key: topic_table.take(key, str) for key in topic_table.remaining()}
    answers = {key: AnswerSet.read(table) for key, table in file.table("answers").tables()}
    items: dict[str, Item] = {}
    for topic, table in file.table("items").tables():
        if topic not in topics:
            raise table.error(f"is not a topic: add {topic} to [topics]")
        for item_id, entry in table.tables():
            if item_id in items:
                raise entry.error("is there twice: remove one")
            name = entry.take("answers", str)
            if name not in answers:
                raise entry.error(f"{name!r} is not an answer set: add [answers.{name}]", "answers")
            measures = entry.take("measures", str) if entry.holds("measures", str) else ""
            variables = entry.table("variables")
            waves = {
                _wave(variables, key): variables.take(key, str) for key in variables.remaining()
            }
            entry.finish()
            items[item_id] = answers[name].item(item_id, topic, name, waves, measures, entry)
    file.finish()
    return read_only(topics), read_only(items)


def _wave(table: TomlTable, key: str) -> int:
    if not key.isdecimal():
        raise table.error("is not a wave: write its number", key)
    return int(key)


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """A set of answers that items share."""

    scale: Scale
    listed: tuple[int, ...]
    labelled: tuple[int, ...]
    spontaneous: tuple[int, ...]

    @classmethod
    def read(cls, table: TomlTable) -> AnswerSet:
        """Read the table of a set of answers.

        Raises
        ------
        QuestionnaireError
            A key is missing, unknown or wrong.
        """
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
        self,
        item_id: str,
        topic: str,
        name: str,
        variables: Mapping[int, str],
        measures: str,
        place: TomlTable,
    ) -> Item:
        """Make an item with these answers; `place` is where the file has it, for messages."""
        try:
            return Item(
                item_id, topic, name, self.scale, variables,
                self.listed, self.labelled, self.spontaneous, measures,
            )  # fmt: skip
        except QuestionnaireError as error:
            raise place.error(str(error)) from None
