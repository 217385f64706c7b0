"""The columns of the survey's files: where wave 4 keeps the items, and how columns are headed.

A column's header may continue after its variable, as in "V4: Important in life: Family". What it
says is compared with ``columns.toml``, so that a column is not read for an item that it only shares
the variable with.
"""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from doxa.survey.labels import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["columns_table", "first_header", "fits", "found_by_header", "headed", "label_of"]

_ALIKE: Final = 0.8
"""How alike two words must be (difflib's ratio) to be one word, spelled or typed in two ways."""

_LONGEST: Final = 400
"""A longer text is no header: comparing it could take long."""
_PLAIN_VARIABLE: Final = re.compile(r"[QV]\d+[A-Z]?")
_SMALL_WORDS: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "b",
        "be",
        "for",
        "how",
        "in",
        "is",
        "it",
        "my",
        "of",
        "on",
        "one",
        "s",
        "should",
        "that",
        "the",
        "to",
        "vs",
        "with",
        "you",
        "your",
    ]
)


@functools.cache
def columns_table() -> dict[str, Any]:
    """Read ``columns.toml``."""
    text = files("doxa.survey").joinpath("columns.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def first_header(item: str) -> str:
    """Give the words with which wave 7 heads an item's column; "" for an item without any."""
    return next(iter(columns_table()["headers"].get(item, ())), "")


def label_of(header: str) -> str:
    """Give what a column's header says after its variable.

    Examples
    --------
    >>> label_of("V4: Important in life: Family"), label_of("V4")
    ('Important in life: Family', '')
    """
    return header.partition(":")[2].strip()


def fits(label: str, item: str) -> bool:
    """Tell whether a column's label is that of an item, up to spelling, or says nothing.

    Examples
    --------
    >>> fits("Neighbours: Drug addicts", "Q18"), fits("Neighbours: Heavy drinkers", "Q18")
    (True, False)
    >>> fits("Family important (Colombia)", "Q1"), fits("", "Q1")
    (False, True)
    """
    known = columns_table()["headers"].get(item)
    return known is None or headed(label, known)


def headed(label: str, known: Iterable[str]) -> bool:
    """Tell whether a column's label is one of those known, up to spelling, or says nothing.

    Examples
    --------
    >>> headed("Highest educational levell: Respondent", ["Highest educational level: Respondent"])
    True
    """
    return not label or any(_same(label, one) for one in known)


def _same(label: str, known: str) -> bool:
    if len(label) > _LONGEST:
        return False
    here, there = _words(label), _words(known)
    return bool(here) and _covered(here - there, there) and _covered(there - here, here)


@functools.cache
def _words(text: str) -> frozenset[str]:
    return frozenset(plain(text).split()) - _SMALL_WORDS


def _covered(words: frozenset[str], others: Iterable[str]) -> bool:
    """Tell whether each word has its like; "religion" and "region" are two words, not a typo."""
    others = list(others)
    return all(
        difflib.get_close_matches(
            word, [one for one in others if abs(len(one) - len(word)) <= 1], n=1, cutoff=_ALIKE
        )
        for word in words
    )


def found_by_header(headers: Mapping[str, str], items: Iterable[str]) -> dict[str, str]:
    """Find the variables of items by their headers alone.

    Parameters
    ----------
    headers : mapping of str to str
        The header of each variable.
    items : iterable of str
        The items. One that several columns fit is left out.
    """
    found = {}
    for item in items:
        places = [
            name
            for name, header in headers.items()
            if _PLAIN_VARIABLE.fullmatch(name) and label_of(header) and fits(label_of(header), item)
        ]
        if len(places) == 1:
            found[item] = places[0]
    return found
