"""Open a store to read it, which writes nothing: no lock, no log, not even in its folder."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from doxa.errors import StoreError
from doxa.files.network import network_file_system
from doxa.store.bundle import open_bundle
from doxa.store.schema import VERSION, begin, bring_up_to_date, holds_tables

if TYPE_CHECKING:
    from typing import Any

__all__ = ["LOGS", "in_memory", "open_to_read", "signature"]

LOGS: Final = ("-wal", "-journal")
"""The files beside a store that may hold a part of it."""
_ARCHIVE: Final = b"PK\x03\x04"
_REFUSED: Final = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)


def open_to_read(file: Path) -> sqlite3.Connection:
    """Open one state of a store.

    A store that nobody writes has no log beside it: then the file alone is read, as it is. With a
    log, SQLite reads the two together; where it may not, a copy of them is read. A store of an
    older version is brought up to date in memory. A bundle is read into memory.

    Raises
    ------
    StoreError
        The file is missing, of another format or of a newer version.
    sqlite3.Error
        The file is damaged.
    """
    if not file.is_file():
        raise StoreError(f"no run at {file}: ask a model first")
    with file.open("rb") as stream:
        if stream.read(len(_ARCHIVE)) == _ARCHIVE:
            return open_bundle(file)
    connection = _connect(file)
    try:
        if not holds_tables(connection, file):
            # another process has begun it, or died in beginning it
            connection = _swapped(connection, sqlite3.connect(":memory:", isolation_level=None))
            begin(connection)
        elif connection.execute("PRAGMA user_version").fetchone() != (VERSION,):
            connection = in_memory(connection)
            bring_up_to_date(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def signature(file: Path) -> tuple[int, ...]:
    """Return what changes when the main file of a store is written or replaced."""
    found = file.stat()
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def in_memory(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy of a store in memory, and close the store."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    connection.backup(copy)
    return _swapped(connection, copy)


def _swapped(old: sqlite3.Connection, new: sqlite3.Connection) -> sqlite3.Connection:
    old.close()
    return new


def _connect(file: Path) -> sqlite3.Connection:
    logs = [log for log in (file.with_name(file.name + end) for end in LOGS) if _has_content(log)]
    if not logs:
        return _read_only(file, immutable=1)
    if network_file_system(file):
        # SQLite would share memory with whoever writes it, and that may be another machine
        return _copied(file, logs)
    connection = _read_only(file)
    try:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode & 0xFF not in _REFUSED:
            raise
        return _copied(file, logs)
    return connection


def _read_only(file: Path, **parameters: Any) -> sqlite3.Connection:
    words = "".join(f"&{name}={value}" for name, value in parameters.items())
    address = f"{file.absolute().as_uri()}?mode=ro{words}"
    return sqlite3.connect(address, uri=True, timeout=10, isolation_level=None)


def _copied(file: Path, logs: list[Path]) -> sqlite3.Connection:
    """Read a copy of a store and its log, in memory."""
    with tempfile.TemporaryDirectory(prefix="doxa-") as folder:
        for part in (file, *logs):
            shutil.copyfile(part, Path(folder, part.name))
        with closing(sqlite3.connect(Path(folder, file.name), isolation_level=None)) as copy:
            return in_memory(copy)


def _has_content(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except OSError:
        return False
