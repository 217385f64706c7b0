"""A forked process says in one line what it cannot do, instead of waiting for ever."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from doxa.errors import DoxaError
from doxa.score import forked

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import os, signal, sys
import doxa
import polars as pl
batch = doxa.score_batch([[0.2, 0.8]] * 4, [[0.3, 0.7]] * 4, groups=list("aabb"), resample="items")
for number, call in enumerate((
    lambda: batch.scores,
    lambda: batch.groups,
    lambda: batch.ranks(),
    lambda: batch.compare("a", "b"),
    lambda: doxa.score_batch([[0.2, 0.8]], [[0.3, 0.7]], groups=["a"]),
    lambda: doxa.score_batch([[0.2, 0.8]], [[0.3, 0.7]], items=["a"]),
)):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            call()
        except doxa.DoxaError as error:
            assert "fork" in str(error) and "spawn" in str(error)
            os._exit(7)
        os._exit(0)
    print(number, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs fork")
def test_after_a_fork_scores_come_and_tables_are_refused() -> None:
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["0", "0", "1", "7", "2", "7", "3", "7", "4", "7", "5", "7"]


def test_only_a_lost_pool_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    forked.check_threads()
    monkeypatch.setattr(forked, "_running", True)
    monkeypatch.setattr(forked, "_lost", False)
    forked._in_child()
    with pytest.raises(DoxaError, match="was forked"):
        forked.check_threads()


def test_where_the_system_does_not_tell_a_loaded_library_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(forked, "_TASKS", tmp_path / "none")
    assert forked._pool_runs()
    monkeypatch.delitem(sys.modules, "polars")
    assert not forked._pool_runs()
