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

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from doxa.backend.request import Turn

__all__ = ["SENT_TABLES", "Sent", "examples_shown", "keep_sent", "sent_frame"]

# A text is found by its hash: an index over the texts would hold each of them a second time.
SENT_TABLES = """
CREATE TABLE texts (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, text TEXT NOT NULL);
CREATE TABLE turns (
    id INTEGER PRIMARY KEY,
    system INTEGER NOT NULL, user INTEGER NOT NULL, ask INTEGER NOT NULL,
    reply_start INTEGER NOT NULL,
    UNIQUE (system, user, ask, reply_start)
);
CREATE TABLE examples (
    system INTEGER NOT NULL, item TEXT NOT NULL, PRIMARY KEY (system, item)
) WITHOUT ROWID;
CREATE TABLE sent (request_key TEXT PRIMARY KEY, turn INTEGER NOT NULL, baseline INTEGER)
WITHOUT ROWID
"""
_SHOWN = "cells JOIN replies USING (request_key) JOIN sent USING (request_key)"


class Sent(NamedTuple):
    """What a request sends to a model.

    Parameters
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
    turn_id = cache(partial(_turn_id, connection))
    rows = []
    shown = {}
    for request in requests:
        baseline = None if request.baseline is None else turn_id(request.baseline)
        rows.append((request.request_key, turn_id(request.turn), baseline))
        shown[request.turn.system] = request.examples
    connection.executemany("INSERT INTO sent VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows)
    for system, items in shown.items():
        number = _text_id(connection, system)
        connection.executemany(
            "INSERT INTO examples VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(number, item) for item in items],
        )


def _turn_id(connection: sqlite3.Connection, turn: Turn) -> int:
    parts = (turn.system, turn.user, turn.ask, turn.reply_start)
    texts = tuple(_text_id(connection, text) for text in parts)
    found = connection.execute(
        "SELECT id FROM turns WHERE (system, user, ask, reply_start) = (?, ?, ?, ?)", texts
    ).fetchone()
    if found is not None:
        return int(found[0])
    insert = "INSERT INTO turns (system, user, ask, reply_start) VALUES (?, ?, ?, ?)"
    return int(connection.execute(insert, texts).lastrowid or 0)


def _text_id(connection: sqlite3.Connection, text: str) -> int:
    digest = hashlib.sha256(text.encode()).digest()
    found = connection.execute("SELECT id FROM texts WHERE hash = ?", (digest,)).fetchone()
    if found is not None:
        return int(found[0])
    insert = "INSERT INTO texts (hash, text) VALUES (?, ?)"
    return int(connection.execute(insert, (digest, text)).lastrowid or 0)


def sent_frame(connection: sqlite3.Connection) -> pl.DataFrame:
    """Return what was sent for the replies to listed cells; see `doxa.store.Store.sent`."""
    turns = connection.execute(
        "SELECT turns.id, s.text, u.text || char(10, 10) || a.text, r.text FROM turns "
        "JOIN texts s ON s.id = system JOIN texts u ON u.id = user "
        "JOIN texts a ON a.id = ask JOIN texts r ON r.id = reply_start"
    ).fetchall()
    requests = connection.execute(
        f"SELECT DISTINCT request_key, turn, baseline FROM {_SHOWN} ORDER BY position"
    ).fetchall()
    columns = {"turn": pl.Int64, "system": pl.String, "user": pl.String, "reply_start": pl.String}
    of_turn = pl.DataFrame(turns, schema=columns, orient="row")
    of_baseline = of_turn.select(baseline="turn", baseline_user="user")
    keys = {"request_key": pl.String, "turn": pl.Int64, "baseline": pl.Int64}
    return (
        pl.DataFrame(requests, schema=keys, orient="row")
        .join(of_turn, on="turn", how="left", maintain_order="left")
        .join(of_baseline, on="baseline", how="left", maintain_order="left")
        .select("request_key", "system", "user", "reply_start", "baseline_user")
    )


def examples_shown(connection: sqlite3.Connection) -> frozenset[str]:
    """Return the items that prompts showed; see `doxa.store.Store.examples`."""
    rows = connection.execute(
        f"SELECT DISTINCT item FROM {_SHOWN} JOIN turns ON turns.id = turn "
        "JOIN examples USING (system)"
    )
    return frozenset(item for (item,) in rows)
