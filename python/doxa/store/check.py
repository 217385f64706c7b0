"""Check all that a store holds, row by row."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from doxa.backend.request import ModelCard
from doxa.errors import DoxaError, StoreError
from doxa.outside.documents import json_of, toml_of
from doxa.store.conditions import known_conditions
from doxa.store.reading import open_to_read
from doxa.store.record import answer_of
from doxa.store.seal import TABLES, fits, quoted, read_sealed
from doxa.store.trouble import explained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from doxa.store.seal import Row

__all__ = ["NAMES", "Check", "check_store", "salvage"]

NAMES: Final = {
    "replies": "replies",
    "differing": "further replies to the same request",
    "cells": "cells",
    "sent": "prompts sent",
    "turns": "turns of prompts",
    "texts": "texts of prompts",
    "examples": "examples shown",
    "conditions": "conditions",
    "models": "cards of models",
    "metadata": "notes, such as the experiment",
}
"""The tables, in words."""
_SHOWN: Final = 5
_ROWS: Final = 600
"""The most rows that a page has room for."""


@dataclass(frozen=True, slots=True)
class Check:
    """What is whole in a store and what is not.

    Parameters
    ----------
    whole, changed, lost : dict of str to int
        For each table, the rows that are as they were written, those that are not, and those that
        were written and are not there.
    trouble : list of str
        Whatever else is wrong, one line each.
    """

    whole: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.trouble or any(self.changed.values()) or any(self.lost.values()))


def check_store(file: Path) -> Check:
    """Check a store's file, and verify every row that it holds; nothing is written.

    Parameters
    ----------
    file : pathlib.Path
        The store. One of an older version has no checksums: there, whether SQLite finds the file
        in order, and whether every row can be read.

    Raises
    ------
    StoreError
        There is no such file, or it is of another program or of a newer version.
    """
    check = Check()
    try:
        with explained(file):
            connection = open_to_read(file)
    except StoreError as error:
        if not isinstance(error.__context__, (sqlite3.Error, UnicodeDecodeError)):
            raise
        check.trouble.append(f"the file cannot be opened: {error.__context__}")
        return check
    with closing(connection):
        connection.text_factory = _text
        try:
            found = connection.execute(f"PRAGMA integrity_check({_SHOWN})").fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            found = [(str(error),)]
        lines = [line for (text,) in found for line in str(text).splitlines()]
        check.trouble.extend([line for line in lines if line != "ok"][:_SHOWN])
        for name in NAMES:
            rows, changed = salvage(connection, name)
            check.whole[name], check.changed[name] = len(rows), changed
            check.lost[name] = max(0, _written(connection, name) - len(rows) - changed)
            check.trouble.extend(_unreadable(name, rows))
            if not (check.changed[name] or check.lost[name]):
                # its number and the sum of its checksums, as every reader verifies them
                with suppress(sqlite3.Error, UnicodeDecodeError):
                    check.trouble.extend(filter(None, [read_sealed(connection, name)[1]]))
    return check


def salvage(connection: sqlite3.Connection, name: str) -> tuple[list[Row], int]:
    """Read what can be read of a table, around damaged pages.

    Returns
    -------
    rows : list of tuple
        The rows that are as they were written, without their checksums, in order.
    changed : int
        The number of other rows.
    """
    table = TABLES[name]
    select = f"SELECT {quoted(table.columns)}, checksum FROM {name}"
    seen: dict[Row, Row] = {}

    def take(rest: str, values: tuple[Any, ...] = ()) -> bool:
        try:
            for row in connection.execute(f"{select} {rest}", values):
                seen[row[: len(table.key)]] = row
        except (sqlite3.Error, UnicodeDecodeError):
            return False
        return True

    if not take(f"ORDER BY {quoted(table.key)}"):
        take(f"ORDER BY {', '.join(f'{quoted([key])} DESC' for key in table.key)}")
        if len(table.key) == 1:
            where = f"WHERE {table.key[0]} = ?"
            for key in _keys(connection, name):
                if key not in seen:
                    take(where, key)
    rows = [row[:-1] for _, row in sorted(seen.items(), key=_by_text) if fits(name, row)]
    return rows, len(seen) - len(rows)


def _keys(connection: sqlite3.Connection, name: str) -> list[Row]:
    """Return the keys that a table should have, by what else the store says."""
    if TABLES[name].key[0] in ("id", "position"):
        return [(number,) for number in range(1, _written(connection, name) + 1)]
    if name not in ("replies", "sent"):
        return []
    key = TABLES["cells"].columns.index("request_key")
    return [(row[key],) for row in salvage(connection, "cells")[0]]


def _by_text(item: tuple[Row, Row]) -> tuple[tuple[int, str], ...]:
    # keys that damage made of several types have an order, too
    return tuple((part, "") if isinstance(part, int) else (0, str(part)) for part in item[0])


def _written(connection: sqlite3.Connection, name: str) -> int:
    """Return the number of rows that a table should have; 0 if that is not known."""
    with suppress(sqlite3.Error, UnicodeDecodeError):
        row = connection.execute('SELECT n FROM seals WHERE "table" = ?', (name,)).fetchone()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        # a number that the file has no room for is damaged itself
        if row is not None and isinstance(row[0], int) and row[0] <= pages * _ROWS:
            return row[0]
    return 0


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


def _unreadable(name: str, rows: Iterable[Row]) -> list[str]:
    """Say which rows are as they were written, and still cannot be read."""
    found = []
    for row in rows if name in _READERS else ():
        try:
            _READERS[name](row)
        except (DoxaError, AttributeError, LookupError, TypeError, ValueError) as error:
            what = str(error).splitlines()[0] if str(error) else type(error).__name__
            found.append(f"{NAMES[name]}: {str(row[0])[:40]} cannot be read ({what})")
    if len(found) > _SHOWN:
        found[_SHOWN:] = [f"{NAMES[name]}: {len(found) - _SHOWN} more cannot be read"]
    return found


def _read_reply(row: Row) -> None:
    _, status, _, codes, probabilities, _, answer, *_ = row
    answer_of(answer)
    if (status == "ok") != (probabilities is not None):
        raise ValueError(f"its status is {status}")
    if probabilities is not None and len(json_of(probabilities)) != len(json_of(codes)):
        raise ValueError("not one probability for each code")


def _read_note(row: Row) -> None:
    if row[0].split()[0] == "experiment":
        toml_of(row[1])


_READERS: Final[dict[str, Callable[[Row], object]]] = {
    "replies": _read_reply,
    "models": lambda row: ModelCard.from_json(row[1]),
    "conditions": lambda row: known_conditions([row]),
    "metadata": _read_note,
}
