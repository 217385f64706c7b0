"""From the likelihoods of options' texts to the probability of each as the whole answer.

The likelihood of "1" after a prompt is that of every answer that begins with the tokens of "1". Is
"10" an option too, then its likelihood is a part of that of "1" if its tokens begin with the token
"1", as with most tokenizers, and no part of it if "10" is a token of its own. A log does not name
the tokens. What it can tell:

* "10" is likelier than "1", or greedy decoding would write it but not "1": no part of it.
* Greedy decoding would write both, or all options together have more than 1: a part of it.

One model has one tokenizer, so what one row tells holds for all rows with these texts. Where no row
tells, "10" is taken for a part of "1", and the bounds of the shares hold both.

A text that goes on with a space or a mark, such as "Agree" and "Agree strongly", is always a part.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["MOST", "Scored", "alone", "nesting", "shares_of", "told_open"]

MOST: Final = 1.02
"""The most that likelihoods may add up to: numbers of 16 bits are rounded to about 0.01."""

_ROUNDING: Final = 1e-6

Nesting = Literal["part", "apart", "unknown"]


class Scored(NamedTuple):
    """The options' texts as they were scored, with their likelihoods.

    Attributes
    ----------
    texts : tuple of str
        The texts, without the space before them.
    likelihoods : tuple of float
        The probability of each text's tokens, in [0, 1].
    greedy : tuple of bool
        Whether greedy decoding would write the text.
    """

    texts: tuple[str, ...]
    likelihoods: tuple[float, ...]
    greedy: tuple[bool, ...]


class Shares(NamedTuple):
    """Shares of the options, the least and the most that they may be, and what is off the options.

    `lower` and `upper` are empty where the shares are exact.
    """

    shares: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    off_option_mass: float


def nesting(rows: Iterable[Scored]) -> Nesting:
    """Tell whether a number that begins with another one is a part of it, from all rows of a model.

    Examples
    --------
    >>> row = Scored(("1", "2", "10"), (0.1, 0.2, 0.3), (False, False, True))
    >>> nesting([row])
    'apart'
    >>> nesting([row._replace(likelihoods=(0.3, 0.2, 0.1), greedy=(True, False, True))])
    'part'
    >>> nesting([row._replace(likelihoods=(0.3, 0.2, 0.1), greedy=(True, False, False))])
    'unknown'
    """
    found: set[Nesting] = set()
    for row in rows:
        pairs = [(a, b) for a, b in _pairs(row.texts) if _is_open(row.texts[a], row.texts[b])]
        if not pairs:
            continue
        if math.fsum(row.likelihoods) > MOST:
            found.add("part")
        for short, long in pairs:
            if row.likelihoods[long] > row.likelihoods[short] * (1 + 0.02) + _ROUNDING:
                found.add("apart")
            if row.greedy[long]:
                found.add("part" if row.greedy[short] else "apart")
    return found.pop() if len(found) == 1 else "unknown"


def shares_of(row: Scored, kind: Nesting) -> Shares | None:
    """Give the shares of a row's options; None if no option has a likelihood above 0.

    Raises
    ------
    ValueError
        The likelihoods add up to more than `MOST`; the message has the sum.

    Examples
    --------
    >>> row = Scored(("1", "2", "10"), (0.3, 0.2, 0.1), (False, False, False))
    >>> [round(share, 3) for share in shares_of(row, "part").shares]
    [0.4, 0.4, 0.2]
    >>> [round(share, 3) for share in shares_of(row, "apart").shares]
    [0.5, 0.333, 0.167]
    """
    values = alone(row, apart=kind == "apart")
    total = math.fsum(values)
    if total > MOST:
        raise ValueError(f"{total:.6g}")
    if total <= 0:
        return None
    shares = tuple(value / total for value in values)
    off = min(max(0.0, 1.0 - total), 1.0)
    if kind != "unknown":
        return Shares(shares, (), (), off)
    other = alone(row, apart=True)
    if other == values:
        return Shares(shares, (), (), off)
    sum_of_other = math.fsum(other)
    pairs = [(a, b / sum_of_other) for a, b in zip(shares, other, strict=True)]
    return Shares(shares, tuple(map(min, pairs)), tuple(map(max, pairs)), off)


def told_open(replies: int) -> dict[str, str]:
    """Say in how many replies bounds hold both."""
    if not replies:
        return {}
    return {
        "the probability of a number that begins another": f"in {replies} replies it is open "
        "whether that of 10 is a part of that of 1: taken to be, as with most tokenizers, and the "
        "bounds hold both; label options with letters"
    }


def alone(row: Scored, *, apart: bool) -> tuple[float, ...]:
    """Take from each option those that go on from it and are a part of it.

    Examples
    --------
    >>> row = Scored(("1", "2", "10"), (0.3, 0.2, 0.1), (False, False, False))
    >>> [round(value, 3) for value in alone(row, apart=False)], alone(row, apart=True)
    ([0.2, 0.2, 0.1], (0.3, 0.2, 0.1))
    """
    pairs = [
        (a, b) for a, b in _pairs(row.texts) if not (apart and _is_open(row.texts[a], row.texts[b]))
    ]
    values = []
    for index, value in enumerate(row.likelihoods):
        longer = [b for a, b in pairs if a == index]
        # what goes on from a longer one is taken with it
        nearest = [b for b in longer if not any((other, b) in pairs for other in longer)]
        values.append(max(0.0, value - math.fsum(row.likelihoods[b] for b in nearest)))
    return tuple(values)


def _pairs(texts: Sequence[str]) -> list[tuple[int, int]]:
    """List the places of texts and of those that go on from them."""
    return [
        (a, b)
        for a, one in enumerate(texts)
        for b, other in enumerate(texts)
        if a != b and len(other) > len(one) and other.startswith(one)
    ]


def _is_open(short: str, long: str) -> bool:
    """Tell whether the tokens of a text leave open if they begin with those of a shorter one."""
    return long[len(short)].isalnum()
