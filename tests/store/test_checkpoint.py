"""The main file alone lacks at most the last second, and says that it may."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from doxa.store import Store, checkpoint
from doxa.store.checkpoint import Checkpoints

from .made import CARD, cell, reply

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def alone(path: Path) -> tuple[int, list[str]]:
    """Copy the main file alone, and tell how many replies it has and what is said about it."""
    copy = shutil.copy(path, path.with_name("copy.sqlite"))
    with Store.read(copy) as store:
        return store.replies().height, store.notices


def test_a_copy_of_the_main_file_has_all_but_the_last_moment(store: Store) -> None:
    store.plan(CARD, [(cell(item), f"k{item}", 0) for item in range(30)])
    for item in range(30):
        store.add(CARD, reply(f"k{item}"))
    time.sleep(checkpoint._DELAY + 0.5)
    n, notices = alone(store.path)
    assert n == 30
    assert len(notices) == 1
    assert "one.sqlite-wal" not in notices[0]
    assert "copy.sqlite-wal is not beside it: the last replies may be missing" in notices[0]
    with Store.read(store.path) as reading:
        assert reading.notices == []


def test_a_store_that_was_closed_is_whole_in_its_main_file(store: Store) -> None:
    store.plan(CARD, [(cell(1), "k1", 0)])
    store.add(CARD, reply("k1"))
    store.close()
    assert [file.name for file in store.path.parent.iterdir()] == ["one.sqlite"]
    assert alone(store.path) == (1, [])


def test_going_on_with_such_a_copy_clears_the_notice(store: Store) -> None:
    store.plan(CARD, [(cell(1), "k1", 0)])
    copy = shutil.copy(store.path, store.path.with_name("copy.sqlite"))
    with Store.open(copy) as opened:
        assert len(opened.notices) == 1
    with Store.open(copy) as opened:
        assert opened.notices == []


def test_moving_takes_a_small_share_of_the_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[float] = []
    move = Checkpoints.move

    def slow(self: Checkpoints, kind: str = "PASSIVE") -> None:
        start = time.monotonic()
        move(self, kind)
        time.sleep(0.02)
        self._next = time.monotonic() + 20 * (time.monotonic() - start)
        moved.append(start)

    monkeypatch.setattr(Checkpoints, "move", slow)
    start = time.monotonic()
    for item in range(200):
        store.add(CARD, reply(f"k{item}"))
    assert len(moved) <= 2 + (time.monotonic() - start) / 0.4
