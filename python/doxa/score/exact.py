"""Sums of floats that do not depend on the order in which they are added.

A float is a whole multiple of a power of two. It is cut into digits to the base 2³⁰; each digit
is summed as a whole number, which is exact, and the sums are joined at the end. So parts of a sum
may be made anywhere, and added in any order. (Superaccumulators: Kulisch, *Computer Arithmetic and
Validity*, 2008, chapter 8; the same idea with other bases is in Demmel & Nguyen, "Fast reproducible
floating-point summation", 2013.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["MOST_ADDED", "digits", "joined"]

_BITS = 30
MOST_ADDED = 2 ** (63 - _BITS)
"""So many digits surely have a sum in 64 bits."""


def digits(values: NDArray[np.float64]) -> dict[int, NDArray[np.int64]]:
    """Cut finite numbers into digits.

    Parameters
    ----------
    values : (n,) array of float64

    Returns
    -------
    dict of int to (n,) array of int64
        For each exponent e, a multiple of 30, the digits that count 2**e; their absolute values
        are below 2**30. An exponent at which all digits are 0 may be left out.

    Examples
    --------
    >>> {e: found.tolist() for e, found in digits(np.array([0.75, -2.0])).items()}
    {0: [0, -2], -30: [805306368, 0]}
    """
    rest = values.copy()
    found = {}
    _, bits = np.frexp(np.abs(rest).max(initial=0.0))
    exponent = (int(bits) - 1) // _BITS * _BITS
    while rest.any():
        digit = np.trunc(np.ldexp(rest, -exponent))
        rest -= np.ldexp(digit, exponent)
        found[exponent] = digit.astype(np.int64)
        exponent -= _BITS
    return found


def joined(sums: Mapping[int, NDArray[np.int64]], n: int) -> NDArray[np.float64]:
    """Join sums of digits to the sums of the numbers, within one unit in the last place.

    The sum of a single number is that number.

    Parameters
    ----------
    sums : mapping of int to (n,) array of int64
        The sums of the digits for each exponent, as in `digits`.
    n : int

    Returns
    -------
    (n,) array of float64

    Examples
    --------
    >>> tenths = digits(np.full(10, 0.1))
    >>> joined({e: found.sum(keepdims=True) for e, found in tenths.items()}, 1).item()
    1.0
    """
    total = np.zeros(n)
    for exponent in sorted(sums):
        total += np.ldexp(sums[exponent].astype(np.float64), exponent)
    return total
