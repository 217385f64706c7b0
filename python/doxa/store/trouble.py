"""Say in one line what is wrong with a store, and what to do about it."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from polars.exceptions import PolarsError

from doxa.errors import DoxaError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["DamageError", "damaged", "decoded", "explained", "primary_code"]

_ROOM: Final = "make room on the disk and run again: what was answered is kept"
_CHECK: Final = "it is damaged or not a run of doxa: run  doxa check {file}  to see what is whole"
_FOLDER: Final = "check the folder and its permissions"
_HELD: Final = "another process holds it: wait for it to finish"
_LOCKS: Final = "locks do not work in its folder: use one on a disk of this machine"
_MEMORY: Final = "its folder or this machine does not let memory be shared: use another disk"

_ADVICE: Final = {
    sqlite3.SQLITE_NOTADB: _CHECK,
    sqlite3.SQLITE_CORRUPT: _CHECK,
    sqlite3.SQLITE_FULL: _ROOM,
    sqlite3.SQLITE_READONLY: _FOLDER,
    sqlite3.SQLITE_CANTOPEN: _FOLDER,
    sqlite3.SQLITE_PERM: _FOLDER,
    sqlite3.SQLITE_BUSY: _HELD,
    sqlite3.SQLITE_LOCKED: _HELD,
    sqlite3.SQLITE_PROTOCOL: _LOCKS,
    sqlite3.SQLITE_NOMEM: "free memory and run again: what was answered is kept",
    sqlite3.SQLITE_IOERR: "check the disk and run again: what was answered is kept",
    sqlite3.SQLITE_IOERR_WRITE: _ROOM,
    sqlite3.SQLITE_IOERR_TRUNCATE: _ROOM,
    sqlite3.SQLITE_IOERR_SHMSIZE: _ROOM,
    sqlite3.SQLITE_IOERR_SHMMAP: _MEMORY,
    sqlite3.SQLITE_IOERR_MMAP: _MEMORY,
    sqlite3.SQLITE_IOERR_NOMEM: _MEMORY,
    sqlite3.SQLITE_IOERR_SHMOPEN: _FOLDER,
    sqlite3.SQLITE_IOERR_LOCK: _LOCKS,
    sqlite3.SQLITE_IOERR_RDLOCK: _LOCKS,
    sqlite3.SQLITE_IOERR_UNLOCK: _LOCKS,
    sqlite3.SQLITE_IOERR_SHMLOCK: _LOCKS,
    sqlite3.SQLITE_IOERR_CORRUPTFS: _CHECK,
}
"""Advice by SQLite's extended result code, else by its primary one."""


class DamageError(StoreError):
    """What a store holds is not what was written to it."""


def primary_code(error: sqlite3.Error) -> int | None:
    """Return SQLite's primary result code; errors of Python's own have none."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


@contextmanager
def explained(file: Path) -> Iterator[None]:
    """Turn SQLite's errors into one line that names the remedy."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        advice = _ADVICE.get(code or 0) or _ADVICE.get(primary_code(error) or 0) or _CHECK
        # SQLite's text for all errors of input and output is the same
        name = getattr(error, "sqlite_errorname", "")
        what = f"{error} ({name})" if name.startswith("SQLITE_IOERR_") else str(error)
        raise StoreError(f"{file}: {what}; {advice.format(file=file)}") from None
    except UnicodeDecodeError:
        # a damaged name of a table, in SQLite's own message about it
        raise damaged(file, "its tables cannot be read") from None


@contextmanager
def decoded(file: Path, what: str) -> Iterator[None]:
    """Turn the errors of reading what a row holds into one line that names the remedy."""
    try:
        with explained(file):
            yield
    except DoxaError:
        raise
    except (AttributeError, LookupError, OverflowError, PolarsError, TypeError, ValueError):
        raise damaged(file, f"{what} cannot be read") from None


def damaged(file: Path, what: str) -> DamageError:
    """Return the error of a store with damage, with the remedy."""
    return DamageError(
        f"{file}: {what}: run  doxa check {file}  to see what is whole, and with  --recover OUT  "
        "to keep it"
    )
