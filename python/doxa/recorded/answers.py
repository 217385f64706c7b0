"""Reading the text of a logged reply, by whatever options it may have been shown.

Where a log leaves open what the labels stood for, the reply is read in each way. It counts if all
ways in which it is a distribution say the same; else it is undecided.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from doxa.elicit.parse import parse_choice, parse_shares

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.elicit.reading import Status
    from doxa.recorded.options import Shown

__all__ = ["Found", "final_answer", "read_choice", "read_shares"]

_ANSWER: Final = re.compile(r"\bANSWER\W{0,3}\s*[:\uff1a](.*)$", re.IGNORECASE | re.MULTILINE)


class Found(NamedTuple):
    """A reading of a reply: the share of each code if its status is "ok"."""

    status: Status
    reason: str
    shares: Mapping[int, float]


def read_shares(text: str, options: Sequence[Shown], words: Mapping[int, str]) -> Found | None:
    """Read a reply that should be an object of shares by label, or by the options' words.

    Parameters
    ----------
    text : str
        The reply.
    options : sequence of Shown
        What may have been shown, at least one.
    words : mapping of int to str
        The options' words.

    Returns
    -------
    Found or None
        The reading; None if it is undecided.

    Examples
    --------
    >>> from doxa.recorded.options import Shown
    >>> numbers, codes = Shown(("1", "2", "3"), (2, 1, 0)), Shown(("2", "1", "0"), (2, 1, 0))
    >>> read_shares('{"3": 90, "2": 10}', [numbers, codes], {}).shares
    {2: 0.0, 1: 0.1, 0: 0.9}
    >>> read_shares('{"1": 90, "2": 10}', [numbers, codes], {}) is None
    True
    """
    ways = [(one.labels, one.codes) for one in options]
    if words:
        ways.append((tuple(words.values()), tuple(words)))
    failed = None
    found: list[Found] = []
    for labels, codes in ways:
        status, reason, shares = parse_shares(text, labels)
        by_code = {code: shares[label] for label, code in zip(labels, codes, strict=True) if shares}
        reading = Found(status, reason, by_code)
        failed = failed or reading
        if status == "ok" and all(one.shares != by_code for one in found):
            found.append(reading)
    return _decided(found, failed)


def read_choice(
    text: str, options: Sequence[Shown], words: Mapping[int, str], *, complete: bool
) -> Found | None:
    """Read a reply that should name one option; None if it is undecided.

    Parameters
    ----------
    text : str
        The reply, or what a scorer took for its answer.
    options : sequence of Shown
        What may have been shown, at least one.
    words : mapping of int to str
        The options' words.
    complete : bool
        Whether the reply ended by itself.
    """
    failed = None
    found: list[Found] = []
    for labels, codes in options:
        said = [words[code] for code in codes] if words else ()
        status, reason, label = parse_choice(text, labels, words=said, complete=complete)
        chosen = codes[labels.index(label)] if status == "ok" else None
        by_code = {code: float(code == chosen) for code in codes} if status == "ok" else {}
        reading = Found(status, reason, by_code)
        failed = failed or reading
        if status == "ok" and all(one.shares != by_code for one in found):
            found.append(reading)
    return _decided(found, failed)


def final_answer(text: str) -> str:
    r"""Return what stands after the last "ANSWER:" of a reply; without one, a reply of one line.

    A longer reply without it is returned with all its lines, as it names no answer as such.

    Examples
    --------
    >>> final_answer("Perhaps ANSWER: A\nNo.\nANSWER: B")
    'B'
    """
    found = _ANSWER.findall(text)
    return found[-1].strip() if found else text.strip()


def _decided(found: Sequence[Found], failed: Found | None) -> Found | None:
    if len(found) > 1:
        return None
    return found[0] if found else failed
