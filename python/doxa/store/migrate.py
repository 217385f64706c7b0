"""Bring a store of an older version up to date, keeping all that it holds."""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from doxa.backend.thinking import recognise
from doxa.outside.documents import json_of, toml_of
from doxa.prompt import OFF, Condition
from doxa.store.conditions import CONDITION_TABLE
from doxa.store.differing import DIFFERING_TABLE
from doxa.store.record import CELL_TABLE
from doxa.store.seal import TABLES, reseal, seal_all
from doxa.store.work import WORK_TABLE

if TYPE_CHECKING:
    from doxa.store.seal import Row

__all__ = ["WRITERS", "migrate", "with_form"]

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
_CONDITIONS_7: Final = """
CREATE TABLE conditions (
    language TEXT NOT NULL, steering TEXT NOT NULL, target TEXT NOT NULL,
    template TEXT NOT NULL, option_order TEXT NOT NULL, reasoning TEXT NOT NULL,
    wave INTEGER NOT NULL, label_style TEXT NOT NULL, n_examples INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (language, steering, target, template, option_order, reasoning)
) WITHOUT ROWID
"""
_CELLS_7: Final = """
CREATE TABLE cells (
    position INTEGER PRIMARY KEY,
    model TEXT NOT NULL, question TEXT NOT NULL, language TEXT NOT NULL,
    steering TEXT NOT NULL, target TEXT NOT NULL, template TEXT NOT NULL,
    option_order TEXT NOT NULL, reasoning TEXT NOT NULL,
    draw INTEGER NOT NULL, elicitation TEXT NOT NULL,
    request_key TEXT NOT NULL, attempt INTEGER NOT NULL, checksum INTEGER NOT NULL,
    UNIQUE (
        model, language, steering, target, template, option_order, reasoning, question,
        elicitation, draw
    )
)
"""
_LABELS_7: Final = ("language", "steering", "target", "template", "option_order", "reasoning")
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
    for name, create, place in (("conditions", _CONDITIONS_7, 5), ("cells", _CELLS_7, 8)):
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


def _name_form(connection: sqlite3.Connection) -> None:
    """Add what tells the forms of an item apart, and groups of people."""
    styles: dict[tuple[str, ...], str] = {}
    for name, create in (("conditions", CONDITION_TABLE), ("cells", CELL_TABLE)):
        found = connection.execute(f"PRAGMA table_info({name})").fetchall()
        names = [column for _, column, *_ in found][:-1]

        def change(row: Row, name: str = name, names: list[str] = names) -> Row:
            values = with_form(name, dict(zip(names, row, strict=True)), styles)
            return tuple(values[column] for column in TABLES[name].columns)

        reseal(connection, name, change, create)


def with_form(name: str, row: dict[str, Any], styles: dict[tuple[str, ...], str]) -> dict[str, Any]:
    """Return a row of version 7 with the columns of version 8.

    Parameters
    ----------
    name : str
        The table.
    row : dict
        The row, by its columns.
    styles : dict
        The label style of each condition: noted from the rows of `conditions`, which come first,
        and given to those of `cells`.
    """
    if name not in ("conditions", "cells"):
        return row
    labels = tuple(row[label] for label in _LABELS_7)
    if name == "conditions":
        styles[labels] = row["label_style"]
    usual = Condition("en")
    new = {column: getattr(usual, column) for column in ("group", "wording", "surface")}
    return new | {"label_style": styles.get(labels, usual.label_style)} | row


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
    7: _name_form,
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
