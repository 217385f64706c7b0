"""Create the tables of a store, and migrate those of an older version."""

from __future__ import annotations

import sqlite3
import time
import tomllib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from doxa.errors import StoreError
from doxa.files import reason
from doxa.store.conditions import CONDITION_TABLE
from doxa.store.sent import SENT_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["RENDERED", "TO_RENDER", "explained", "open_database"]

TO_RENDER: Final = ("prompts", "not kept, and not yet rendered again")
"""Metadata of a store whose first version did not keep prompts."""
RENDERED: Final = ("prompts", "not kept, and rendered again where that was certain")

_PATIENCE = 60.0
_APPLICATION = 0x646F7861
_VERSION = 5
_SCHEMA = f"""
CREATE TABLE metadata (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE models (model TEXT PRIMARY KEY, card TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE cells (
    position INTEGER PRIMARY KEY,
    model TEXT NOT NULL, question TEXT NOT NULL, language TEXT NOT NULL,
    steering TEXT NOT NULL, target TEXT NOT NULL, template TEXT NOT NULL,
    option_order TEXT NOT NULL, draw INTEGER NOT NULL, elicitation TEXT NOT NULL,
    request_key TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0,
    UNIQUE (model, language, steering, target, template, option_order, question, elicitation, draw)
);
{CONDITION_TABLE};
CREATE TABLE replies (
    request_key TEXT PRIMARY KEY,
    status TEXT NOT NULL, reason TEXT NOT NULL,
    codes TEXT NOT NULL, probabilities TEXT, off_option_mass REAL,
    answer TEXT NOT NULL, backend TEXT NOT NULL, versions TEXT NOT NULL,
    n_draws INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;
CREATE TABLE claims (request_key TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID;
{SENT_TABLES}
"""


def _count_attempts(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE cells ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0")


def _list_conditions(connection: sqlite3.Connection) -> None:
    """List the conditions of the cells; the saved experiment says what they have in common."""
    connection.execute(CONDITION_TABLE)
    saved = connection.execute("SELECT value FROM metadata WHERE name = 'experiment'").fetchone()
    if saved is None:
        return
    first = tomllib.loads(saved[0])["conditions"][0]
    connection.execute(
        "INSERT INTO conditions SELECT DISTINCT language, steering, target, template, "
        "option_order, ?, ?, ? FROM cells",
        (first["wave"], first["label_style"], first["n_examples"]),
    )


def _count_draws(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE replies ADD COLUMN n_draws INTEGER NOT NULL DEFAULT 1")


def _keep_sent(connection: sqlite3.Connection) -> None:
    """Add the tables of what was sent, and note that old prompts are not yet rendered again."""
    _make(connection, SENT_TABLES)
    connection.execute("DROP INDEX IF EXISTS cell_of_key")  # no query used it
    connection.execute("INSERT INTO metadata VALUES (?, ?)", TO_RENDER)


_MIGRATIONS = {1: _count_attempts, 2: _list_conditions, 3: _count_draws, 4: _keep_sent}
"""For each version, the function that migrates a store to the next one."""


def open_database(file: Path, *, create: bool) -> sqlite3.Connection:
    """Open a store's file; create a new one, or migrate an older one.

    Raises
    ------
    StoreError
        The file is missing, damaged, of another format or of a newer version, or its folder
        cannot be written.
    """
    if not create and not file.is_file():
        raise StoreError(f"no run at {file}: ask a model first")
    with explained(file):
        if create:
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(f"cannot write {file}: {reason(error)}") from None
        connection = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)
        try:
            _settle(connection, file)
        except BaseException:
            connection.close()
            raise
    return connection


def _settle(connection: sqlite3.Connection, file: Path) -> None:
    """Check the kind of file; create the tables of a new one, migrate those of an older one."""
    connection.execute("PRAGMA synchronous = FULL")
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application == 0 and tables == 0:
        _begin(connection)
        return
    if application != _APPLICATION:
        raise StoreError(f"{file} is not a run of doxa: give another path")
    if version > _VERSION:
        raise StoreError(
            f"{file} was written by a newer doxa (schema {version}, this one knows {_VERSION}): "
            "update doxa"
        )
    if version < _VERSION:
        _migrate(connection)


def _begin(connection: sqlite3.Connection) -> None:
    _keep_a_log(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if tables == 0:
            _make(connection, _SCHEMA)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _make(connection: sqlite3.Connection, tables: str) -> None:
    # not executescript: that would commit between the statements
    for statement in tables.split(";"):
        connection.execute(statement)


def _keep_a_log(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log; wait while another process switches.

    SQLite does not wait for this lock by itself, whatever the connection's time-out.
    """
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring an older store to this version, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for step in range(version, _VERSION):
            _MIGRATIONS[step](connection)
        connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


_ADVICE = {
    sqlite3.SQLITE_NOTADB: "it is damaged or not a run of doxa: move it away and ask again",
    sqlite3.SQLITE_CORRUPT: "it is damaged or not a run of doxa: move it away and ask again",
    sqlite3.SQLITE_FULL: "make room on the disk and run again: what was answered is kept",
    sqlite3.SQLITE_IOERR: "make room on the disk and run again: what was answered is kept",
    sqlite3.SQLITE_READONLY: "check the folder and its permissions",
    sqlite3.SQLITE_CANTOPEN: "check the folder and its permissions",
    sqlite3.SQLITE_BUSY: "another process holds it: wait for it to finish",
    sqlite3.SQLITE_LOCKED: "another process holds it: wait for it to finish",
}


def _code(error: sqlite3.Error) -> int | None:
    """Return SQLite's primary result code; errors of Python's own have none."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


@contextmanager
def explained(file: Path) -> Iterator[None]:
    """Turn SQLite's errors into one line that names the remedy."""
    try:
        yield
    except sqlite3.Error as error:
        advice = _ADVICE.get(_code(error) or 0, "move it away and ask again")
        raise StoreError(f"{file}: {error}; {advice}") from None
