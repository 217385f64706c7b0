from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

from doxa.backend import Answer
from doxa.elicit import Reading
from doxa.store import Reply, Store
from doxa.store.check import check_store
from doxa.store.differing import add_or_compare, alike
from doxa.store.record import row_of
from doxa.store.recover import recover

from .made import CARD, cell, reply

if TYPE_CHECKING:
    from pathlib import Path

ROW = row_of(CARD, reply("k1"))


def changed(position: int, value: object) -> tuple[object, ...]:
    return (*ROW[:position], value, *ROW[position + 1 :])


def test_replies_are_alike_if_they_say_the_same_to_the_last_bit() -> None:
    slower = json.dumps(json.loads(ROW[6]) | {"seconds": 77.0})
    elsewhere = json.dumps(json.loads(ROW[6]) | {"server": "http://node2:8080/v1"})
    older = {name: value for name, value in json.loads(ROW[6]).items() if name != "ceilings"}
    assert alike(ROW, changed(6, elsewhere))
    assert alike(ROW, changed(6, json.dumps(older)))
    for same in (ROW, changed(6, slower), changed(7, "another backend"), changed(8, "{}")):
        assert alike(ROW, same)
    other = json.dumps(json.loads(ROW[6]) | {"text": "2"})
    nearly = json.dumps(json.loads(ROW[6]) | {"log_probabilities": [-1.0, -2.0000000000000004]})
    for position, value in ((1, "refused"), (5, 0.125 + 2**-55), (6, other), (6, nearly), (9, 2)):
        assert not alike(ROW, changed(position, value))


def test_the_first_counts_and_each_other_is_kept_once(tmp_path: Path) -> None:
    with Store.open(tmp_path / "run") as store:
        store.plan(CARD, [(cell(1), "k1", 0), (cell(2), "k1", 0), (cell(3), "k2", 0)])
        rows = [row_of(CARD, reply("k1", first)) for first in (0.25, 0.5, 0.25, 0.5, 0.75)]
        with store._transaction():
            assert add_or_compare(store._connection, rows) == (1, 3)
            assert add_or_compare(store._connection, [row_of(CARD, reply("k2"))]) == (1, 0)
        assert store.replies()["probabilities"].to_list() == [[0.25, 0.75]] * 3
        further = store.differing().select("question", "probabilities").rows()
    assert sorted(further) == [
        ("Q1", [0.5, 0.5]), ("Q1", [0.75, 0.25]), ("Q2", [0.5, 0.5]), ("Q2", [0.75, 0.25]),
    ]  # fmt: skip
    assert check_store(tmp_path / "run").whole["differing"] == 2
    assert recover(tmp_path / "run", tmp_path / "kept")["differing"] == 2


def test_a_reply_that_never_came_gives_way(store: Store) -> None:
    failed = row_of(
        CARD, Reply("k1", Reading("error", "timed out"), (1, 2), Answer("timed out", "error"))
    )
    store.plan(CARD, [(cell(1), "k1", 0)])
    for rows, counts in (([failed], (1, 0)), ([ROW], (1, 0)), ([failed], (0, 0)), ([ROW], (0, 0))):
        with store._transaction():
            assert add_or_compare(store._connection, rows) == counts
    assert store.replies()["status"].to_list() == ["ok"]
    assert store.differing().is_empty()
    assert store.differing().schema == store.replies().schema


def test_a_further_reply_has_a_checksum(tmp_path: Path) -> None:
    with Store.open(tmp_path / "run") as store, store._transaction():
        add_or_compare(store._connection, [ROW, row_of(CARD, reply("k1", 0.5))])
    with sqlite3.connect(tmp_path / "run") as connection:
        connection.execute("UPDATE differing SET status = 'refused'")
    assert check_store(tmp_path / "run").changed["differing"] == 1
