"""Zip archives that Python's own zipfile cannot write before 3.14: packed with Zstandard."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pyarrow as pa

_METHOD = 93


def with_zstandard(members: dict[str, bytes]) -> bytes:
    """Pack as Inspect 0.3.285 does."""
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, pa.compress(text, codec="zstd", asbytes=True))
        entries = archive.infolist()
    content = bytearray(page.getvalue())
    at = content.find(b"PK\1\2")
    for entry in entries:
        text = members[entry.filename]
        for start in (entry.header_offset + 4, at + 6):
            struct.pack_into("<H", content, start + 4, _METHOD)
            struct.pack_into("<I", content, start + 10, zlib.crc32(text))
            struct.pack_into("<I", content, start + 18, len(text))
        at = content.find(b"PK\1\2", at + 4)
    return bytes(content)
