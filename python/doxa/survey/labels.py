"""The words that survey files use for answers, for files whose cells hold labels, not codes.

They are listed in ``labels.toml``, by answer set or by item; `matching` reads a cell with them.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal

from doxa.errors import SurveyError

if TYPE_CHECKING:
    from doxa.questionnaire.item import Item

__all__ = ["first_labels", "label_key", "label_table", "missing_words", "plain", "words_of"]

# Removed before accents are: the acute accent that many files write for an apostrophe is one.
_APOSTROPHES: Final = dict.fromkeys(map(ord, "'\u2018\u2019\u201b\u00b4`\u02bc\u02b9\u2032"))
_NO_LETTERS: Final = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Reduce a label to its words: lower-case, American spelling, no accents, no punctuation.

    Examples
    --------
    >>> plain("Don´t  know"), plain("Labour Unions (A–Z)")
    ('dont know', 'labor unions a z')
    """
    text = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(_american(word) for word in _NO_LETTERS.sub(" ", text).split())


def label_key(text: str) -> str:
    """Give what labels of the user's own are compared by: the words, or the number as it is."""
    bare = text.strip()
    return bare if bare.lstrip("-").isdecimal() else plain(text)


@functools.cache
def _american(word: str) -> str:
    spelling: dict[str, str] = _labels()["spelling"]
    return next((word.replace(b, a) for b, a in spelling.items() if word.startswith(b)), word)


def label_table(item: Item) -> dict[str, int]:
    """Give the code of each label of an item; the labels are as `plain` makes them.

    Raises
    ------
    SurveyError
        The item's answer set is listed, but not with all its answers.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> items = QuestionBank.load().items
    >>> label_table(items["Q142"])["a great deal"], label_table(items["Q65"])["a great deal"]
    (2, 1)
    """
    return {plain(label): code for code, words in words_of(item).items() for label in words}


def first_labels(item: Item) -> dict[int, str]:
    """Give the label that files mostly write for each answer that has words.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> first_labels(QuestionBank.load().items["Q57"])
    {1: 'Most people can be trusted', 2: 'Need to be very careful'}
    """
    return {code: words[0] for code, words in words_of(item).items()}


def words_of(item: Item) -> dict[int, list[str]]:
    """Give all labels of each answer of an item that has words.

    Raises
    ------
    SurveyError
        The item's answer set is listed, but not with all its answers.
    """
    tables = _labels()
    entry = tables.get("items", {}).get(item.id) or tables["answers"].get(item.answers, {})
    words = {int(code): labels for code, labels in entry.items()}
    lacking = sorted((set(item.labelled) | set(item.spontaneous)) - words.keys())
    if words and lacking:
        raise SurveyError(f"labels.toml: {item.answers} has no labels for the codes {lacking}")
    return words


def missing_words(how: Literal["missing", "alone", "whole"]) -> dict[int, list[str]]:
    """Give the labels of missing answers, by code, from one of the tables of ``labels.toml``."""
    return {int(code): words for code, words in _labels()[how].items()}


@functools.cache
def _labels() -> dict[str, Any]:
    text = files("doxa.survey").joinpath("labels.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
