"""Shares within bounds, where a server lists only its likeliest tokens.

An option that is not listed has a probability from 0 to a ceiling, and all that is not listed has
together at most what the listed tokens leave. So each share has a lower and an upper bound. The
share itself is taken from the middle: such an option counts as half of the most that it may have.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Bounded", "bounded"]


class Bounded(NamedTuple):
    """Shares, one for each option, and between what they lie.

    Attributes
    ----------
    shares, lower, upper : tuple of float
        In [0, 1]; the shares add up to 1.
    mass : float
        The probability of all options together, from the middle too.
    """

    shares: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    mass: float


def bounded(
    scores: Sequence[float],
    ceilings: Sequence[float],
    unseen: float,
    baseline: Sequence[float] = (),
) -> Bounded:
    """Return the shares of options of which some were not listed.

    Parameters
    ----------
    scores, ceilings : sequence of float
        The natural log-probabilities of the options, and the most that each may be; a score below
        its ceiling is that of an option that was not listed.
    unseen : float
        The most probability that everything has together that was not listed.
    baseline : sequence of float
        Finite log-probabilities by which the options' are divided first, for calibration.

    Examples
    --------
    >>> found = bounded([math.log(0.6), -math.inf], [math.log(0.6), math.log(0.2)], 0.3)
    >>> [round(share, 3) for share in found.shares]
    [0.857, 0.143]
    >>> [(round(a, 3), round(b, 3)) for a, b in zip(found.lower, found.upper, strict=True)]
    [(0.75, 1.0), (0.0, 0.25)]
    """
    factors = [math.exp(-value) for value in baseline] or [1.0] * len(scores)
    listed = [score == most for score, most in zip(scores, ceilings, strict=True)]
    tops = [math.exp(most) for most in ceilings]
    hidden = math.fsum(top for top, seen in zip(tops, listed, strict=True) if not seen)
    # what the hidden options may have together, as a part of the sum of their ceilings
    part = min(1.0, unseen / hidden) if hidden else 0.0
    middle = [top if seen else top * part / 2 for top, seen in zip(tops, listed, strict=True)]
    weights = [value * factor for value, factor in zip(middle, factors, strict=True)]
    most = [top * factor for top, factor in zip(tops, factors, strict=True)]
    seen_weight = math.fsum(one for one, seen in zip(most, listed, strict=True) if seen)
    open_factors = [factor for factor, seen in zip(factors, listed, strict=True) if not seen]
    together = min(
        math.fsum(one for one, seen in zip(most, listed, strict=True) if not seen),
        unseen * max(open_factors, default=0.0),
    )
    total = math.fsum(weights)
    return Bounded(
        tuple(weight / total for weight in weights),
        tuple(
            one / (seen_weight + together) if seen else 0.0
            for one, seen in zip(most, listed, strict=True)
        ),
        tuple(
            one / seen_weight if seen else min(one, together) / (seen_weight + min(one, together))
            for one, seen in zip(most, listed, strict=True)
        ),
        math.fsum(middle),
    )
