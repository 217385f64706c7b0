"""Every text of a language that a reviewer reads, beside the English one."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from doxa.errors import QuestionnaireError
from doxa.files import reason
from doxa.outside.documents import toml_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from doxa.questionnaire import Item, Language, QuestionBank

__all__ = ["Place", "places", "raw_file", "shared_labels"]


@dataclass(frozen=True, slots=True)
class Place:
    """A text of a language file, or the labels of a set, or both.

    Parameters
    ----------
    id : str
        An item (``Q1``), or ``answers.<set>``, ``batteries.<name>``, ``wordings.<name>.<item>``,
        ``prompt.<text>`` (with ``.<variant>``), ``groups.<variable>``, ``countries.<code>``.
    measures : str
        What it is for.
    scale : str
        The direction of the scale; "" without one.
    english, text : str
        The text in English and in the language; "" where there are labels alone.
    english_options, options : mapping of str to str
        The labels by code, in the order listed.
    doubt : str
        What the author is not sure of; "" if sure.
    """

    id: str
    measures: str
    scale: str
    english: str
    english_options: Mapping[str, str]
    text: str
    options: Mapping[str, str]
    doubt: str

    @property
    def hash(self) -> str:
        """A short hash of the words in the language; a letter in front keeps it text."""
        words = json.dumps([self.text, dict(self.options)], ensure_ascii=False)
        return "h" + hashlib.sha256(words.encode()).hexdigest()[:11]


def places(bank: QuestionBank, code: str) -> dict[str, Place]:
    """List every text of a language, in the order in which it is best read.

    Parameters
    ----------
    bank : QuestionBank
        The question bank; it must have English.
    code : str
        One of its languages.

    Raises
    ------
    QuestionnaireError
        The bank lacks the language, or its file is wrong.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> place = places(QuestionBank.load(), "fr")["Q164"]
    >>> place.english, place.scale
    ('How important is God in your life?', 'from 1 (Not at all important) to 10 (Very important)')
    """
    language, english = bank.language(code), bank.language("en")
    found = [
        *_sets(bank, language, english),
        *_items(bank, language, english),
        *_wordings(language, english),
        *_prompts(language, english),
        *_groups(language, english),
        *_countries(language, english),
    ]
    return {place.id: place for place in found}


def raw_file(language: Language) -> dict[str, Any]:
    """Read a language file as it stands: its batteries are apart from their items."""
    try:
        return toml_of(language.path.read_bytes())
    except OSError as error:
        raise QuestionnaireError(f"{language.path}: cannot be read ({reason(error)})") from None


def shared_labels(item: Item, labels: list[str]) -> dict[str, str]:
    """Give the labels of an answer set by code, in the order listed."""
    codes = [str(code) for code in item.listed if code in item.labelled]
    return dict(zip(codes, labels, strict=True))


def _sets(bank: QuestionBank, language: Language, english: Language) -> Iterator[Place]:
    own, theirs = raw_file(language)["answers"], raw_file(english)["answers"]
    for name, labels in own.items():
        items = [item for item in bank.items.values() if item.answers == name]
        options = shared_labels(items[0], theirs[name]) if name in theirs else {}
        ids = ", ".join(item.id for item in items)
        yield Place(
            f"answers.{name}", f"answers to {ids}", _scale(items[0], options), "", options,
            "", shared_labels(items[0], labels), language.uncertain.get(name, ""),
        )  # fmt: skip


def _scale(item: Item, options: Mapping[str, str]) -> str:
    if item.scale.kind == "nominal":
        return "no order"
    first, last = str(item.scale.codes[0]), str(item.scale.codes[-1])
    said = f"from {first} ({options.get(first, '')}) to {last} ({options.get(last, '')})"
    off = ", ".join(map(str, item.scale.off_scale))
    return said + (f"; {off} has no place on it" if off else "")


def _items(bank: QuestionBank, language: Language, english: Language) -> Iterator[Place]:
    batteries = raw_file(language).get("batteries", {})
    stems = {name: table["stem"] for name, table in raw_file(english).get("batteries", {}).items()}
    battery_of = {item: name for name, table in batteries.items() for item in table}
    told: set[str] = set()
    for item_id, question in language.questions.items():
        battery = battery_of.get(item_id)
        if battery is not None and battery not in told:
            told.add(battery)
            ids = ", ".join(item for item in batteries[battery] if item != "stem")
            yield Place(
                f"batteries.{battery}", f"what {ids} share; keep {{item}}", "",
                stems.get(battery, ""), {}, batteries[battery]["stem"], {}, "",
            )  # fmt: skip
        item, theirs = bank.items[item_id], english.questions[item_id]
        codes = [code for code in item.listed if code in item.labelled]
        options = {str(code): theirs.label(code) for code in codes}
        yield Place(
            item_id, item.measures or item_id, _scale(item, options), theirs.text, options,
            question.text, {str(code): question.label(code) for code in codes},
            language.uncertain.get(item_id, ""),
        )  # fmt: skip


def _wordings(language: Language, english: Language) -> Iterator[Place]:
    """List the further wordings, beside the English question that they too must ask."""
    for name, texts in language.wordings.items():
        for item_id, text in texts.items():
            question = language.questions[item_id]
            yield Place(
                f"wordings.{name}.{item_id}",
                f"{item_id} in other words, with the same options: {question.text}", "",
                english.questions[item_id].text, {}, text, {}, "",
            )  # fmt: skip


def _prompts(language: Language, english: Language) -> Iterator[Place]:
    for key, value in language.prompt.items():
        variants = {"": value} if isinstance(value, str) else value
        theirs = english.prompt.get(key, "")
        for variant, text in variants.items():
            kept = " ".join(re.findall(r"\{\w+\}", text))
            yield Place(
                f"prompt.{key}" + f".{variant}" * bool(variant),
                "part of a prompt" + f"; keep {kept}" * bool(kept),
                "", theirs if isinstance(theirs, str) else theirs.get(variant, ""), {},
                text, {}, language.uncertain.get(key, ""),
            )  # fmt: skip


def _groups(language: Language, english: Language) -> Iterator[Place]:
    for variable, words in language.groups.items():
        kept = " ".join(dict.fromkeys(re.findall(r"\{\w+\}", "".join(words.values()))))
        yield Place(
            f"groups.{variable}",
            "groups of people, as the persona sentence lists them" + f"; keep {kept}" * bool(kept),
            "", "", english.groups.get(variable, {}), "", words,
            language.uncertain.get(variable, ""),
        )  # fmt: skip


def _countries(language: Language, english: Language) -> Iterator[Place]:
    for code, country in language.countries.items():
        theirs = english.countries.get(code, country)
        yield Place(
            f"countries.{code}", "a country, and its people as the persona sentence names them", "",
            "", {"name": theirs.name, "people": theirs.people},
            "", {"name": country.name, "people": country.people},
            language.uncertain.get(code, ""),
        )  # fmt: skip
