"""Parsing a reply to shares, or to a single choice.

Rules for shares, in the order in which they are applied:

1. The object is the text between the first ``{`` and the ``}`` that follows it; other text is
   ignored. A second object with other content makes the reply unparsable. An object that is not
   closed is truncated. Without an object, words alone are a refusal, and a text with digits or
   labels is unparsable.
2. The object is a list of ``key: value`` pairs, separated by commas. A key is an option's
   label, with or without quotes. A value is a number with a decimal point, with or without quotes
   and percent sign. Anything else is unparsable.
3. A key that is not an option, or that comes twice, is unparsable: its meaning is unknown.
4. Values are percentages, unless they add up to 1 and none has a percent sign.
5. Percentages must be from 0 to 100 and add up to 100 within 1 point. They are divided by their
   sum, and the reason says so. An option that is left out counts as 0 if the others satisfy this
   rule.

The order of the keys does not matter.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.elicit.reading import Status

__all__ = ["SUM_TOLERANCE", "Choice", "Shares", "names_something", "parse_choice", "parse_shares"]

SUM_TOLERANCE = 1.0
"""The largest allowed difference of a reply's shares from 100, in percentage points."""

_BEFORE = " \t\r\n\"'*(`"
_AFTER = ".:)]-,;!\u3002"
_SMALL = r"[^\W\d_A-Z\u00c0-\u00de]"
_AND = "and|or|und|oder|et|ou|y|o|e|dan|atau|\u0438|\u0438\u043b\u0438|ve|veya"
_ONE_LETTER_WORDS = frozenset("AEIOYUKSVWZ")

_OBJECT = re.compile(r"\{([^{}]*)\}")
_PAIR = re.compile(
    r"""\s*(?P<key>"[^"]*"|'[^']*'|\w+)\s*:\s*+
        (?P<quote>["']?)\s*+(?P<number>-?\d+(?:\.\d+)?|-?\.\d+)\s*+(?P<percent>%?)\s*+(?P=quote)\s*""",
    re.VERBOSE,
)


class Shares(NamedTuple):
    """Shares by label, summing to 1; or a status other than "ok" and its reason."""

    status: Status
    reason: str
    shares: Mapping[str, float]


class Choice(NamedTuple):
    """The label chosen; or a status other than "ok" and its reason."""

    status: Status
    reason: str
    label: str


class _NotSharesError(Exception):
    """The reason why a reply is not a distribution."""


def parse_shares(text: str, labels: Sequence[str]) -> Shares:
    """Read a reply that should be an object of shares.

    Parameters
    ----------
    text : str
        The reply, including the start it was made to begin with.
    labels : sequence of str
        The labels of the options.

    Returns
    -------
    Shares
        The shares; one for every label if the status is ``"ok"``.

    Examples
    --------
    >>> parse_shares("Sure: {'2': '30%', '1': '70%'}", ["1", "2"])
    Shares(status='ok', reason='', shares={'1': 0.7, '2': 0.3})
    >>> parse_shares('{"1": 70, "2": 70}', ["1", "2"]).reason
    'shares add up to 140, not 100'
    >>> parse_shares('{"1": 70, "2"', ["1", "2"]).status
    'truncated'
    """
    found = _OBJECT.findall(text)
    if not found:
        return _without_object(text, labels)
    try:
        first, reason = _read_object(found[0], labels)
        for other in found[1:]:
            if _read_object(other, labels)[0] != first:
                raise _NotSharesError("several objects that differ")
    except _NotSharesError as fault:
        return Shares("unparsable", str(fault), {})
    return Shares("ok", reason, first)


def _without_object(text: str, labels: Sequence[str]) -> Shares:
    if not text.strip():
        return Shares("refused", "an empty reply", {})
    if "{" in text:
        return Shares("truncated", "an object that is not closed", {})
    if names_something(text, labels):
        return Shares("unparsable", "no object of shares", {})
    return Shares("refused", "words without an object of shares", {})


def _read_object(body: str, labels: Sequence[str]) -> tuple[dict[str, float], str]:
    """Return the share of every label, sum 1, and a note on what was corrected."""
    values, percent = _read_pairs(body, labels)
    _check_range(values, 100.0)
    total = math.fsum(values.values())
    whole = 1.0 if not percent and abs(total - 1) <= SUM_TOLERANCE / 100 else 100.0
    _check_range(values, whole)
    if abs(total - whole) > SUM_TOLERANCE * whole / 100:
        raise _NotSharesError(f"shares add up to {round(total, 6):g}, not {whole:g}")
    notes = []
    missing = [label for label in labels if label not in values]
    if missing:
        notes.append(f"left out, taken as 0: {', '.join(missing)}")
    if abs(total - whole) > 1e-6 * whole:
        notes.append(f"divided by their sum {round(total, 6):g}")
    return {label: values.get(label, 0.0) / total for label in labels}, "; ".join(notes)


def _check_range(values: Mapping[str, float], whole: float) -> None:
    for label, value in values.items():
        if not 0 <= value <= whole:
            raise _NotSharesError(f"the share of {label!r} is {value:g}")


def _read_pairs(body: str, labels: Sequence[str]) -> tuple[dict[str, float], bool]:
    """Return the values by label, and whether any carries a percent sign."""
    values: dict[str, float] = {}
    percent = False
    position = 0
    while position < len(body):
        pair = _PAIR.match(body, position)
        if pair is None:
            if values and not body[position:].strip():
                break
            raise _NotSharesError(
                f"no share can be read at {body[position : position + 20].strip()!r}"
            )
        label = pair["key"].strip("\"'").strip()
        if label not in labels:
            raise _NotSharesError(f"{label!r} is not an option")
        if label in values:
            raise _NotSharesError(f"{label!r} comes twice")
        values[label] = float(pair["number"])
        percent = percent or bool(pair["percent"])
        position = pair.end()
        if position < len(body):
            if body[position] != ",":
                raise _NotSharesError(f"no comma before {body[position : position + 20].strip()!r}")
            position += 1
    if not values:
        raise _NotSharesError("an object without shares")
    return values, percent


def parse_choice(
    text: str, labels: Sequence[str], *, words: Sequence[str] = (), complete: bool = True
) -> Choice:
    """Read a reply that should be one option's label.

    Rules, in the order in which they are applied:

    1. A reply that is an option's words and nothing else is that option. After a label, the words
       of another option make the reply unparsable.
    2. A letter that is a word in some language ("A", "I") is a label only where no word in small
       letters follows: "A great deal" is no answer A.
    3. A label at the very beginning counts if the next character is not a letter or digit, and if
       no second label follows at once or after one word, as in "A, C" and "1 or 2".
    4. Otherwise exactly one label must stand alone in the reply.

    Parameters
    ----------
    text : str
        The reply, without the start it was made to begin with.
    labels : sequence of str
        The labels of the options.
    words : sequence of str
        The words of the options, one for each label; empty if they are not known.
    complete : bool
        Whether the reply ended by itself. If it was cut off, a label at its end may be incomplete.

    Examples
    --------
    >>> parse_choice(" 10.", ["1", "10"]).label
    '10'
    >>> parse_choice("I would say 2", ["1", "2"]).label
    '2'
    >>> parse_choice("12", ["1", "2"]).status
    'unparsable'
    >>> parse_choice("A great deal", ["A", "B"], words=["Nothing", "A great deal"]).label
    'B'
    """
    if not text.strip():
        return Choice("refused", "an empty reply", "")
    worded = _worded(text, labels, words) if complete else None
    if worded is not None:
        return worded
    standing = _standing(labels)
    head = standing.match(text.lstrip(_BEFORE))
    if head and (second := _second(head, standing)):
        return Choice("unparsable", f"names several options: {head.group()}, {second}", "")
    named = [head.group()] if head else sorted(set(standing.findall(text)))
    if not complete and named and text.endswith(named[0]):
        return Choice("truncated", "cut off in what may be a longer label", "")
    if len(named) == 1:
        return Choice("ok", "", named[0])
    if named:
        return Choice("unparsable", f"names several options: {', '.join(named)}", "")
    if names_something(text, labels):
        return Choice("unparsable", "names no option", "")
    return Choice("refused", "words without an option", "")


def _worded(text: str, labels: Sequence[str], words: Sequence[str]) -> Choice | None:
    """Read a reply that is an option's words, perhaps after a label; None if it is not."""
    by_words: dict[str, str] = {}
    for label, said in zip(labels, words, strict=False):
        by_words[_bare(said)] = label if _bare(said) not in by_words else ""
    whole = _bare(text)
    exact = next((label for label in labels if label.casefold() == whole), "")
    if exact:
        return Choice("ok", "", exact)
    if by_words.get(whole):
        return Choice("ok", "", by_words[whole])
    for label in sorted(labels, key=len, reverse=True):
        found = re.match(rf"{re.escape(label.casefold())}(?!\w)", whole)
        meant = by_words.get(_bare(whole[found.end() :])) if found else None
        if meant == label:
            return Choice("ok", "", label)
        if meant:
            return Choice("unparsable", f"label {label} with the words of {meant}", "")
    return None


def _bare(text: str) -> str:
    return text.strip(_BEFORE + _AFTER).casefold()


def _standing(labels: Sequence[str]) -> re.Pattern[str]:
    """Match any of the labels where it stands alone and is no word of a sentence."""
    longest_first = sorted(map(re.escape, labels), key=len, reverse=True)
    another = rf"(?=\s+(?:{_AND})\s+(?:{'|'.join(longest_first)})(?!\w))"
    alternatives = (
        label + (rf"(?:(?!\s+{_SMALL})|{another})" if label in _ONE_LETTER_WORDS else "")
        for label in longest_first
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!['\u2019]?\w)")


def _second(head: re.Match[str], standing: re.Pattern[str]) -> str:
    """Find a second label that follows the first one at once, or after a single word."""
    rest = head.string[head.end() :]
    gap = re.match(r"[\s,;/&+\-\u2013\u3001\uff0c]*(?:[^\W\d]{1,4}\s+)?", rest)
    second = standing.match(rest, gap.end()) if gap and gap.end() else None
    return second.group() if second and second.group() != head.group() else ""


def names_something(text: str, labels: Sequence[str]) -> bool:
    """Tell whether a text holds a digit or a label standing alone."""
    return any(map(str.isdigit, text)) or _standing(labels).search(text) is not None
