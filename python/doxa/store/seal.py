"""A checksum for each row, and for each table the number of its rows and the sum of checksums.

A row that was changed on the disk no longer fits its checksum; a row that vanished, or came back,
leaves the table's number and sum wrong. Both are verified whenever a table is read.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from doxa.prompt import LABELS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    Row = tuple[Any, ...]

__all__ = [
    "KNOWN",
    "SEALS",
    "TABLES",
    "Table",
    "checksum",
    "fits",
    "keep_seals",
    "one_state",
    "put",
    "quoted",
    "read_sealed",
    "reseal",
    "seal_all",
    "sealed",
    "stream_sealed",
]

SEALS: Final = (
    'CREATE TABLE seals ("table" TEXT PRIMARY KEY, n INTEGER NOT NULL, total INTEGER NOT NULL) '
    "WITHOUT ROWID"
)


class Table(NamedTuple):
    """A table whose rows have checksums.

    Attributes
    ----------
    columns : tuple of str
        Its columns without the checksum, in order.
    key : tuple of str
        The columns by which it is sorted on the disk.
    """

    columns: tuple[str, ...]
    key: tuple[str, ...]


_CELL: Final = ("model", "question", *LABELS)
_REPLY: Final = (
    *("request_key", "status", "reason", "codes", "probabilities", "off_option_mass"),
    *("answer", "backend", "versions", "n_draws"),
)
TABLES: Final = {
    "metadata": Table(("name", "value"), ("name",)),
    "models": Table(("model", "card"), ("model",)),
    "conditions": Table((*LABELS, "wave", "n_examples"), LABELS),
    "cells": Table(
        ("position", *_CELL, "draw", "elicitation", "request_key", "attempt"), ("position",)
    ),
    "replies": Table(_REPLY, ("request_key",)),
    "differing": Table(("request_key", "number", *_REPLY[1:]), ("request_key", "number")),
    "texts": Table(("id", "hash", "text"), ("id",)),
    "turns": Table(("id", "system", "user", "ask", "reply_start"), ("id",)),
    "examples": Table(("system", "item"), ("system", "item")),
    "sent": Table(("request_key", "turn", "baseline"), ("request_key",)),
}
"""All tables but those that say which processes are at work."""

KNOWN: Final = "ON CONFLICT DO NOTHING"
"""The clause that leaves a known row as it is."""

_BYTES: Final = 7
_MASK: Final = (1 << 8 * _BYTES) - 1


def quoted(names: Iterable[str]) -> str:
    """List columns for a statement of SQL, of which "group" is a word.

    Examples
    --------
    >>> quoted(("target", "group"))
    '"target", "group"'
    """
    return ", ".join(f'"{name}"' for name in names)


def checksum(table: str, values: Iterable[Any]) -> int:
    """Return the checksum of a row: 56 bits of its BLAKE2b, together with its table's name."""
    text = "\x1f".join((table, *map(str, values)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=_BYTES).digest(), "big")


def sealed(table: str, values: Row) -> Row:
    """Return a row with its checksum, as it is stored."""
    return (*values, checksum(table, values))


def put(
    connection: sqlite3.Connection, name: str, rows: Iterable[Row], *, otherwise: str = ""
) -> int:
    """Add rows to a table, with their checksums, and return how many were added.

    Parameters
    ----------
    connection : sqlite3.Connection
        A store, inside a transaction that holds the write lock.
    name : str
        The table.
    rows : iterable of tuple
        The rows, without checksums.
    otherwise : str
        The clause for rows that are there already.
    """
    marks = ", ".join("?" * (len(TABLES[name].columns) + 1))
    added = connection.executemany(
        f"INSERT INTO {name} VALUES ({marks}) {otherwise}", (sealed(name, row) for row in rows)
    ).rowcount
    return max(added, 0)


def fits(table: str, row: Sequence[Any]) -> bool:
    """Tell whether a stored row fits its checksum."""
    return bool(checksum(table, row[:-1]) == row[-1])


def keep_seals(connection: sqlite3.Connection) -> None:
    """Have every change through a connection change the numbers and sums of the tables, too."""
    connection.execute("PRAGMA temp_store = MEMORY")
    for table in TABLES:
        for event, sign, row in (("INSERT", 1, "NEW"), ("DELETE", -1, "OLD")):
            connection.execute(
                f"CREATE TEMP TRIGGER {event}_{table} AFTER {event} ON main.{table} BEGIN "
                f"UPDATE seals SET n = n + {sign}, total = (total + {sign} * {row}.checksum) & "
                f"{_MASK} WHERE \"table\" = '{table}'; END"
            )
        connection.execute(
            f"CREATE TEMP TRIGGER UPDATE_{table} AFTER UPDATE ON main.{table} BEGIN "
            f"UPDATE seals SET total = (total + NEW.checksum - OLD.checksum) & {_MASK} "
            f"WHERE \"table\" = '{table}'; END"
        )


def seal_all(connection: sqlite3.Connection) -> None:
    """Give every row a checksum and every table its number and sum, in a store without them.

    The store is of an older version, so it may lack tables and columns.
    """
    connection.create_function("checksum_of", -1, lambda *row: checksum(row[0], row[1:]))
    connection.execute(SEALS)
    for name in TABLES:
        found = connection.execute(f"PRAGMA table_info({name})").fetchall()
        if not found:
            continue
        columns = quoted(column for _, column, *_ in found)
        connection.execute(f"ALTER TABLE {name} ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0")
        connection.execute(f"UPDATE {name} SET checksum = checksum_of('{name}', {columns})")
        sums = [total for (total,) in connection.execute(f"SELECT checksum FROM {name}")]
        row = (name, len(sums), sum(sums) & _MASK)
        connection.execute("INSERT INTO seals VALUES (?, ?, ?)", row)


def reseal(
    connection: sqlite3.Connection, name: str, change: Callable[[Row], Row], create: str = ""
) -> None:
    """Change the rows of a table in a store without the triggers of `keep_seals`.

    Rows that were damaged before stay so, and so does a table that had lost some.

    Parameters
    ----------
    connection : sqlite3.Connection
        A store with checksums, in a transaction.
    name : str
        The table.
    change : callable
        Takes a row of `create`, without its checksum, and returns one of `TABLES`.
    create : str
        The statement that creates the table with its new columns; "" if it stays.
    """
    names = [column for _, column, *_ in connection.execute(f"PRAGMA table_info({name})")][:-1]
    old = connection.execute(f"SELECT {quoted(names)}, checksum FROM {name}").fetchall()
    connection.execute(f"DROP TABLE {name}" if create else f"DELETE FROM {name}")
    if create:
        connection.execute(create)
    rows = [(fits(name, row), row[-1], change(row[:-1])) for row in old]
    new = [sealed(name, row) if whole else (*row, mark) for whole, mark, row in rows]
    if new:
        marks = ", ".join("?" * len(new[0]))
        connection.executemany(f"INSERT INTO {name} VALUES ({marks})", new)
    moved = sum(row[-1] for row in new) - sum(row[-1] for row in old)
    connection.execute(
        f'UPDATE seals SET total = (total + ?) & {_MASK} WHERE "table" = ?', (moved & _MASK, name)
    )


def read_sealed(connection: sqlite3.Connection, name: str) -> tuple[list[Row], str]:
    """Read a table in the order of its key.

    Returns
    -------
    rows : list of tuple
        All rows, without their checksums.
    damage : str
        What is wrong with them, in words; empty if nothing is.
    """
    table = TABLES[name]
    columns, key = quoted(table.columns), quoted(table.key)
    with one_state(connection):
        rows = connection.execute(
            f"SELECT {columns}, checksum FROM {name} ORDER BY {key}"
        ).fetchall()
        seal = _seal(connection, name)
    changed = sum(not fits(name, row) for row in rows)
    damage = _damage(name, seal, len(rows), changed, sum(row[-1] for row in rows))
    return [row[:-1] for row in rows], damage


def stream_sealed(
    connection: sqlite3.Connection, name: str, size: int
) -> Generator[list[Row], None, str]:
    """Read a table in the order of its key, a piece at a time.

    Call it in a block of `one_state`. A piece with a row that is not as it was written is not
    yielded.

    Yields
    ------
    list of tuple
        At most `size` rows, without their checksums.

    Returns
    -------
    str
        What is wrong with the table, as `read_sealed` says it.
    """
    table = TABLES[name]
    rows = connection.execute(
        f"SELECT {quoted(table.columns)}, checksum FROM {name} ORDER BY {quoted(table.key)}"
    )
    n = total = 0
    while piece := rows.fetchmany(size):
        n += len(piece)
        total += sum(row[-1] for row in piece)
        changed = sum(not fits(name, row) for row in piece)
        if changed:
            return _damage(name, _seal(connection, name), n, changed, total)
        yield [row[:-1] for row in piece]
    return _damage(name, _seal(connection, name), n, 0, total)


def _seal(connection: sqlite3.Connection, name: str) -> tuple[int, int]:
    found = connection.execute('SELECT n, total FROM seals WHERE "table" = ?', (name,)).fetchone()
    return found or (0, 0)


def _damage(name: str, seal: tuple[int, int], n: int, changed: int, total: int) -> str:
    """Say what is wrong with a table of which `n` rows were read."""
    if changed:
        return f"{changed} of {n} rows of {name} are not as they were written"
    if n != seal[0]:
        return f"it has {n} rows of {name} where {seal[0]} were written"
    if total & _MASK != seal[1]:
        return f"some rows of {name} are older than what was written last"
    return ""


@contextmanager
def one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """Read one state of the store in a block, whatever other processes write meanwhile."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
