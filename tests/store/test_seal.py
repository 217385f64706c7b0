"""Whatever changes on the disk is noticed when it is read."""

from __future__ import annotations

import random
import sqlite3
from typing import TYPE_CHECKING

import pytest

from doxa.errors import StoreError
from doxa.prompt import Condition
from doxa.store import Store
from doxa.store.seal import TABLES, checksum, fits, sealed

from .made import CARD, cell, fill, reply

if TYPE_CHECKING:
    from pathlib import Path

N = 40


def all_of(path: Path) -> tuple[object, ...]:
    with Store.read(path) as store:
        return (
            store.replies().to_dicts(), store.sent().to_dicts(), store.examples(),
            store.conditions(), store.cards(), store.metadata, store.recording("tiny"),
            store.failures().to_dicts(),
        )  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seal") / "run.sqlite"
    fill(path, N)
    return path


def test_a_checksum_covers_table_values_and_their_order() -> None:
    row = sealed("sent", ("k1", 1, None))
    assert fits("sent", row)
    assert not fits("sent", ("k1", 2, *row[2:]))
    assert not fits("texts", row)
    assert checksum("sent", ("k1", 1)) != checksum("sent", (1, "k1"))
    assert 0 <= checksum("sent", ()) < 1 << 56


def test_every_flipped_byte_is_told_or_changes_nothing(filled: Path, tmp_path: Path) -> None:
    before, whole = all_of(filled), filled.read_bytes()
    rng = random.Random(8)
    path = tmp_path / "run.sqlite"
    told = 0
    places = [page + rng.randrange(4096) for page in range(0, len(whole), 4096) for _ in range(9)]
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << rng.randrange(8)
        path.write_bytes(flipped)
        try:
            assert all_of(path) == before
        except StoreError as error:
            told += 1
            assert "\n" not in str(error)  # noqa: PT017
    assert told > len(places) / 5


@pytest.mark.parametrize("name", ["cells", "replies", "texts", "turns", "sent", "examples"])
@pytest.mark.parametrize("how", ["vanished", "came back", "changed"])
def test_rows_that_vanish_come_back_or_change_are_noticed(
    filled: Path, tmp_path: Path, name: str, how: str
) -> None:
    path = tmp_path / "run.sqlite"
    path.write_bytes(filled.read_bytes())
    connection = sqlite3.connect(path, isolation_level=None)
    key = TABLES[name].key[0]
    (first,) = connection.execute(f"SELECT min({key}) FROM {name}").fetchone()
    if how == "vanished":
        connection.execute(f"DELETE FROM {name} WHERE {key} = ?", (first,))
    elif how == "changed":
        last = TABLES[name].columns[-1]
        connection.execute(f"UPDATE {name} SET {last} = 77 WHERE {key} = ?", (first,))
    else:
        # a row as it was before it was replaced: it fits its checksum, but not the table's sum
        row = connection.execute(f"SELECT * FROM {name} WHERE {key} = ?", (first,)).fetchone()
        older = sealed(name, (*row[:-2], 99))
        connection.execute(f"DELETE FROM {name} WHERE {key} = ?", (first,))
        connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(older))})", older)
    connection.close()
    with pytest.raises(StoreError, match=rf"rows of {name} .* doxa check .* --recover"):
        all_of(path)


def test_numbers_and_sums_follow_every_change(store: Store) -> None:
    for first in (0.25, 0.5):
        store.settle([Condition("en")])
        store.note("a", str(first))
        store.plan(CARD, [(cell(1), f"k{first}", 0), (cell(2), "k2", 0)])
        store.add(CARD, reply(f"k{first}", first))
    store.forget_errors()
    assert store.replies().height == 1
    assert len(store.rows("replies")) == 2
    assert len(store.rows("conditions")) == len(store.rows("metadata")) == 1
