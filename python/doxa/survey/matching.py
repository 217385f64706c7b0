"""From the text of one cell to the code of an answer, or of the reason that it is missing.

Labels in files differ in more than their words: notes about single countries ("SG: Unsure"), a
short form or a code in braces ("Agree{2}"), a code before or after ("1. Agree", "Agree (1)"), a
label cut short. A label whose parts say different things is not read at all.
"""

from __future__ import annotations

import difflib
import functools
import re
from typing import TYPE_CHECKING, Final

from doxa.questionnaire.missing import UNKNOWN
from doxa.survey.labels import missing_words, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["WHOLE_NUMBER", "match_label", "missing_code", "names_missing", "nearest"]

WHOLE_NUMBER: Final = re.compile(r"\s*(-?\d{1,9})(\.0{0,9})?\s*")
"""A cell that is a code."""

_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_BEFORE: Final = re.compile(
    r"^\s*[\[(]?(-?\d{1,3})[\])]?\s*(?:[.:=)\]]|[-\u2013\u2014]\s)\s*(?=\D)"
)
_AROUND: Final = re.compile(
    r"^\s*(-?\d{1,3})\s+(?=\D)|(?:\s*[\[(](-?\d{1,3})[\])]|\s*=\s*(-?\d{1,3})|\s+(-?\d{1,3}))\s*$"
)
_RANGE: Final = re.compile(r"-\d+\s*(?::|to|thru)\s*-?\d+")
_MARK: Final = re.compile(r"\s*(?:[,;:/()\[\]{}=.]|\s[-\u2013\u2014]\s)")
_PARTS: Final = re.compile(r"[;:,/(){}]")
_COUNTRIES: Final = re.compile(r"^\s*[A-Z]{2,3}(?:\s*[,/+&]\s*[A-Z]{2,3})*\s*:\s*")
_LONGEST: Final = 400
"""A longer text is no label: searching it for one could take long."""
_LONG: Final = 20
"""Only a label of so many letters may be known by its beginning: "Agree" begins another answer."""

_NEAR: Final = 0.85
"""How alike a label must be to a known answer (difflib's ratio) to be no reason for its lack."""


def match_label(
    text: str, labels: Mapping[str, int], read_code: Callable[[int], int | None]
) -> int | None:
    """Read a cell that holds a label.

    Parameters
    ----------
    text : str
        The cell.
    labels : mapping of str to int
        The code of each label, as `doxa.survey.labels.label_table` gives them.
    read_code : callable
        Takes a code as the file writes it, and gives the code that it stands for: the item's own,
        or a negative one for a missing answer; None for a code that means neither.

    Returns
    -------
    int or None
        The code of an answer or, negative, of a missing answer; None where the label is not known,
        or its parts contradict each other.

    Examples
    --------
    >>> labels = {"agree": 1, "disagree": 2}
    >>> same = {1: 1, 2: 2, -1: -1}.get
    >>> [match_label(t, labels, same) for t in ("Agree{1}", "2. Disagree", "DK", "Agree {2}", "So")]
    [1, 2, -1, None, None]
    """
    if len(text) > _LONGEST:
        return None
    inside = _BRACES.findall(text)
    body = _BRACES.sub(" ", text)
    numbers = [int(part) for part in inside if WHOLE_NUMBER.fullmatch(part)]
    certain = list(numbers)
    if before := _BEFORE.match(body):
        certain.append(int(before[1]))
        body = body[before.end() :]
    loose = _AROUND.search(body)
    said: set[int] = set()
    worded = [part for part in inside if not WHOLE_NUMBER.fullmatch(part)]
    if not (worded and not plain(body)):  # words in braces alone are the label
        worded.insert(0, body)
    for part in worded:
        code = _match_words(part, labels)
        if code is None and part is body and loose is not None:
            # A bare number beside words is a code only where the words are known.
            body = body[: loose.start()] + body[loose.end() :]
            code = _match_words(body, labels)
            if code is not None:
                certain.append(int(next(filter(None, loose.groups()))))
        if code is not None:
            said.add(code)
    coded = {read_code(number) for number in certain}
    if not said:
        return coded.pop() if len(coded) == 1 else None
    if {code for code in said if code >= 0} and {code for code in said if code < 0}:
        return None
    if any(code is not None and code >= 0 for code in coded - said) and min(said) < 0:
        return None
    if all(code < 0 for code in said):  # the words say more exactly why an answer is missing
        body_says = _match_words(worded[0], labels)
        return body_says if body_says is not None or len(said) > 1 else said.pop()
    agreed = said | coded
    return agreed.pop() if len(agreed) == 1 else None


def _match_words(text: str, labels: Mapping[str, int]) -> int | None:
    """Find the code of some words: those of an answer, or those of a missing answer."""
    words = plain(text)
    code = labels.get(words)
    if code is None and words:
        code = _without_notes(text, labels)
    if code is None and len(words) >= _LONG:
        code = _by_beginning(words, labels)
    if code is None and not _like_an_answer(words, labels):
        code = missing_code(text)
    return code


def _like_an_answer(words: str, labels: Mapping[str, int]) -> bool:
    """Tell whether words that begin like a missing answer go on like an answer, or are near one."""
    begun = max((b for b in _missing_phrases() if words.startswith(b + " ")), key=len, default="")
    if not begun:
        return False
    rest = words[len(begun) + 1 :]
    return any(
        rest == label
        or (" " in label and rest.endswith(" " + label))
        or difflib.SequenceMatcher(None, words, label).ratio() >= _NEAR
        for label in labels
    )


def _without_notes(text: str, labels: Mapping[str, int]) -> int | None:
    """Match a label of which some parts, but not the first, are about single countries."""
    first, *others = text.split(";")
    if others and all(_COUNTRIES.match(part) for part in others):
        return labels.get(plain(first))
    return None


def _by_beginning(words: str, labels: Mapping[str, int]) -> int | None:
    """Match a label that goes on after a long known one, or is a known one cut short."""
    found = {
        code
        for label, code in labels.items()
        if (len(label) >= _LONG and words.startswith(label + " ")) or label.startswith(words)
    }
    return found.pop() if len(found) == 1 else None


def missing_code(text: str) -> int | None:
    """Find the code of a missing answer by its label.

    Parameters
    ----------
    text : str
        A label.

    Returns
    -------
    int or None
        A code of `doxa.questionnaire.missing.MISSING_REASONS`; None where the label does not say
        that an answer is missing.

    Examples
    --------
    >>> missing_code("Don't know/ Unsure"), missing_code(""), missing_code("Narrowly")
    (-1, -5, None)
    >>> missing_code("HT: Dropped out survey; RU: Inappropriate response")
    -5
    """
    if len(text) > _LONGEST:
        return None
    if not plain(text):
        return UNKNOWN
    parts = [part for part in text.split(";") if plain(part)]
    general = [part for part in parts if not _COUNTRIES.match(part)]
    if general:
        return _reason(general[0])
    reasons = {_reason(_COUNTRIES.sub("", part)) for part in parts}
    if None in reasons:  # one country's own answer
        return None
    return reasons.pop() if len(reasons) == 1 else UNKNOWN


def _reason(text: str) -> int | None:
    bare = _RANGE.sub(" ", text)
    words = plain(bare)
    alone, whole, beginnings = _missing_words()
    if words in whole:
        return whole[words]
    code = next((code for code, begins in beginnings.items() if begins.match(words)), None)
    if code is None and (mark := _MARK.search(bare.strip())):
        code = alone.get(plain(bare.strip()[: mark.start()]))
    return code


@functools.cache
def _missing_words() -> tuple[dict[str, int], dict[str, int], dict[int, re.Pattern[str]]]:
    alone, only = (
        {plain(word): code for code, words in missing_words(how).items() for word in words}
        for how in ("alone", "whole")
    )
    beginnings = {
        code: re.compile(rf"({'|'.join(re.escape(plain(one)) for one in words)})\b")
        for code, words in missing_words("missing").items()
    }
    return alone, only | alone, beginnings


@functools.cache
def _missing_phrases() -> frozenset[str]:
    return frozenset(
        plain(word)
        for how in ("missing", "alone", "whole")
        for words in missing_words(how).values()
        for word in words
    )


def names_missing(text: str) -> bool:
    """Tell whether each part of a label is a missing answer's name and no more.

    Examples
    --------
    >>> names_missing("No answer; Missing{NA}"), names_missing("No answer given at all")
    (True, False)
    """
    parts = (plain(part) for part in _PARTS.split(_RANGE.sub(" ", text)))
    return all(part in _missing_phrases() for part in parts if part)


def nearest(text: str, labels: Mapping[str, int], n: int = 2) -> list[str]:
    """List the known labels that are most like a text, the likest first.

    Parameters
    ----------
    text : str
        The text.
    labels : mapping of str to int
        The known labels, as written.
    n : int
        How many to list at most.

    Examples
    --------
    >>> nearest("Rather happpy", {"Quite happy": 2, "Rather happy": 2, "Not happy": 3}, 1)
    ['Rather happy']
    """
    by_words = {plain(label): label for label in labels}
    close = difflib.get_close_matches(plain(text[:_LONGEST]), by_words, n=n, cutoff=0.5)
    return [by_words[words] for words in close]
