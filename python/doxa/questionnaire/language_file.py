"""Reading a language file, ``<language>.toml``: the questionnaire's wording in that language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from doxa.questionnaire.language import CountryName, Language, Question
from doxa.questionnaire.read_only import read_only
from doxa.questionnaire.strict_toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item
from doxa.questionnaire.strict_toml import TomlTable

__all__ = ["read_language"]


def read_language(path: Path, code: str, items: Mapping[str, Item]) -> Language:
    """Read a language file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    code : str
        The code of its language; the file must state the same code.
    items : mapping of str to Item
        The items that it may hold.

    Raises
    ------
    QuestionnaireError
        The file is missing or wrong; the message names the file, the key and the remedy.
    """
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
        raise sets.error("is not an answer set of items.toml: correct its spelling", name)
    wording = file.table("items")
    questions = {
        item_id: _read_question(item, code, wording, labels)
        for item_id, item in items.items()
        if item_id in tuple(wording.remaining())
    }
    wording.finish()
    countries = {}
    for country, entry in file.optional_table("countries").tables():
        countries[country] = CountryName(entry.take("name", str), entry.take("people", str))
        entry.finish()
    language = Language(
        code=code,
        name=head.take("name", str),
        english_name=head.take("english_name", str),
        script=head.take("script", str),
        direction=cast("Literal['ltr', 'rtl']", direction),
        questions=read_only(questions),
        countries=read_only(countries),
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
            texts[key] = read_only({k: variants.take(k, str) for k in variants.remaining()})
        else:
            texts[key] = table.take(key, str)
    return read_only(texts)
