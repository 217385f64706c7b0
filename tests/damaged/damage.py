"""What happens to files: on disks, on lines, in editors, in other programs and on purpose."""

from __future__ import annotations

import io
import re
import sqlite3
import struct
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

__all__ = ["damage", "damage_cell", "damage_member"]

_TOKEN: Final = re.compile(rb"\"(?:[^\"\\\n]|\\.)*\"|[-+]?\d+(?:\.\d+)?|\w+|[\[\]{},:=;\t]")

_ODD_VALUES: Final = (
    b"", b"null", b"true", b"[]", b"{}", b"[[]]", b"{\"a\":{}}", b"-1", b"0", b"NaN", b"-inf",
    b"Infinity", b"1e400", b"-9999.0", b"9" * 400, b"1" + b"0" * 5000, b"0.0000001", b"1e308",
    b"18446744073709551616", b"9223372036854775807", b"\"\"", b"\"\\ud800\"", b"\"\\u0000\"",
    b"\"a\\nb\"", b"'", b"\"", b"\"\"\"", b"\x1b[31m", "日本".encode(), b"\xff\xfe", b"\x00",
    b"\r", b"\r\n", b"\n\n\n", b"=1+1", b"../../x", b"{{", b"{%", b"{% for x in range(10**9) %}",
    b"[" * 100_000, b"{\"a\":" * 50_000, b"a = " + b"[" * 5000, b"(" * 3000, b"\"1\", " * 3000,
)  # fmt: skip
_NUMBERS: Final = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)


def damage_cell(content: bytes, draw: Random) -> bytes:
    """Damage one to three cells of an SQLite database; it stays sound as a database."""
    connection = sqlite3.connect(":memory:")
    connection.deserialize(_journal(content, b"\1\1"))  # in memory there is no WAL
    tables = [
        name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
    ]
    for _ in range(draw.choice((1, 1, 2, 3))):
        table = draw.choice(tables)
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()
        if not rows:
            continue
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        row, column = draw.choice(rows), draw.randrange(len(columns))
        new: object = draw.choice((None, -1, 2**63 - 1, 1e308, float("inf"), "", b"\x00\xff"))
        if isinstance(row[column], str) and draw.random() < 0.8:
            new = damage(row[column].encode(), draw, text=True).decode("utf-8", "replace")
        where = " AND ".join(f"{name} IS ?" for name in columns)
        with suppress(sqlite3.Error):
            connection.execute(
                f"UPDATE {table} SET {columns[column]} = ? WHERE {where}", (new, *row)
            )
    connection.commit()
    damaged = connection.serialize()
    connection.close()
    return _journal(damaged, content[18:20])


def damage_member(content: bytes, draw: Random) -> bytes:
    """Damage one member of a zip archive; the archive itself stays sound."""
    page = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as sound,
        zipfile.ZipFile(page, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        chosen = draw.choice(sound.namelist())
        for name in sound.namelist():
            member = sound.read(name)
            archive.writestr(name, damage(member, draw, text=True) if name == chosen else member)
    return page.getvalue()


def _journal(content: bytes, versions: bytes) -> bytes:
    return content[:18] + versions + content[20:]


def damage(content: bytes, draw: Random, *, text: bool) -> bytes:
    """Damage a file in one to three ways."""
    ways = _OF_TEXT if text else _OF_BYTES
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        content = draw.choice(ways)(content, draw)
    return content


def _flip(content: bytes, draw: Random) -> bytes:
    changed = bytearray(content or b"\0")
    for _ in range(draw.choice((1, 2, 8, 64))):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _flip_head(content: bytes, draw: Random) -> bytes:
    head = draw.choice((64, 512, 4096))
    return _flip(content[:head], draw) + content[head:]


def _flip_tail(content: bytes, draw: Random) -> bytes:
    tail = len(content) - draw.choice((64, 512, 4096))
    return content[: max(tail, 0)] + _flip(content[max(tail, 0) :], draw)


def _cut(content: bytes, draw: Random) -> bytes:
    return content[: draw.randrange(len(content) + 1)]


def _without_head(content: bytes, draw: Random) -> bytes:
    return content[draw.randrange(len(content) + 1) :]


def _without_middle(content: bytes, draw: Random) -> bytes:
    start, end = _stretch(content, draw)
    return content[:start] + content[end:]


def _blank(content: bytes, draw: Random) -> bytes:
    start, end = _stretch(content, draw)
    return content[:start] + draw.choice((b"\0", b"\xff", b" ")) * (end - start) + content[end:]


def _repeat(content: bytes, draw: Random) -> bytes:
    start, end = _stretch(content, draw)
    return content[:end] + content[start:end] * draw.choice((1, 2, 20)) + content[end:]


def _number(content: bytes, draw: Random) -> bytes:
    """Put a remarkable number where the file may keep a size or an offset."""
    kind = draw.choice("BHIQ")
    size = struct.calcsize(f"<{kind}")
    if len(content) <= size:
        return content
    at = draw.choice((draw.randrange(min(len(content), 1024)), draw.randrange(len(content))))
    at = min(at, len(content) - size)
    value = draw.choice(_NUMBERS) & (256**size - 1)
    return (
        content[:at] + value.to_bytes(size, draw.choice(("little", "big"))) + content[at + size :]
    )


def _odd_value(content: bytes, draw: Random) -> bytes:
    """Put an odd value in the place of a sound one."""
    found = list(_TOKEN.finditer(content[:200_000]))
    if not found:
        return draw.choice(_ODD_VALUES)
    token = draw.choice(found)
    return content[: token.start()] + draw.choice(_ODD_VALUES) + content[token.end() :]


def _other_token(content: bytes, draw: Random) -> bytes:
    """Put a token of the file in the place of another."""
    found = list(_TOKEN.finditer(content[:200_000]))
    if not found:
        return content
    old, new = draw.choice(found), draw.choice(found)
    return content[: old.start()] + new[0] + content[old.end() :]


def _line(content: bytes, draw: Random) -> bytes:
    """Remove, repeat or move a line."""
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    line = lines.pop(draw.randrange(len(lines)))
    for _ in range(draw.choice((0, 1, 2))):
        lines.insert(draw.randrange(len(lines) + 1), line)
    return b"".join(lines)


def _insert(content: bytes, draw: Random) -> bytes:
    at = draw.randrange(len(content) + 1)
    return content[:at] + draw.choice((draw.randbytes(20), *_ODD_VALUES)) + content[at:]


def _other_lines(content: bytes, draw: Random) -> bytes:
    return content.replace(b"\n", draw.choice((b"\r", b"\r\n", b"\n\r", b"")))


def _other_encoding(content: bytes, draw: Random) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(draw.choice(("utf-16", "utf-32", "latin-1", "utf-8-sig")), "replace")


def _stretch(content: bytes, draw: Random) -> tuple[int, int]:
    start = draw.randrange(len(content) + 1)
    return start, min(len(content), start + draw.choice((1, 4, 64, 4096)))


_OF_BYTES: Final[tuple[Callable[[bytes, Random], bytes], ...]] = (
    _flip, _flip_head, _flip_tail, _cut, _without_head, _without_middle, _blank, _repeat, _number,
    _number, _insert,
)  # fmt: skip
_OF_TEXT: Final[tuple[Callable[[bytes, Random], bytes], ...]] = (
    *_OF_BYTES, *(5 * (_odd_value,)), _other_token, _other_token, _line, _line, _other_lines,
    _other_encoding,
)  # fmt: skip
