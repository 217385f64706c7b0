"""Runs that are killed, starved of disk, or shared: the finished store is always the same."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tiny_models import random_model

from doxa.errors import StoreError
from doxa.questionnaire import QuestionBank
from doxa.run import ask
from doxa.run.experiment import Experiment
from doxa.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BANK = QuestionBank.load()
ASK = """
import sys
from doxa.run.experiment import Experiment
from doxa.questionnaire import QuestionBank
from doxa.run import ask
bank = QuestionBank.load()
experiment = Experiment.from_toml(sys.argv[1], bank=bank)
ask(experiment, sys.argv[2], bank=bank, progress=lambda *_: print(flush=True))
"""
ITEMS, FORMS = 4, 3
REPLIES = ITEMS * FORMS * 2


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("faults") / "experiment.toml"
    asked = f"items = {ITEMS}\nforms = {FORMS}\nn_examples = 1\n"
    file.write_text(f'models = ["{random_model()}"]\n{asked}')
    return file


@pytest.fixture(scope="module")
def undisturbed(description: Path, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    path = tmp_path_factory.mktemp("undisturbed") / "run.sqlite"
    finish(description, path)
    return replies(path)


def finish(description: Path, path: Path) -> None:
    ask(Experiment.from_toml(description, bank=BANK), path, bank=BANK)


def replies(path: Path) -> pl.DataFrame:
    """Read the replies; each must have its prompt."""
    with Store.read(path) as store:
        found = store.replies()
        assert store.sent()["request_key"].to_list() == found["request_key"].to_list()
    return found.select(pl.exclude("seconds"))


def asker(description: Path, path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", ASK, os.fspath(description), os.fspath(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_killed_at_twenty_moments(
    description: Path, undisturbed: pl.DataFrame, tmp_path: Path
) -> None:
    """Kill processes that share two stores, at moments spread over their lives."""
    moments = random.Random(20)
    path = tmp_path / "run.sqlite"
    kills = 0
    while kills < 20:
        with asker(description, path) as process:
            assert process.stdout is not None
            lines = moments.choice((0, 1, 2, 3, 5))
            for _ in range(lines):
                process.stdout.readline()
            # before the first reply the process imports, loads the model, begins the store
            time.sleep(moments.random() * (0.02 if lines else 0.8))
            process.send_signal(signal.SIGKILL)
        kills += process.returncode == -signal.SIGKILL
        kept = replies(path) if path.exists() else undisturbed.clear()
        assert kept.equals(undisturbed[: kept.height])
        if kept.height == REPLIES:
            path = tmp_path / f"run-{kills}.sqlite"
    finish(description, path)
    assert replies(path).equals(undisturbed)


def test_two_processes_share_the_work(
    description: Path, undisturbed: pl.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "run.sqlite"
    processes = [asker(description, path) for _ in range(2)]
    for process in processes:
        _, trouble = process.communicate(timeout=60)
        assert (process.returncode, trouble.decode()) == (0, "")
    assert replies(path).equals(undisturbed)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM claims").fetchone() == (0,)
    connection.close()
    assert [file.name for file in tmp_path.iterdir()] == ["run.sqlite"]


def test_one_process_takes_over_from_another_that_died(
    description: Path, undisturbed: pl.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "run.sqlite"
    with asker(description, path) as first:
        assert first.stdout is not None
        first.stdout.readline()
        with asker(description, path) as second:
            first.stdout.readline()
            first.send_signal(signal.SIGKILL)
            _, trouble = second.communicate(timeout=60)
    assert trouble.decode() == ""
    assert replies(path).equals(undisturbed)


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root on Linux")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", os.fspath(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk is not permitted here")
    return folder


def test_a_full_disk_loses_nothing(
    description: Path, undisturbed: pl.DataFrame, small_disk: Path
) -> None:
    path = small_disk / "run.sqlite"
    try:
        with pytest.raises(StoreError, match="full; make room") as caught:
            finish(description, path)
        assert "\n" not in str(caught.value)
        kept = replies(path)
        assert kept.equals(undisturbed[: kept.height])
        assert kept.height < REPLIES
        enlarge = ["mount", "-o", "remount,size=8m", os.fspath(small_disk)]
        subprocess.run(enlarge, check=True)
        finish(description, path)
        assert replies(path).equals(undisturbed)
    finally:
        subprocess.run(["umount", os.fspath(small_disk)], check=True)


def test_a_full_disk_at_every_write(
    description: Path,
    undisturbed: pl.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Let SQLite itself run out of pages, which needs no permission to mount a disk."""
    path = tmp_path / "run.sqlite"
    opened = Store.open

    def starved(pages: int) -> Callable[..., Store]:
        def open_store(file: Path, **options: bool) -> Store:
            store = opened(file, **options)
            store._connection.execute(f"PRAGMA max_page_count = {pages}")
            return store

        return open_store

    lengths = []
    for pages in range(20, 28):
        monkeypatch.setattr("doxa.run.loop.Store.open", starved(pages))
        try:
            finish(description, path)
        except StoreError as error:
            assert "make room on the disk" in str(error)  # noqa: PT017
        monkeypatch.undo()
        kept = replies(path)
        assert kept.equals(undisturbed[: kept.height])
        lengths.append(kept.height)
    assert lengths == sorted(lengths)
    assert lengths[0] < REPLIES == lengths[-1]
