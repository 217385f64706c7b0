"""Bring a store of an older version up to date, keeping all that it holds."""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from doxa.backend.thinking import recognise
from doxa.outside.documents import json_of, toml_of
from doxa.prompt import OFF
from doxa.store.conditions import CONDITION_TABLE
from doxa.store.differing import DIFFERING_TABLE
from doxa.store.record import CELL_TABLE
from doxa.store.seal import TABLES, reseal, seal_all
from doxa.store.work import WORK_TABLE

if TYPE_CHECKING:
    from doxa.store.seal import Row

__all__ = ["WRITERS", "migrate"]

WRITERS: Final = "CREATE TABLE writers (owner TEXT PRIMARY KEY) WITHOUT ROWID"

# The tables as the versions that added them made them; what is newer is added by later steps.
_CONDITIONS: Final = """
CREATE TABLE conditions (
    language TEXT NOT NULL, steering TEXT NOT NULL, target TEXT NOT NULL,
    template TEXT NOT NULL, option_order TEXT NOT NULL,
    wave INTEGER NOT NULL, label_style TEXT NOT NULL, n_examples INTEGER NOT NULL,
    PRIMARY KEY (language, steering, target, template, option_order)
) WITHOUT ROWID
"""
_SENT: Final = (
    "CREATE TABLE texts (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, text TEXT NOT NULL)",
    "CREATE TABLE turns (id INTEGER PRIMARY KEY, system INTEGER NOT NULL, user INTEGER NOT NULL, "
    "ask INTEGER NOT NULL, reply_start INTEGER NOT NULL, UNIQUE (system, user, ask, reply_start))",
    "CREATE TABLE examples (system INTEGER NOT NULL, item TEXT NOT NULL, "
    "PRIMARY KEY (system, item)) WITHOUT ROWID",
    "CREATE TABLE sent (request_key TEXT PRIMARY KEY, turn INTEGER NOT NULL, baseline INTEGER) "
    "WITHOUT ROWID",
)


def _count_attempts(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE cells ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0")


def _list_conditions(connection: sqlite3.Connection) -> None:
    """List the conditions of the cells; the saved experiment says what they have in common."""
    connection.execute(_CONDITIONS)
    saved = connection.execute("SELECT value FROM metadata WHERE name = 'experiment'").fetchone()
    if saved is None:
        return
    first = toml_of(saved[0])["conditions"][0]
    connection.execute(
        "INSERT INTO conditions SELECT DISTINCT language, steering, target, template, "
        "option_order, ?, ?, ? FROM cells",
        (first["wave"], first["label_style"], first["n_examples"]),
    )


def _count_draws(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE replies ADD COLUMN n_draws INTEGER NOT NULL DEFAULT 1")


def _keep_sent(connection: sqlite3.Connection) -> None:
    """Add the tables of what was sent; what was sent before stays unknown."""
    for table in _SENT:
        connection.execute(table)
    connection.execute("DROP INDEX IF EXISTS cell_of_key")  # no query used it


def _seal(connection: sqlite3.Connection) -> None:
    """Give every row a checksum; what is damaged already must not get one."""
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(found.splitlines()[-1])
    seal_all(connection)
    connection.execute(WRITERS)


def _name_reasoning(connection: sqlite3.Connection) -> None:
    """Add the tables of who did what and of further replies to the same request, and `reasoning`.

    No thought was asked for; whether there was none is said as far as it is certain.
    """
    connection.execute(WORK_TABLE)
    connection.execute(DIFFERING_TABLE)
    connection.execute("INSERT INTO seals VALUES ('differing', 0, 0)")
    for name, create in (("conditions", CONDITION_TABLE), ("cells", CELL_TABLE)):
        place = TABLES[name].columns.index("reasoning")
        reseal(connection, name, partial(_with, OFF, place), create)
    unsure = {
        key
        for key, card in connection.execute(
            "SELECT request_key, card FROM cells JOIN models USING (model)"
        )
        if _may_think(card)
    }
    answer = TABLES["replies"].columns.index("answer")

    def marked(row: Row) -> Row:
        if row[0] not in unsure:
            return row
        told = json_of(row[answer]) | {"thought_status": "unknown"}
        return (*row[:answer], json.dumps(told, ensure_ascii=False), *row[answer + 1 :])

    if unsure:
        reseal(connection, "replies", marked)


def _with(value: str, place: int, row: Row) -> Row:
    """Return a row with one more value."""
    return (*row[:place], value, *row[place:])


def _may_think(card: str) -> bool:
    """Tell whether a model may have thought: it knew another switch than the one that was used.

    A server's template is not known.
    """
    with suppress(ValueError, KeyError, TypeError):
        template = json_of(card)["template"]
        thinking = template and recognise(template["source"])
        return template is None or bool(thinking and thinking.switch != "enable_thinking")
    return True


_STEPS: Final = {
    1: _count_attempts,
    2: _list_conditions,
    3: _count_draws,
    4: _keep_sent,
    5: _seal,
    6: _name_reasoning,
}
"""For each version, the function that brings a store to the next one."""


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a store to this version; call it inside a transaction that holds the write lock.

    Parameters
    ----------
    connection : sqlite3.Connection
        An older store.
    version : int
        The version to bring it to.
    """
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    for step in range(found, version):
        _STEPS[step](connection)
    connection.execute(f"PRAGMA user_version = {version}")
