"""Locks that exclude, that end with their process, and that say who holds them."""

from __future__ import annotations

import errno
import os
import platform
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from doxa.files import lock as module
from doxa.files.lock import Holder, ProcessLock, require_locks

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys, time
from pathlib import Path
from doxa.files.lock import ProcessLock
with ProcessLock.acquire(Path(sys.argv[1]), patience=30):
    print("held", flush=True)
    time.sleep(60)
"""


def holding(file: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, os.fspath(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_lock_is_held_until_released_and_leaves_no_file(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    lock = ProcessLock.acquire(file)
    held = ProcessLock.holder(file)
    assert held is not None
    assert (held.process, held.host) == (os.getpid(), platform.node())
    with pytest.raises(BlockingIOError, match=f"held by process {os.getpid()} on"):
        ProcessLock.acquire(file)
    lock.release()
    assert ProcessLock.holder(file) is None
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_gives_its_lock_up(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with holding(file) as process:
        held = ProcessLock.holder(file)
        assert held is not None
        assert held.process == process.pid
        process.kill()
    assert file.exists()
    assert ProcessLock.holder(file) is None
    assert not file.exists()
    ProcessLock.acquire(file).release()


def test_a_stopped_process_is_named_as_such(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    said: list[str] = []
    with holding(file) as process:
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_NOTICE", 0.0)
            with pytest.raises(BlockingIOError, match="which is stopped"):
                ProcessLock.acquire(file, patience=0.2, told=said.append)
        process.kill()
    assert len(said) == 1
    assert said[0].startswith(f"waiting for {file}, held by process {process.pid} on ")


def test_who_waits_gets_the_lock_when_it_is_released(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    lock = ProcessLock.acquire(file)
    timer = threading.Timer(0.2, lock.release)
    timer.start()
    ProcessLock.acquire(file, patience=10).release()
    timer.join()


def test_many_processes_are_never_in_at_once(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from doxa.files.lock import ProcessLock
folder = Path(sys.argv[1])
for _ in range(40):
    with ProcessLock.acquire(folder / "lock", patience=60):
        count = folder / "count"
        count.write_text(str(int(count.read_text()) + 1))
"""
    (tmp_path / "count").write_text("0")
    command = [sys.executable, "-c", code, os.fspath(tmp_path)]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    assert (tmp_path / "count").read_text() == "120"
    assert not (tmp_path / "lock").exists()


def test_a_lock_that_does_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fcntl.flock", lambda *_: None)
    with pytest.raises(OSError, match="locks do not work in this folder: use one on a disk"):
        ProcessLock.acquire(tmp_path / "lock")
    monkeypatch.setattr("fcntl.lockf", lambda *_: None)
    with pytest.raises(OSError, match="locks do not work"):
        require_locks(tmp_path)


def test_a_folder_without_locks_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    require_locks(tmp_path)
    monkeypatch.setattr("fcntl.flock", none)
    monkeypatch.setattr("fcntl.lockf", none)
    with pytest.raises(OSError, match="locks do not work"):
        ProcessLock.acquire(tmp_path / "lock", patience=60)
    with pytest.raises(OSError, match="locks do not work"):
        require_locks(tmp_path)


def test_a_file_that_says_nothing_is_held_by_nobody_known(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    lock = ProcessLock.acquire(file)
    file.write_text("{")
    assert ProcessLock.holder(file) == Holder(0, "an unknown machine", "an unknown time")
    lock.release()
