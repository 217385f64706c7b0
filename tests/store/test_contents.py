"""What a store gives back; see also `test_store`."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from doxa.backend import Turn
from doxa.errors import StoreError
from doxa.store import Store
from doxa.store.seal import sealed
from doxa.store.sent import Sent

from .made import CARD, cell, reply

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(store: Store) -> Path:
    store.plan(CARD, [(cell(1), "k1", 0)])
    store.add(CARD, reply("k1"))
    store.close()
    return store.path


def put(path: Path, table: str, column: int, value: object) -> None:
    """Write a value that no version writes, with the right checksums."""
    connection = sqlite3.connect(path, isolation_level=None)
    row = list(connection.execute(f"SELECT * FROM {table}").fetchone())
    row[column] = value
    row = list(sealed(table, tuple(row[:-1])))
    connection.execute(f"DELETE FROM {table}")
    connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    connection.execute('UPDATE seals SET total = ? WHERE "table" = ?', (row[-1], table))
    connection.close()


@pytest.mark.parametrize(
    ("table", "column", "value", "said"),
    [
        ("models", 1, "{}", "the card of a model cannot be read"),
        ("models", 1, "[]", "the card of a model cannot be read"),
        ("replies", 6, "{", "a reply cannot be read"),
        ("replies", 6, "[1]", "a reply cannot be read"),
        ("replies", 4, "{", "a reply cannot be read"),
    ],
)
def test_what_no_version_wrote_is_one_line(
    path: Path, table: str, column: int, value: str, said: str
) -> None:
    put(path, table, column, value)
    with Store.read(path) as store:
        read = store.cards if table == "models" else store.replies
        with pytest.raises(StoreError, match=f"{said}: run  doxa check {path}"):
            read()


def test_a_table_is_read_once_and_belongs_to_one_state(path: Path) -> None:
    with Store.read(path) as store:
        assert store.rows("replies") is store.rows("replies")
        with Store.open(path) as other:
            other.add(CARD, reply("k2"))
        assert len(store.rows("replies")) == 1


def test_the_system_texts_of_a_few_requests_are_looked_up(store: Store) -> None:
    store.keep_sent([
        Sent("k1", Turn("Be brief.", "Yes or no?", "Say one.")),
        Sent("k2", Turn("Be long.", "Yes or no?", "Say one.")),
    ])  # fmt: skip
    assert store.systems(["k2", "unknown"]).rows() == [("k2", "Be long.")]
    assert store.systems([]).columns == ["request_key", "system"]
