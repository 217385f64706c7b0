"""The mark of a process that writes, and what is left when it ends."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from doxa.store import Store

from .made import CARD, cell, reply

if TYPE_CHECKING:
    from pathlib import Path


def writers(path: Path) -> int:
    connection = sqlite3.connect(path)
    (n,) = connection.execute("SELECT count(*) FROM writers").fetchone()
    connection.close()
    return int(n)


def test_a_store_is_marked_while_it_is_open(store: Store) -> None:
    assert writers(store.path) == 1
    with Store.open(store.path):
        assert writers(store.path) == 2
    assert writers(store.path) == 1
    store.close()
    assert writers(store.path) == 0


def test_the_mark_of_a_dead_process_goes_with_the_next_clean_end(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    code = "import os, sys; from doxa.store import Store; Store.open(sys.argv[1]); os._exit(9)"
    subprocess.run([sys.executable, "-c", code, path], check=False)
    assert writers(path) == 1
    Store.open(path).close()
    assert writers(path) == 0
    assert [file.name for file in tmp_path.iterdir()] == ["run.sqlite"]


def test_those_who_reserve_are_named(store: Store) -> None:
    with Store.open(store.path) as other:
        other.claim(["k1"])
        [holder] = store.holders()
        assert str(holder).startswith("process ")
        assert other.holders() == []
    assert store.holders() == []


def test_a_block_that_fails_changes_nothing(store: Store) -> None:
    def cells():
        yield cell(1), "k1", 0
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.plan(CARD, cells())
    assert store.cards() == []
    store.plan(CARD, [(cell(1), "k1", 0)])
    store.add(CARD, reply("k1"))
    assert store.replies().height == 1
