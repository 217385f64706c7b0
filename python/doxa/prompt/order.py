"""The order in which options are shown, and the labels they get.

================  =============================================================================
``listed``        as the questionnaire lists them
``reversed``      the other way round
``rotated:<n>``   as listed, but the first n options are moved to the end
``reversed:<n>``  as that, the other way round
``seed:<n>``      a permutation drawn from seed n and the item
================  =============================================================================

Options off the scale ("hard to say") stay at the end in every order, as in interviews. A scale with
steps without words makes sense only from one end to the other, so it is shown as listed or
reversed: an odd rotation reverses it, a reversed odd one doesn't, and a seed draws one of the two.
"""

from __future__ import annotations

import functools
import random
import string
from typing import TYPE_CHECKING, Final

from doxa.errors import ExperimentError

if TYPE_CHECKING:
    from doxa.questionnaire import Item

__all__ = ["LABEL_STYLES", "option_labels", "ordered_codes", "parse_order"]

LABEL_STYLES: Final = ("numbers", "letters")
"""The label styles of options: 1, 2, 3, … or A, B, C, …"""


def ordered_codes(item: Item, order: str) -> tuple[int, ...]:
    """Put an item's codes in an order.

    Parameters
    ----------
    item : Item
        The item.
    order : str
        ``"listed"``, ``"reversed"``, ``"rotated:<n>"``, ``"reversed:<n>"`` or ``"seed:<n>"``.

    Returns
    -------
    tuple of int
        All codes of the item: those on the scale in that order, then those off it.

    Raises
    ------
    ExperimentError
        The name of the order is unknown.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> item = QuestionBank.load().items["Q119"]
    >>> ordered_codes(item, "reversed")
    (4, 3, 2, 1, 0)
    >>> ordered_codes(item, "rotated:1")
    (2, 3, 4, 1, 0)
    """
    return _ordered(item.id, item.listed, item.scale.off_scale, item.has_bare_steps, order)


@functools.lru_cache(maxsize=4096)
def _ordered(
    item_id: str, listed: tuple[int, ...], off_scale: tuple[int, ...], bare: bool, order: str
) -> tuple[int, ...]:
    kind, number = parse_order(order)
    if kind == "listed":
        return listed
    on_scale = [code for code in listed if code not in off_scale]
    last = [code for code in listed if code in off_scale]
    if kind == "seed":
        stream = random.Random(f"{number}:{item_id}")
        keys = {code: stream.random() for code in on_scale}
        turned = sorted(on_scale, key=keys.__getitem__)
        flip = keys[on_scale[0]] >= 0.5
    else:
        start = number % len(on_scale)
        turned = on_scale[start:] + on_scale[:start]
        flip = number % 2 == 1
    if bare:
        turned = on_scale[::-1] if flip else on_scale
    return (*(reversed(turned) if kind == "reversed" else turned), *last)


@functools.lru_cache(maxsize=1024)
def parse_order(order: str) -> tuple[str, int]:
    """Read the name of an order.

    Returns
    -------
    tuple of str and int
        The kind and the number; the number is 0 for a kind without one.

    Raises
    ------
    ExperimentError
        The name of the order is unknown.

    Examples
    --------
    >>> parse_order("seed:3")
    ('seed', 3)
    """
    kind, colon, number = order.partition(":")
    if kind in ("listed", "reversed") and not colon:
        return kind, 0
    if kind in ("rotated", "reversed", "seed") and number.isdecimal():
        return kind, int(number)
    raise ExperimentError(
        f"no option order {order!r}: write listed, reversed, rotated:<n>, reversed:<n> or seed:<n>"
    )


def option_labels(n: int, style: str) -> tuple[str, ...]:
    """Label `n` options from the first shown to the last.

    Parameters
    ----------
    n : int
        How many options, at most 26 for letters.
    style : {"numbers", "letters"}
        Numbers from 1, or capital letters.

    Examples
    --------
    >>> option_labels(3, "letters")
    ('A', 'B', 'C')
    """
    if style == "numbers":
        return tuple(str(i) for i in range(1, n + 1))
    if n > len(string.ascii_uppercase):
        raise ExperimentError(f"{n} options, more than the 26 letters: use numbers")
    return tuple(string.ascii_uppercase[:n])
