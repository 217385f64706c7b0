"""Create the tables of a store, and open its file for writing."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Final

from doxa.errors import StoreError
from doxa.files import reason
from doxa.files.lock import require_locks
from doxa.store.conditions import CONDITION_TABLE
from doxa.store.differing import DIFFERING_TABLE
from doxa.store.migrate import WRITERS, migrate
from doxa.store.record import CELL_TABLE
from doxa.store.seal import SEALS, TABLES, keep_seals
from doxa.store.sent import SENT_TABLES
from doxa.store.trouble import explained, primary_code
from doxa.store.work import WORK_TABLE

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "PATIENCE",
    "VERSION",
    "begin",
    "bring_up_to_date",
    "holds_tables",
    "open_database",
    "roll_back",
]

PATIENCE: Final = 60.0
"""Seconds to wait for another process that writes."""
VERSION: Final = 8

_APPLICATION = 0x646F7861
_SCHEMA = f"""
CREATE TABLE metadata (
    name TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE models (
    model TEXT PRIMARY KEY, card TEXT NOT NULL, checksum INTEGER NOT NULL
) WITHOUT ROWID;
{CELL_TABLE};
{CONDITION_TABLE};
CREATE TABLE replies (
    request_key TEXT PRIMARY KEY,
    status TEXT NOT NULL, reason TEXT NOT NULL,
    codes TEXT NOT NULL, probabilities TEXT, off_option_mass REAL,
    answer TEXT NOT NULL, backend TEXT NOT NULL, versions TEXT NOT NULL,
    n_draws INTEGER NOT NULL, checksum INTEGER NOT NULL
) WITHOUT ROWID;
{DIFFERING_TABLE};
CREATE TABLE claims (request_key TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID;
{SENT_TABLES};
{WRITERS};
{WORK_TABLE};
{SEALS}
"""


def open_database(file: Path) -> sqlite3.Connection:
    """Open a store's file for writing; create a new one, or bring an older one up to date.

    Raises
    ------
    StoreError
        The file is damaged, of another format or of a newer version, its folder cannot be
        written, or locks do not work there.
    """
    with explained(file):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            require_locks(file.parent)
        except OSError as error:
            raise StoreError(f"cannot write {file}: {reason(error)}") from None
        connection = sqlite3.connect(
            file, timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA synchronous = FULL")
            # `doxa.store.checkpoint` moves the log, and no commit waits for it
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            if not holds_tables(connection, file):
                _set_journal(connection)
                begin(connection)
            else:
                _set_journal(connection)
                bring_up_to_date(connection)
            keep_seals(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def holds_tables(connection: sqlite3.Connection, file: Path) -> bool:
    """Check the kind of a file; return whether it holds anything yet.

    Raises
    ------
    StoreError
        It is of another program, or of a newer version.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application == 0 and tables == 0:
        return False
    if application != _APPLICATION:
        raise StoreError(f"{file} is not a run of doxa: give another path")
    if version > VERSION:
        raise StoreError(
            f"{file} was written by a newer doxa (schema {version}, this one knows {VERSION}): "
            "update doxa"
        )
    return True


def begin(connection: sqlite3.Connection) -> None:
    """Make the tables of a new store, if another process has not just made them."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if tables == 0:
            # not executescript: that would commit between the statements
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            connection.executemany(
                "INSERT INTO seals VALUES (?, 0, 0)", [(name,) for name in TABLES]
            )
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Bring an older store to this version, in one transaction."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        migrate(connection, VERSION)
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise


def roll_back(connection: sqlite3.Connection) -> None:
    """Undo an open transaction; SQLite has undone it already after some errors."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _set_journal(connection: sqlite3.Connection) -> None:
    """Keep a write-ahead log.

    SQLite does not wait for the lock of this change by itself, whatever the connection's time-out.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
