"""Numbers from outside: of a server, a log, a store, a file's header. All pass this door.

A number is kept only if it is of its type, finite and in its range; a truth value is no number.
"""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Final

__all__ = ["MOST_TOKENS", "BadNumberError", "log_probability", "number", "whole"]

MOST_TOKENS: Final = 2**31 - 1
"""The largest number of tokens that is believed."""

_LARGEST: Final = 2**63 - 1
_ROUNDING: Final = 1e-6
_SHOWN: Final = 40


class BadNumberError(ValueError):
    """A value from outside is not the number that it should be; the text says what is wrong."""


def whole(value: object, name: str, *, least: int = 0, most: int = _LARGEST) -> int:
    """Return a whole number from outside as an int.

    Parameters
    ----------
    value : object
        Whatever came; only an integer passes, not a truth value, a text or a float.
    name : str
        Its name in the message.
    least, most : int
        The smallest and the largest number that pass.

    Raises
    ------
    BadNumberError
        The value is of another type or out of range.

    Examples
    --------
    >>> whole(12, "tokens")
    12
    >>> whole("12", "tokens")
    Traceback (most recent call last):
        ...
    doxa.outside.numbers.BadNumberError: tokens is '12': not a whole number
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise BadNumberError(f"{name} is {_shown(value)}: not a whole number")
    found = int(value)
    if not least <= found <= most:
        raise BadNumberError(f"{name} is {_shown(found)}: not from {least} to {most}")
    return found


def number(value: object, name: str, *, least: float = -math.inf, most: float = math.inf) -> float:
    """Return a number from outside as a finite float.

    Parameters
    ----------
    value : object
        Whatever came; only a real number passes, not a truth value or a text.
    name : str
        Its name in the message.
    least, most : float
        The smallest and the largest number that pass.

    Raises
    ------
    BadNumberError
        The value is of another type, NaN, infinite or out of range.

    Examples
    --------
    >>> number(0.25, "share", least=0, most=1)
    0.25
    >>> number(float("nan"), "share")
    Traceback (most recent call last):
        ...
    doxa.outside.numbers.BadNumberError: share is nan: not a finite number
    """
    found = _real(value, name)
    if not math.isfinite(found):
        raise BadNumberError(f"{name} is {_shown(value)}: not a finite number")
    if not least <= found <= most:
        raise BadNumberError(f"{name} is {_shown(value)}: not from {least:g} to {most:g}")
    return found


def log_probability(value: object, name: str) -> float:
    """Return the logarithm of a probability from outside.

    Parameters
    ----------
    value : object
        Whatever came; minus infinity, the logarithm of 0, passes. A value up to one millionth
        above 0 is taken for 0: programs that compute in single precision write such.
    name : str
        Its name in the message.

    Raises
    ------
    BadNumberError
        The value is not a number, NaN, or above 0.

    Examples
    --------
    >>> log_probability(-0.7, "log-probability of '1'")
    -0.7
    >>> log_probability(0.7, "log-probability of '1'")
    Traceback (most recent call last):
        ...
    doxa.outside.numbers.BadNumberError: log-probability of '1' is 0.7: above 0
    """
    found = _real(value, name)
    if math.isnan(found):
        raise BadNumberError(f"{name} is nan: not a number")
    if found > _ROUNDING:
        raise BadNumberError(f"{name} is {_shown(value)}: above 0")
    return min(found, 0.0)


def _real(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise BadNumberError(f"{name} is {_shown(value)}: not a number")
    try:
        return float(value)
    except OverflowError:
        raise BadNumberError(f"{name} is {_shown(value)}: too large") from None


def _shown(value: object) -> str:
    """Show a value in a few characters, whatever its size."""
    if isinstance(value, int) and value.bit_length() > 128:
        # Python refuses to write out integers of thousands of digits
        return f"a whole number of {value.bit_length()} bits"
    if isinstance(value, dict | list | tuple | set):
        return f"a {type(value).__name__}"
    text = repr(value[: _SHOWN + 1] if isinstance(value, str | bytes) else value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
