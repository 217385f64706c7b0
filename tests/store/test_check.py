"""What a check finds, and that it finds every damage."""

from __future__ import annotations

import random
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from doxa.errors import StoreError
from doxa.store import Store
from doxa.store.check import check_store
from doxa.store.seal import sealed

from .made import CARD, cell, fill, reply
from .test_migrate import DATA

if TYPE_CHECKING:
    from pathlib import Path

N = 40


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("check") / "run.sqlite"
    fill(path, N)
    return path


def test_a_whole_store_is_whole(filled: Path) -> None:
    before = filled.read_bytes(), filled.stat().st_mtime_ns
    check = check_store(filled)
    assert check.is_whole
    assert check.whole == {
        "replies": N, "differing": 0, "cells": N, "sent": N, "turns": N, "texts": N + 3,
        "examples": 1, "conditions": 1, "models": 1, "metadata": 1,
    }  # fmt: skip
    assert (filled.read_bytes(), filled.stat().st_mtime_ns) == before
    assert [file.name for file in filled.parent.iterdir()] == ["run.sqlite"]


def test_a_store_that_is_being_written_is_whole(store: Store) -> None:
    store.plan(CARD, [(cell(1), "k1", 0)])
    store.add(CARD, reply("k1"))
    assert check_store(store.path).is_whole


def test_a_changed_reply_is_counted(filled: Path, tmp_path: Path) -> None:
    path = shutil.copy(filled, tmp_path / "run.sqlite")
    whole = path.read_bytes()
    place = whole.index(b'"log_probabilities": [-1.0')
    path.write_bytes(whole[:place] + b'"log_probabilitieS' + whole[place + 18 :])
    check = check_store(path)
    assert (check.whole["replies"], check.changed["replies"]) == (N - 1, 1)
    assert not check.is_whole


def test_lost_pages_are_counted(filled: Path, tmp_path: Path) -> None:
    whole = filled.read_bytes()
    path = tmp_path / "run.sqlite"
    lost = 0
    for page in range(4096, len(whole), 4096):
        path.write_bytes(whole[:page] + bytes(4096) + whole[page + 4096 :])
        check = check_store(path)
        assert not check.is_whole
        lost += check.lost["replies"]
    assert lost >= N


def test_every_flip_that_matters_is_found(filled: Path, tmp_path: Path) -> None:
    """Whatever reads otherwise, or not at all, is also found by the check."""
    whole = filled.read_bytes()
    path = tmp_path / "run.sqlite"
    rng = random.Random(4)
    for _ in range(60):
        place = rng.randrange(len(whole))
        flipped = bytearray(whole)
        flipped[place] ^= 1 << rng.randrange(8)
        path.write_bytes(flipped)
        try:
            with Store.read(path) as store:
                read = store.replies(), store.sent(), store.examples(), store.cards()
                read = (*read, store.conditions(), store.metadata)
        except StoreError:
            read = ()
        try:
            is_whole = check_store(path).is_whole
        except StoreError:
            is_whole = False
        assert read or not is_whole


@pytest.mark.parametrize(
    ("table", "values", "said"),
    [
        ("models", ("other", "{}"), "cards of models: other cannot be read"),
        ("metadata", ("experiment 1", "["), "notes, such as the experiment: experiment 1 cannot"),
        (
            "conditions",
            ("en", "none", "", "", "a", "plain", "a", "listed", "runes", "off", 7, 1),
            "conditions: en cannot",
        ),
        (
            "replies",
            ("k1", "ok", "", "[1, 2]", "[0.5]", 0.0, '{"text": "1"}', "b", "{}", 1),
            r"replies: k1 cannot be read \(not one probability for each code\)",
        ),
        (
            "replies",
            ("k1", "ok", "", "[1, 2]", None, 0.0, '{"text": "1"}', "b", "{}", 1),
            r"replies: k1 cannot be read \(its status is ok\)",
        ),
    ],
)
def test_rows_that_no_version_wrote_are_named(
    store: Store, table: str, values: tuple[object, ...], said: str
) -> None:
    row = sealed(table, values)
    store._connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    check = check_store(store.path)
    assert len(check.trouble) == 1
    assert check.trouble[0].startswith(said.split(r" \(")[0])
    assert not any(check.changed.values())


def test_an_older_store_is_checked_as_far_as_it_can_be(tmp_path: Path) -> None:
    old = shutil.copy(DATA / "v4_shipped_counts.sqlite", tmp_path / "old.sqlite")
    check = check_store(old)
    assert check.is_whole
    assert check.whole["replies"] > 16
    whole = old.read_bytes()
    old.write_bytes(whole[:8192] + b"\xff" * 4096 + whole[12288:])
    assert not check_store(old).is_whole


def test_what_is_no_store_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no run at"):
        check_store(tmp_path / "absent")
    (tmp_path / "text").write_text("text, and more of it\n" * 300)
    [line] = check_store(tmp_path / "text").trouble
    assert line == "the file cannot be opened: file is not a database"
    connection = sqlite3.connect(tmp_path / "foreign")
    connection.execute("CREATE TABLE birds (name TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="is not a run of doxa"):
        check_store(tmp_path / "foreign")


def test_a_row_that_came_back_is_found(store: Store) -> None:
    store.plan(CARD, [(cell(1), "k1", 0)])
    store._connection.execute("UPDATE seals SET total = total + 1 WHERE \"table\" = 'cells'")
    [line] = check_store(store.path).trouble
    assert line == "some rows of cells are older than what was written last"
