from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import pytest

from doxa.errors import StoreError
from doxa.store import Store, writing

from .made import CARD, cell, reply

if TYPE_CHECKING:
    from pathlib import Path


def spoil(path: Path, how: str) -> None:
    if how == "text":
        path.write_text("not a database, but long enough to look like a file of something\n" * 40)
    elif how == "foreign":
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE birds (name TEXT)")
        connection.close()
    elif how == "newer":
        Store.open(path).close()
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA user_version = 99")
        connection.close()
    elif how == "damaged":
        with Store.open(path) as store:
            store.plan(CARD, [(cell(item), f"k{item}", 0) for item in range(200)])
        whole = path.read_bytes()
        path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("text", "not a database"),
        ("foreign", "is not a run of doxa"),
        ("newer", "written by a newer doxa"),
        ("damaged", "malformed"),
    ],
)
def test_files_that_are_not_stores(tmp_path: Path, how: str, message: str) -> None:
    path = tmp_path / "run.sqlite"
    spoil(path, how)
    with pytest.raises(StoreError, match=message) as caught, Store.open(path) as store:
        store.replies()
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_invalid_paths(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot write"):
        Store.open(tmp_path / "file" / "run.sqlite")
    with pytest.raises(StoreError, match="no run at"):
        Store.read(tmp_path / "absent.sqlite")
    with pytest.raises(StoreError, match="unable to open"):
        Store.open(tmp_path)


def test_a_store_that_another_process_holds_says_whose_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.sqlite"
    said: list[str] = []
    with Store.open(path) as other, Store.open(path, told=said.append) as store:
        store._connection.execute("PRAGMA busy_timeout = 10")
        monkeypatch.setattr(writing, "PATIENCE", 0.05)
        other._connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"is locked by process \d+ on .* since .*: wait for"):
            store.note("a", "b")
        other._connection.execute("ROLLBACK")
    assert len(said) == 1
    assert said[0].startswith(f"waiting for {path}, locked by process {os.getpid()} on ")


def test_a_folder_where_locks_do_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fcntl.lockf", lambda *_: None)
    with pytest.raises(StoreError, match="locks do not work in this folder"):
        Store.open(tmp_path / "run.sqlite")


def test_a_network_file_system_gets_no_write_ahead_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shared" / "run.sqlite"
    monkeypatch.setattr("doxa.store.away.unfit", lambda _: "on a network file system (nfs4)")
    with Store.open(path) as store:
        store.add(CARD, reply("k1"))
        assert not path.with_name("run.sqlite-wal").exists()
        assert store.path.with_name("run.sqlite-wal").exists()
    assert [file.name for file in path.parent.iterdir()] == ["run.sqlite"]
