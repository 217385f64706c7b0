"""Reading writes nothing, and needs no permission to."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doxa.store import Store

from .made import CARD, cell, reply

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).resolve().parent / "data"
CRASH = """
import os, sys
from doxa.store import Store
from tests.store.made import CARD, cell, reply
from doxa.store.checkpoint import Checkpoints
Checkpoints.move = lambda *_: None
store = Store.open(sys.argv[1])
store.plan(CARD, [(cell(item), f"k{item}", 0) for item in range(9)])
for item in range(9):
    store.add(CARD, reply(f"k{item}"))
os.kill(os.getpid(), 9)
"""


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Be a user who may read the folder's files and write nothing in it."""
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    above = [parent for parent in folder.parents if parent.stat().st_mode & 0o005 != 0o005]
    modes = {parent: parent.stat().st_mode for parent in (*above, folder)}
    for parent in above:
        parent.chmod(0o755)
    folder.chmod(0o555)
    os.seteuid(65534)
    try:
        with pytest.raises(PermissionError):
            (folder / "new").touch()
        yield
    finally:
        os.seteuid(0)
        for parent, mode in modes.items():
            parent.chmod(mode)


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}


def crashed(path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    run = subprocess.run([sys.executable, "-c", CRASH, path], cwd=root, check=False)
    assert run.returncode == -signal.SIGKILL
    assert path.with_name("run.sqlite-wal").stat().st_size > 0


def test_a_finished_store_is_read_where_nothing_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "a folder?" / "run#1%.sqlite"
    with Store.open(path) as store:
        store.plan(CARD, [(cell(1), "k1", 0)])
        store.add(CARD, reply("k1"))
    before = files(path.parent)
    with read_only(path.parent), Store.read(path) as store:
        assert store.replies().height == 1
        assert store.recording("tiny")[1].keys() == {"k1"}
    assert files(path.parent) == before


def test_reading_writes_nothing_where_it_could(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    shutil.copy(DATA / "v4_shipped_counts.sqlite", path)
    before = files(tmp_path)
    with Store.read(path) as store:
        assert store.replies().height == 16
        assert files(tmp_path) == before
    assert files(tmp_path) == before


@pytest.mark.parametrize("with_index", [True, False])
def test_what_a_killed_process_left_in_the_log_is_read(tmp_path: Path, with_index: bool) -> None:
    path = tmp_path / "run.sqlite"
    crashed(path)
    if not with_index:
        path.with_name("run.sqlite-shm").unlink()
    with read_only(tmp_path), Store.read(path) as store:
        assert store.replies().height == 9
        assert store.notices == []
    with Store.read(path) as store:
        assert store.replies().height == 9


def test_a_store_that_is_written_meanwhile_is_read_as_it_is_then(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    with Store.open(path) as store:
        store.plan(CARD, [(cell(item), f"k{item}", 0) for item in range(3)])
        store.add(CARD, reply("k0"))
    with Store.read(path) as reading:
        with Store.open(path) as store:
            store.add(CARD, reply("k1"))
            assert reading.replies()["request_key"].to_list() == ["k0", "k1"]
            store.add(CARD, reply("k2"))
        # what was read once belongs to one state
        assert reading.replies()["request_key"].to_list() == ["k0", "k1"]
    with Store.read(path) as reading:
        assert reading.replies().height == 3


def test_a_file_that_was_only_begun_holds_nothing_yet(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    path.touch()
    with Store.read(path) as store:
        assert store.replies().is_empty()
    assert path.stat().st_size == 0
