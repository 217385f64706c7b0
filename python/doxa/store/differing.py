"""Further replies to the same request, which stores that were merged do not agree on.

The first reply that a store got is the one that counts; any other is kept beside it, and told
whenever the store is read. A reply that never came is none: it gives way to one that did.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from doxa.store.record import answer_of
from doxa.store.seal import TABLES, put

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from doxa.store.seal import Row

__all__ = ["DIFFERING_TABLE", "add_or_compare", "alike"]

DIFFERING_TABLE: Final = """
CREATE TABLE differing (
    request_key TEXT NOT NULL, number INTEGER NOT NULL,
    status TEXT NOT NULL, reason TEXT NOT NULL,
    codes TEXT NOT NULL, probabilities TEXT, off_option_mass REAL,
    answer TEXT NOT NULL, backend TEXT NOT NULL, versions TEXT NOT NULL,
    n_draws INTEGER NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (request_key, number)
) WITHOUT ROWID
"""
_COLUMNS: Final = TABLES["replies"].columns
_ANSWER: Final = _COLUMNS.index("answer")
_STATUS: Final = _COLUMNS.index("status")
_ASIDE: Final = {_ANSWER, _COLUMNS.index("backend"), _COLUMNS.index("versions")}


def alike(one: Row, other: Row) -> bool:
    """Tell whether two replies say the same, to the last bit, whoever gave them and how fast.

    Parameters
    ----------
    one, other : tuple
        Rows of the table `replies`.
    """
    for position, values in enumerate(zip(one, other, strict=True)):
        if position not in _ASIDE and values[0] != values[1]:
            return False
    if one[_ANSWER] == other[_ANSWER]:
        return True
    said = [replace(answer_of(row[_ANSWER]), seconds=0.0, server="") for row in (one, other)]
    return said[0] == said[1]


def add_or_compare(connection: sqlite3.Connection, rows: Sequence[Row]) -> tuple[int, int]:
    """Add replies; where a request has one that differs, keep both.

    Call it inside a transaction that holds the write lock.

    Parameters
    ----------
    connection : sqlite3.Connection
        A store.
    rows : sequence of tuple
        Rows of the table `replies`.

    Returns
    -------
    added, differing : int
        The number of requests that had no reply, or none that came; and of those among the others
        whose replies differ.
    """
    keys = [row[0] for row in rows]
    known = {row[0]: row for row in _rows(connection, "replies", keys)}
    new: dict[str, Row] = {}
    replaced, differing = [], 0
    for row in rows:
        have = new.get(row[0]) or known.get(row[0])
        if have is None:
            new[row[0]] = row
        elif alike(have, row) or row[_STATUS] == "error":
            continue
        elif have[_STATUS] == "error":
            new[row[0]] = row
            replaced.append(row[:1])
        else:
            differing += 1
            others = _rows(connection, "differing", row[:1])
            if not any(alike(other, row) for other in others):
                put(connection, "differing", [(row[0], len(others) + 1, *row[1:])])
    connection.executemany("DELETE FROM replies WHERE request_key = ?", replaced)
    return put(connection, "replies", new.values()), differing


def _rows(connection: sqlite3.Connection, table: str, keys: Sequence[str]) -> list[Row]:
    """Return the replies to requests, as rows of the table `replies`."""
    marks = ", ".join("?" * len(keys))
    found = connection.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM {table} WHERE request_key IN ({marks})", keys
    )
    return found.fetchall()
