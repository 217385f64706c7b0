from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from doxa.store.lock import ProcessLock

if TYPE_CHECKING:
    from pathlib import Path


def test_a_lock_is_held_until_released(tmp_path: Path) -> None:
    path = tmp_path / "run"
    lock = ProcessLock.acquire(path)
    assert ProcessLock.is_held(path, lock.name)
    lock.release()
    assert not ProcessLock.is_held(path, lock.name)
    assert list(tmp_path.iterdir()) == []


def test_a_lock_of_a_dead_process_is_not_held_and_is_cleared_away(tmp_path: Path) -> None:
    path = tmp_path / "run"
    code = (
        "import os, sys; from pathlib import Path; from doxa.store.lock import ProcessLock\n"
        "print(ProcessLock.acquire(Path(sys.argv[1])).name); sys.stdout.flush(); os._exit(9)"
    )
    dead = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=False
    )
    assert (tmp_path / f"run-asking-{dead.stdout.strip()}").is_file()
    assert not ProcessLock.is_held(path, dead.stdout.strip())
    assert list(tmp_path.iterdir()) == []


def test_every_lock_has_a_name_of_its_own(tmp_path: Path) -> None:
    locks = [ProcessLock.acquire(tmp_path / "run") for _ in range(3)]
    assert len({lock.name for lock in locks}) == 3
    locks[1].release()
    assert [ProcessLock.is_held(tmp_path / "run", lock.name) for lock in locks] == [
        True, False, True,
    ]  # fmt: skip
    for lock in locks:
        lock.release()
