"""Frames of Zstandard: how many bytes they can unpack to, told before any is unpacked.

Layout of frames and blocks: RFC 8878, sections 3.1.1 and 3.1.2.
"""

from __future__ import annotations

import io
import struct
from typing import Final

import polars as pl

__all__ = ["most_bytes", "unpack_text"]

_MAGIC: Final = 0xFD2FB528
_SKIPPABLE: Final = range(0x184D2A50, 0x184D2A60)
_LARGEST_BLOCK: Final = 1 << 17
_RAW, _REPEATED, _COMPRESSED = 0, 1, 2


def most_bytes(data: bytes, limit: int) -> int:
    """Tell how many bytes frames can unpack to.

    Parameters
    ----------
    data : bytes
        One or more whole frames.
    limit : int
        Counting stops above this number.

    Returns
    -------
    int
        At least the true number; too large by less than one block (128 KiB) for each frame that
        a usual program packed.

    Raises
    ------
    ValueError
        The frames are damaged.
    """
    at = total = 0
    try:
        while at < len(data) and total <= limit:
            (magic,) = struct.unpack_from("<I", data, at)
            if magic in _SKIPPABLE:
                at += 8 + int(struct.unpack_from("<I", data, at + 4)[0])
            elif magic == _MAGIC:
                at, size = _frame(data, at + 4, limit - total)
                total += size
            else:
                raise ValueError("not a frame of Zstandard")
    except (struct.error, IndexError):
        raise ValueError("a frame of Zstandard is cut short") from None
    if at > len(data):
        raise ValueError("a frame of Zstandard is cut short")
    return total


def _frame(data: bytes, at: int, limit: int) -> tuple[int, int]:
    """Walk over one frame: where it ends, and how many bytes it can unpack to."""
    described = data[at]
    at += 1
    single = described >> 5 & 1
    largest = _LARGEST_BLOCK
    if not single:
        exponent, mantissa = data[at] >> 3, data[at] & 7
        largest = min(largest, (8 + mantissa) << (7 + exponent))
        at += 1
    at += (0, 1, 2, 4)[described & 3]
    at += (single, 2, 4, 8)[described >> 6]
    size, last = 0, False
    while not last and size <= limit:
        block = int.from_bytes(data[at : at + 3], "little")
        if at + 3 > len(data):
            raise IndexError
        last, kind, length = bool(block & 1), block >> 1 & 3, block >> 3
        at += 3 + (1 if kind == _REPEATED else length)
        if kind > _COMPRESSED or (kind != _COMPRESSED and length > _LARGEST_BLOCK):
            raise ValueError("a frame of Zstandard is damaged")
        size += largest if kind == _COMPRESSED else length
    return at + 4 * (described >> 2 & 1), size


def unpack_text(data: bytes) -> bytes:
    r"""Unpack frames that hold UTF-8 text without the characters U+0001 and U+0002.

    Python unpacks Zstandard only from 3.14 on, but Polars does when it reads CSV; with control
    characters as separators, which JSON cannot hold, the whole text is one cell.

    Raises
    ------
    ValueError
        The frames are damaged, or hold something else.
    """
    try:
        cell = pl.read_csv(
            io.BytesIO(data),
            has_header=False,
            separator="\x01",
            eol_char="\x02",
            quote_char=None,
            infer_schema=False,
        )
    except pl.exceptions.PolarsError as error:
        raise ValueError(str(error)) from None
    if cell.shape != (1, 1):
        raise ValueError("not text")
    return str(cell.item()).encode()
