"""Reading a language file, ``<language>.toml``: the questionnaire's wording in that language."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, cast

from doxa.questionnaire.group_words import read_group_words
from doxa.questionnaire.language import (
    BY_AUTHOR,
    REVIEWS,
    UNREVIEWED,
    WORDING,
    CountryName,
    Language,
    Question,
    Review,
    ReviewKind,
)
from doxa.questionnaire.read_only import read_only
from doxa.questionnaire.strict_toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.questionnaire.strict_toml import TomlTable

__all__ = ["STEM_PLACE", "read_language"]

STEM_PLACE: Final = "{item}"
"""Where the stem of a battery takes in the words of each item."""


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
    questions = _read_questions(file, code, items, labels)
    countries = {}
    for country, entry in file.optional_table("countries").tables():
        countries[country] = CountryName(entry.take("name", str), entry.take("people", str))
        entry.finish()
    groups = read_group_words(file.optional_table("groups"))
    prompt = _read_prompt(file.optional_table("prompt"))
    further = file.optional_table("wordings")
    wordings_review = _read_review(further, (BY_AUTHOR, *REVIEWS))
    language = Language(
        code=code,
        name=head.take("name", str),
        english_name=head.take("english_name", str),
        script=head.take("script", str),
        direction=cast("Literal['ltr', 'rtl']", direction),
        questions=read_only(questions),
        countries=read_only(countries),
        groups=groups,
        prompt=prompt,
        path=path,
        review=_read_review(head, REVIEWS),
        uncertain=_read_uncertain(file, {*questions, *labels, *prompt, *countries, *groups}),
        wordings=_read_wordings(further, questions),
        wordings_review=wordings_review,
    )
    head.finish()
    file.finish()
    return language


def _read_questions(
    file: TomlTable, code: str, items: Mapping[str, Item], sets: Mapping[str, tuple[str, ...]]
) -> dict[str, Question]:
    """Read the items, those written whole and those of batteries."""
    wording = file.table("items")
    tables = [wording]
    place_of = dict.fromkeys(wording.remaining(), (wording, STEM_PLACE))
    for _, battery in file.optional_table("batteries").tables():
        stem = battery.take("stem", str)
        if stem.count(STEM_PLACE) != 1 or re.search("[{}]", stem.replace(STEM_PLACE, "")):
            raise battery.error(f"must hold {STEM_PLACE} once, and no other brace", "stem")
        for item_id in battery.remaining():
            if item_id in place_of:
                raise battery.error("is worded twice: remove one", item_id)
            place_of[item_id] = battery, stem
        tables.append(battery)
    questions = {
        item_id: _read_question(item, code, *place_of[item_id], sets)
        for item_id, item in items.items()
        if item_id in place_of
    }
    for table in tables:
        table.finish()
    return questions


def _read_question(
    item: Item, language: str, wording: TomlTable, stem: str, sets: Mapping[str, tuple[str, ...]]
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
    text = stem.replace(STEM_PLACE, text)
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


def _read_wordings(table: TomlTable, items: Collection[str]) -> Mapping[str, Mapping[str, str]]:
    """Read the further wordings: each has the text of every item of the file."""
    wordings = {}
    for name, texts in table.tables():
        if len(name) != 1 or not "b" <= name <= "z":
            raise table.error(f"is no wording's name: {WORDING} is the items', so b to z", name)
        wordings[name] = read_only({item: texts.take(item, str) for item in items})
        texts.finish()
    return read_only(wordings)


def _read_review(head: TomlTable, kinds: Collection[str]) -> Review:
    if "review" not in head.remaining():
        return UNREVIEWED
    kind = head.take("review", str)
    if kind not in kinds:
        raise head.error(f"is {kind!r}: write {', '.join(kinds)}", "review")
    readers = head.take("readers", int)
    if (readers < 1) != (kind == BY_AUTHOR):
        raise head.error(f"is {readers}: count those who read it beside the author", "readers")
    return Review(cast("ReviewKind", kind), readers, head.take("reviewed", date))


def _read_uncertain(file: TomlTable, names: Collection[str]) -> Mapping[str, str]:
    table = file.optional_table("uncertain")
    reasons = {}
    for name in table.remaining():
        if name not in names:
            raise table.error(
                "is no item, answer set, prompt text, country or group of this file", name
            )
        reasons[name] = table.take(name, str)
    return read_only(reasons)
