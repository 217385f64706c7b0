"""Blocks of data that the page holds compressed, and unpacks when a reader needs them."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["pack", "pack_json", "pack_numbers", "shares_per_mille", "unpack"]


def pack(content: bytes) -> str:
    """Compress bytes into text that may stand in a page: zlib, then base64.

    Examples
    --------
    >>> unpack(pack(b"shares")) == b"shares"
    True
    """
    return base64.b64encode(zlib.compress(content, 7)).decode("ascii")


def unpack(block: str) -> bytes:
    """Undo `pack`."""
    return zlib.decompress(base64.b64decode(block))


def pack_json(value: object) -> str:
    """Compress a value as JSON.

    Raises
    ------
    ValueError
        The value holds NaN or an infinite number.

    Examples
    --------
    >>> unpack(pack_json({"text": "</script>"})).decode()
    '{"text":"</script>"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return pack(text.encode("utf-8", errors="replace"))


def pack_numbers(parts: Iterable[NDArray[np.integer]]) -> str:
    """Compress whole numbers below 2³²: first the lowest byte of each, then the next, and so on.

    Parameters
    ----------
    parts : iterable of numpy.ndarray
        Integers of any shape; they follow one another row by row.

    Examples
    --------
    >>> unpack(pack_numbers([np.array([1, 258])])).hex(" ")
    '01 02 00 01 00 00 00 00'
    """
    numbers = np.concatenate([np.ravel(part) for part in parts]).astype("<u4")
    return pack(numbers.view(np.uint8).reshape(-1, 4).T.tobytes())


def shares_per_mille(shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round shares to thousandths so that their running sums stay as close as possible.

    Parameters
    ----------
    shares : numpy.ndarray
        Shape (n, K), float64; each row sums to 1.

    Returns
    -------
    numpy.ndarray
        Shape (n, K), int64: each row sums to 1000, and every running sum is exact to half
        a thousandth, and so is the alignment of an item.

    Examples
    --------
    >>> shares_per_mille(np.array([[1 / 3, 1 / 3, 1 / 3]]))
    array([[333, 334, 333]])
    """
    running = np.rint(1000 * np.cumsum(shares, axis=1)).astype(np.int64)
    return np.diff(running, axis=1, prepend=0)
