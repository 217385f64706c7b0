"""Check numbers and arrays from users before they are converted: nothing is cut or wrapped.

The masks of NumPy's masked arrays get lost in conversions, so a masked value is refused.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from doxa.errors import InvalidArgumentError, InvalidDistributionError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "is_real",
    "is_whole",
    "row_numbers",
    "unmasked",
    "unmasked_rows",
    "whole_number",
    "whole_numbers",
]


def is_whole(value: object) -> bool:
    """Tell whether a value is a whole number, of Python or of NumPy; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_real(value: object) -> bool:
    """Tell whether a value is a number, of Python or of NumPy; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def whole_number(name: str, value: object, lowest: int, highest: int) -> int:
    """Return a whole number in a range as an int.

    Raises
    ------
    InvalidArgumentError
        It is no whole number, or out of the range.

    Examples
    --------
    >>> whole_number("sample", np.int8(3), 0, 9)
    3
    """
    if not (is_whole(value) and lowest <= int(value) <= highest):  # type: ignore[call-overload]
        raise InvalidArgumentError(
            f"{name}={value!r}: give a whole number from {lowest} to {highest:,}"
        )
    return int(value)  # type: ignore[call-overload,no-any-return]


def whole_numbers(name: str, numbers: ArrayLike, lowest: int, highest: int) -> NDArray[np.int64]:
    """Convert whole numbers in a range to int64.

    Parameters
    ----------
    name : str
        What they are called in messages.
    numbers : (n,) array of int
    lowest, highest : int

    Raises
    ------
    InvalidArgumentError
        One is no whole number, masked, or out of the range; the message names the first.

    Examples
    --------
    >>> whole_numbers("items", [0, 2], 0, 9)
    array([0, 2])
    """
    array = unmasked(name, numbers)
    if array.ndim != 1:
        raise InvalidArgumentError(f"{name} has {array.ndim} dimensions: give one number per row")
    if array.size and array.dtype.kind not in "iu":
        given = np.asarray(numbers, dtype=object).tolist()
        array = np.array([_whole_or_none(value) for value in given], dtype=object)
    for row in np.flatnonzero([value is None or not lowest <= value <= highest for value in array]):
        value = np.asarray(numbers, dtype=object)[row]
        raise InvalidArgumentError(
            f"{name} holds {value!r} at {row}: give whole numbers from {lowest} to {highest:,}"
        )
    return array.astype(np.int64)


def _whole_or_none(value: object) -> int | None:
    """Return a whole number written as such or as a float, else None."""
    if is_whole(value):
        return int(value)  # type: ignore[call-overload,no-any-return]
    return int(value) if isinstance(value, float) and value.is_integer() else None


def row_numbers(name: str, numbers: Any) -> NDArray[np.float64] | None:
    """Convert one number per row to float64; None stays None.

    Raises
    ------
    InvalidArgumentError
        They are no numbers, not one per row, or one is masked.
    """
    if numbers is None:
        return None
    try:
        array = np.ascontiguousarray(unmasked(name, numbers), np.float64)
    except (TypeError, ValueError) as error:
        if isinstance(error, InvalidArgumentError):
            raise
        raise InvalidArgumentError(f"{name} must hold numbers: give one per row") from None
    if array.ndim != 1:
        raise InvalidArgumentError(f"{name} has {array.ndim} dimensions: give one number per row")
    return array


def unmasked(name: str, values: Any) -> NDArray[Any]:
    """Convert to an array.

    Raises
    ------
    InvalidArgumentError
        A value is masked; the message names its place.

    Examples
    --------
    >>> unmasked("weights", np.ma.array([1.0, 2.0], mask=[False, False]))
    array([1., 2.])
    """
    row = _first_masked(values)
    if row is not None:
        raise InvalidArgumentError(f"{name}: the value of row {row} is masked: fill it, or drop it")
    return np.asarray(values)


def unmasked_rows(rows: Any, first_row: int = 0) -> NDArray[Any]:
    """Convert rows of shares to an array.

    Raises
    ------
    InvalidDistributionError
        A value is masked; the message names its row.
    """
    row = _first_masked(rows)
    if row is not None:
        raise InvalidDistributionError(
            f"row {first_row + row} holds a masked value: fill it, or drop the pair",
            first_row + row,
        )
    return np.asarray(rows)


def _first_masked(values: Any) -> int | None:
    if not isinstance(values, np.ma.MaskedArray):
        return None
    masked = np.argwhere(np.ma.getmaskarray(values))
    return int(masked[0][0]) if masked.size else None
