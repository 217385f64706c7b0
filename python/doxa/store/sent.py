"""Keep what was sent: each distinct text once, and the texts of each request.

Ten draws of an item share their turn, all items of a condition share its system text, and all
conditions in one language share the items' texts. So a request refers to turns, and a turn to
texts. The examples that a system text shows are stored with that text.
"""

from __future__ import annotations

import hashlib
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from doxa.store.seal import KNOWN, put

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from doxa.backend.request import Turn
    from doxa.store.seal import Row

__all__ = ["SENT_TABLES", "Sent", "examples_shown", "keep_sent", "sent_frame", "text_id", "turn_id"]

# A text is found by its hash: an index over the texts would hold each of them a second time.
SENT_TABLES = """
CREATE TABLE texts (
    id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, text TEXT NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE TABLE turns (
    id INTEGER PRIMARY KEY,
    system INTEGER NOT NULL, user INTEGER NOT NULL, ask INTEGER NOT NULL,
    reply_start INTEGER NOT NULL, checksum INTEGER NOT NULL,
    UNIQUE (system, user, ask, reply_start)
);
CREATE TABLE examples (
    system INTEGER NOT NULL, item TEXT NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (system, item)
) WITHOUT ROWID;
CREATE TABLE sent (
    request_key TEXT PRIMARY KEY, turn INTEGER NOT NULL, baseline INTEGER,
    checksum INTEGER NOT NULL
) WITHOUT ROWID
"""


class Sent(NamedTuple):
    """What a request sends to a model.

    Attributes
    ----------
    request_key : str
        From `doxa.backend.request_key`.
    turn : Turn
        The prompt.
    baseline : Turn or None
        The turn without content that a calibrated request sends too.
    examples : tuple of str
        The items that the turn's system text shows as examples.

    Examples
    --------
    >>> from doxa.backend import Turn
    >>> Sent("ab12", Turn("Be brief.", "Yes or no?", "Say one."), examples=("Q32",)).examples
    ('Q32',)
    """

    request_key: str
    turn: Turn
    baseline: Turn | None = None
    examples: tuple[str, ...] = ()


def keep_sent(connection: sqlite3.Connection, requests: Iterable[Sent]) -> None:
    """Store what requests send; known requests stay as they are.

    Call it inside a transaction that holds the write lock.
    """
    number_of = cache(partial(_number, connection))
    rows = []
    shown = {}
    for request in requests:
        baseline = None if request.baseline is None else number_of(request.baseline)
        rows.append((request.request_key, number_of(request.turn), baseline))
        shown[request.turn.system] = request.examples
    put(connection, "sent", rows, otherwise=KNOWN)
    for system, items in shown.items():
        number = text_id(connection, system)
        put(connection, "examples", [(number, item) for item in items], otherwise=KNOWN)


def _number(connection: sqlite3.Connection, turn: Turn) -> int:
    parts = (turn.system, turn.user, turn.ask, turn.reply_start)
    return turn_id(connection, tuple(text_id(connection, text) for text in parts))


def turn_id(connection: sqlite3.Connection, texts: tuple[int, ...]) -> int:
    """Return the number of the turn that four texts make, and store it if it is new."""
    found = connection.execute(
        "SELECT id FROM turns WHERE (system, user, ask, reply_start) = (?, ?, ?, ?)", texts
    ).fetchone()
    return int(found[0]) if found is not None else _add(connection, "turns", texts)


def text_id(connection: sqlite3.Connection, text: str) -> int:
    """Return the number of a text, and store it if it is new."""
    digest = hashlib.sha256(text.encode()).digest()
    found = connection.execute("SELECT id FROM texts WHERE hash = ?", (digest,)).fetchone()
    return int(found[0]) if found is not None else _add(connection, "texts", (digest, text))


def _add(connection: sqlite3.Connection, table: str, values: Row) -> int:
    """Add a row under the next number, which its checksum covers too."""
    (number,) = connection.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()
    put(connection, table, [(number, *values)])
    return int(number)


def sent_frame(rows: Callable[[str], Sequence[Row]], shown: Iterable[str]) -> pl.DataFrame:
    """Return what was sent for some requests; see `doxa.store.Store.sent`.

    Parameters
    ----------
    rows : callable
        Gives the rows of a table.
    shown : iterable of str
        The keys of the requests, in order.
    """
    text = {number: text for number, _, text in rows("texts")}
    turn = {
        number: (text[system], f"{text[user]}\n\n{text[ask]}", text[reply_start])
        for number, system, user, ask, reply_start in rows("turns")
    }
    sent = {key: (number, baseline) for key, number, baseline in rows("sent")}
    found = [
        (key, *turn[sent[key][0]], None if sent[key][1] is None else turn[sent[key][1]][1])
        for key in dict.fromkeys(shown)
        if key in sent
    ]
    columns = ("request_key", "system", "user", "reply_start", "baseline_user")
    return pl.DataFrame(found, schema=dict.fromkeys(columns, pl.String), orient="row")


def examples_shown(rows: Callable[[str], Sequence[Row]], shown: Iterable[str]) -> frozenset[str]:
    """Return the items that the prompts of some requests showed as examples."""
    system = {number: system for number, system, *_ in rows("turns")}
    turn = {key: number for key, number, _ in rows("sent")}
    systems = {system[turn[key]] for key in shown if key in turn}
    return frozenset(str(item) for number, item in rows("examples") if number in systems)
