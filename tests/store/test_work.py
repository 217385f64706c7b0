from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from doxa.store import Store
from doxa.store.record import row_of
from doxa.store.work import Work

from .made import CARD, reply

if TYPE_CHECKING:
    from pathlib import Path


def test_replies_are_counted_for_the_worker_that_brought_them(store: Store) -> None:
    start = time.time()
    store.add(CARD, reply("k1"))
    rows = {key: row_of(CARD, reply(key)) for key in ("k2", "k3", "k4")}
    store.add_rows([rows["k2"], rows["k3"]], worker="node 1, GPU 0", seconds=1.0)
    store.add_rows([rows["k3"]], worker="node 2, GPU 0")  # known already
    store.add_rows([], worker="node 2, GPU 0")
    store.add_rows([rows["k3"], rows["k4"]], worker="node 1, GPU 0", seconds=1.0)
    own, other = sorted(store.work())
    assert (own.worker, own.replies) == ("", 1)
    assert (other.worker, other.replies) == ("node 1, GPU 0", 3)
    # its first two replies took half a second each
    assert start - 1 <= other.began < other.last - 0.99
    assert start <= other.last <= time.time()
    assert own.process is not None
    assert own.process.process == os.getpid()


def test_what_an_ended_process_did_stays_known(tmp_path: Path) -> None:
    for key in ("k1", "k2"):
        with Store.open(tmp_path / "run") as store:
            store.add(CARD, reply(key))
    with Store.read(tmp_path / "run") as store:
        first, second = store.work()
    assert isinstance(first, Work)
    assert (first.replies, second.replies) == (1, 1)
    assert first.last <= second.last
    assert first.process is second.process is None
