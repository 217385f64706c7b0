"""Stores whose place is on a network file system: pretended ones, and a real FUSE file system."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doxa.errors import StoreError
from doxa.files.network import network_file_system
from doxa.store import Store, away, lease
from doxa.store.away import Away
from doxa.store.check import check_store
from doxa.store.lease import lease_file, leased_to

from .made import CARD, cell, reply

if TYPE_CHECKING:
    from collections.abc import Iterator

WHY = "on a network file system (nfs4)"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of a store on a network file system, as this machine sees it."""
    shared = tmp_path / "shared"
    shared.mkdir()
    real = away.unfit
    monkeypatch.setattr(
        away, "unfit", lambda path: WHY if path.is_relative_to(shared) else real(path)
    )
    monkeypatch.setattr(lease, "_PAUSE", 0.02)
    on(monkeypatch, tmp_path / "machine 1")
    return shared / "runs" / "replies.sqlite"


def on(monkeypatch: pytest.MonkeyPatch, machine: Path) -> None:
    """Work on a machine with a folder of its own for temporary files."""
    machine.mkdir(exist_ok=True)
    monkeypatch.setattr(tempfile, "tempdir", os.fspath(machine))


def keys(file: Path) -> set[str]:
    assert check_store(file).is_whole
    with Store.read(file) as store:
        assert store.notices == []
        return store.done_keys()


def answer(store: Store, *names: str) -> None:
    store.plan(CARD, [(cell(int(name[1:])), name, 0) for name in names])
    for name in names:
        store.add(CARD, reply(name))


def test_the_store_works_here_and_the_place_gets_whole_states(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(away, "BEAT", 0.05)
    monkeypatch.setattr(away, "_AT_LEAST", 0.0)
    with Store.open(place) as store:
        assert (store.place, store.path.is_relative_to(tmp_path / "machine 1")) == (place, True)
        assert store.notices == [
            f"{place} is {WHY}: the run works in {store.path} and is copied there about every "
            "half minute; one machine at a time writes it"
        ]
        answer(store, "k1")
        until(lambda: place.exists() and keys(place) == {"k1"})
        assert leased_to(place) is not None
        answer(store, "k2")
        until(lambda: keys(place) == {"k1", "k2"})
        with sqlite3.connect(place) as copy:
            assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert {file.name for file in place.parent.iterdir()} == {place.name, f"{place.name}-held"}
    assert [file.name for file in place.parent.iterdir()] == [place.name]
    assert list((tmp_path / "machine 1").iterdir()) == []
    # another machine goes on
    on(monkeypatch, tmp_path / "machine 2")
    with Store.open(place) as store:
        answer(store, "k3")
    assert keys(place) == {"k1", "k2", "k3"}


def until(is_so: object) -> None:
    end = time.monotonic() + 20
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def test_nothing_is_copied_where_nothing_changed(place: Path) -> None:
    with Store.open(place) as store:
        answer(store, "k1")
    before = place.stat()
    with Store.open(place) as store:
        assert store._away is not None
        store._away._copy()
        first = place.stat()
        store._away._copy()
        assert (place.stat().st_ino, place.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
    assert before.st_size == place.stat().st_size


def test_two_processes_of_one_machine_share_the_working_copy(place: Path, tmp_path: Path) -> None:
    with Store.open(place) as one:
        with Store.open(place) as other:
            assert one.path == other.path
            assert one.claim(["k1", "k2"]) == ["k1", "k2"]
            assert other.claim(["k1", "k3"]) == ["k3"]
            answer(other, "k3")
        # the one that ends leaves the copy to the other
        assert one.path.exists()
        assert keys(place) == {"k3"}
        answer(one, "k1")
    assert keys(place) == {"k1", "k3"}
    assert list((tmp_path / "machine 1").iterdir()) == []


def test_another_machine_that_writes_is_refused_and_may_read(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(away, "BEAT", 0.1)
    with Store.open(place) as store:
        answer(store, "k1")
        until(place.exists)
        said: list[str] = []
        on(monkeypatch, tmp_path / "machine 2")
        with pytest.raises(StoreError, match=r"replies.sqlite is written by process \d+ on"):
            Store.open(place, told=said.append)
        assert said[0].startswith("waiting for process")
        assert keys(place) == {"k1"}
        assert list((tmp_path / "machine 2").iterdir()) == []
        answer(store, "k2")
    assert keys(place) == {"k1", "k2"}


def killed(place: Path, machine: Path) -> None:
    """Answer k1, copied to the place, and k2, which is not; then die."""
    code = f"""
import os, signal, sys, tempfile
from pathlib import Path
sys.path.insert(0, {os.fspath(Path(__file__).parents[1])!r})
tempfile.tempdir = {os.fspath(machine)!r}
from doxa.store import Store, away
from store.made import CARD, cell, reply
away.unfit = lambda path: {WHY!r}
store = Store.open({os.fspath(place)!r})
for key in ("k1", "k2"):
    store.plan(CARD, [(cell(int(key[1:])), key, 0)])
    store.add(CARD, reply(key))
    if key == "k1":
        store._away._copy()
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL


def test_what_a_killed_process_did_not_copy_is_still_here(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(place, tmp_path / "machine 1")
    assert keys(place) == {"k1"}
    with Store.open(place) as store:
        assert store.done_keys() == {"k1", "k2"}
    assert keys(place) == {"k1", "k2"}
    assert leased_to(place) is None
    place.unlink()
    # and on another machine, once the dead one counts as such, what was copied
    killed(place, tmp_path / "machine 1")
    monkeypatch.setattr(lease, "_DEAD", 0.3)
    on(monkeypatch, tmp_path / "machine 2")
    with Store.open(place) as store:
        assert store.done_keys() == {"k1"}
        answer(store, "k3")
    # back on the first machine, what it had alone is taken in
    on(monkeypatch, tmp_path / "machine 1")
    with Store.open(place) as store:
        assert store.notices[0] == "1 replies that only this machine had are in it again"
        answer(store, "k4")
    assert keys(place) == {"k1", "k2", "k3", "k4"}
    assert list((tmp_path / "machine 1").iterdir()) == []


def test_a_run_that_was_removed_does_not_come_back(place: Path, tmp_path: Path) -> None:
    killed(place, tmp_path / "machine 1")
    shutil.rmtree(place.parent)
    said: list[str] = []
    with Store.open(place, told=said.append) as store:
        assert store.done_keys() == set()
    assert said == [f"{place} was removed: what this machine still had of it is left out"]
    # one that never reached its place is all there is
    killed(place, tmp_path / "machine 1")


@pytest.mark.parametrize("how", ["taken", "replaced"])
def test_a_machine_that_lost_its_place_writes_nothing_there_and_keeps_its_replies(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(away, "BEAT", 0.05)
    said: list[str] = []
    store = Store.open(place, told=said.append)
    answer(store, "k1")
    until(place.exists)
    on(monkeypatch, tmp_path / "machine 2")
    if how == "taken":
        held = lease_file(place)
        held.write_text(held.read_text().replace('"token": "', '"token": "x'))
        until(lambda: said)
        assert "was taken by another machine" in said[0]
    else:
        (tmp_path / "other").write_bytes(b"another file")
        (tmp_path / "other").replace(place)
    before = place.read_bytes()
    answer(store, "k2")
    with pytest.raises(StoreError, match=r"every reply is kept in .*: run the same command again"):
        store.close()
    assert place.read_bytes() == before
    assert keys(store.path) == {"k1", "k2"}


def test_a_place_that_cannot_be_written_for_a_while_is_tried_again(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(away, "BEAT", 0.05)
    monkeypatch.setattr(away, "_AT_LEAST", 0.0)
    said: list[str] = []
    with Store.open(place, told=said.append) as store:
        with monkeypatch.context() as patch:
            patch.setattr(shutil, "copyfile", _full)
            answer(store, "k1")
            until(lambda: said)
            time.sleep(0.2)
        assert len(said) == 1
        assert "cannot be written (no space left on device); trying again" in said[0]
        until(place.exists)
    assert keys(place) == {"k1"}
    with monkeypatch.context() as patch:
        store = Store.open(place)
        answer(store, "k2")
        patch.setattr(shutil, "copyfile", _full)
        with pytest.raises(StoreError, match=r"no space left on device\): every reply is kept in"):
            store.close()
    with Store.open(place) as store:
        assert store.done_keys() == {"k1", "k2"}
    assert keys(place) == {"k1", "k2"}


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_the_log_of_an_older_store_is_brought_and_not_left(place: Path, tmp_path: Path) -> None:
    here = tmp_path / "here.sqlite"
    with Store.open(here) as store:
        answer(store, "k1")
        store._checkpoints.cancel()
        store._connection.execute("PRAGMA wal_autocheckpoint = 0")
        answer(store, "k2")
        place.parent.mkdir(parents=True)
        for end in ("", "-wal"):
            shutil.copyfile(f"{here}{end}", f"{place}{end}")
    with Store.open(place) as store:
        assert "k1" in store.done_keys()
        answer(store, "k3")
    assert {"k1", "k3"} <= keys(place)
    assert [file.name for file in place.parent.iterdir()] == [place.name]


def test_a_machine_without_a_disk_of_its_own_is_told(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(away, "network_file_system", lambda _: "nfs4")
    with pytest.raises(StoreError, match="set TMPDIR to a folder on a disk of this machine"):
        Store.open(place)
    assert not place.parent.exists()


def test_a_folder_of_somebody_else_is_not_used(place: Path, tmp_path: Path) -> None:
    folder = Away(place, WHY).file.parent
    folder.symlink_to(tmp_path)
    with pytest.raises(StoreError, match="another user has made this folder"):
        Store.open(place)


def test_a_file_that_is_no_store_is_left_alone(place: Path, tmp_path: Path) -> None:
    place.parent.mkdir(parents=True)
    place.write_text("no database, but long enough to be one " * 100)
    before = place.read_bytes()
    with pytest.raises(StoreError, match="not a database"):
        Store.open(place)
    assert place.read_bytes() == before
    assert [file.name for file in place.parent.iterdir()] == [place.name]
    assert list((tmp_path / "machine 1").iterdir()) == []


BINDFS = shutil.which("bindfs")


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Path]:
    source, point = tmp_path / "source", tmp_path / "mount"
    source.mkdir()
    point.mkdir()
    if BINDFS is None or subprocess.run([BINDFS, source, point], check=False).returncode:
        pytest.skip("no FUSE file system can be mounted here")
    yield point
    subprocess.run(["fusermount3", "-uz", point], check=True)


def test_a_real_file_system_of_a_program(mount: Path, tmp_path: Path) -> None:
    assert network_file_system(mount / "runs").startswith("fuse")
    place = mount / "runs" / "replies.sqlite"
    with Store.open(place) as store:
        assert not store.path.is_relative_to(mount)
        answer(store, "k1", "k2")
    assert keys(place) == {"k1", "k2"}
    assert [file.name for file in place.parent.iterdir()] == [place.name]
    for file in (place.parent, place):
        file.chmod(0o555)
    assert keys(place) == {"k1", "k2"}
    place.parent.chmod(0o755)
    # a store with a log, that a copy brought there, is read without one there
    place.chmod(0o644)
    here = tmp_path / "here.sqlite"
    with Store.open(here) as store:
        answer(store, "k3")
        for end in ("", "-wal"):
            shutil.copyfile(f"{here}{end}", f"{place}{end}")
    assert "k3" in Store.read(place).done_keys()
    assert sorted(file.name for file in place.parent.iterdir()) == [place.name, f"{place.name}-wal"]


def test_copying_goes_on_beside_the_writing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(away, "BEAT", 0.01)
    monkeypatch.setattr(away, "_AT_LEAST", 0.0)
    monkeypatch.setattr(away, "_SHARE", 0)
    done = threading.Event()
    seen: list[int] = []

    def read() -> None:
        while not done.is_set():
            if place.exists():
                seen.append(len(keys(place)))

    reader = threading.Thread(target=read)
    reader.start()
    with Store.open(place) as store:
        for item in range(60):
            answer(store, f"k{item}")
    done.set()
    reader.join()
    assert len(keys(place)) == 60
    assert seen == sorted(seen)
    assert len(set(seen)) > 2
