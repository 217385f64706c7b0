"""The words that survey files use for answers, for files whose cells hold labels, not codes.

They are listed in ``labels.toml``, by answer set or by item.
"""

from __future__ import annotations

import functools
import re
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from doxa.errors import SurveyError
from doxa.questionnaire.missing import UNKNOWN

if TYPE_CHECKING:
    from doxa.questionnaire.item import Item

__all__ = ["first_labels", "label_table", "missing_code", "plain"]

_COUNTRY_NOTE: Final = re.compile(r"[a-z]{2}: ")


def plain(text: str) -> str:
    """Make a label lower-case, with plain spaces and apostrophes and without a "{…}" at its end.

    Examples
    --------
    >>> plain("Don’t  know{-1}")
    "don't know"
    """
    text = re.sub(r"\{[^{}]*\}\s*$", "", text)
    return " ".join(text.replace("\u2019", "'").replace("\u00b4", "'").split()).casefold()


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
    return {plain(label): code for code, words in _words(item).items() for label in words}


def first_labels(item: Item) -> dict[int, str]:
    """Give the label that files mostly write for each answer that has words.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> first_labels(QuestionBank.load().items["Q57"])
    {1: 'Most people can be trusted', 2: 'Need to be very careful'}
    """
    return {code: words[0] for code, words in _words(item).items()}


def missing_code(label: str) -> int | None:
    """Find the code of a missing answer by its label.

    Parameters
    ----------
    label : str
        A label as `plain` makes it.

    Returns
    -------
    int or None
        A code of `doxa.questionnaire.missing.MISSING_REASONS`; None where the label does not say
        that an answer is missing.

    Examples
    --------
    >>> missing_code("don't know/ unsure"), missing_code(""), missing_code("narrowly")
    (-1, -5, None)
    """
    if not label:
        return UNKNOWN
    for code, beginnings in _missing_words().items():
        if beginnings.match(label):
            return code
    # Notes about single countries, "HT: Dropped out survey; RU: …", explain why the answer is
    # missing.
    return UNKNOWN if _COUNTRY_NOTE.match(label) else None


def _words(item: Item) -> dict[int, list[str]]:
    tables = _labels()
    entry = tables.get("items", {}).get(item.id) or tables["answers"].get(item.answers, {})
    words = {int(code): labels for code, labels in entry.items()}
    lacking = sorted((set(item.labelled) | set(item.spontaneous)) - words.keys())
    if words and lacking:
        raise SurveyError(f"labels.toml: {item.answers} has no labels for the codes {lacking}")
    return words


@functools.cache
def _labels() -> dict[str, Any]:
    text = files("doxa.survey").joinpath("labels.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@functools.cache
def _missing_words() -> dict[int, re.Pattern[str]]:
    words: dict[str, list[str]] = _labels()["missing"]
    return {
        int(code): re.compile(rf"({'|'.join(re.escape(plain(one)) for one in some)})\b")
        for code, some in words.items()
    }
