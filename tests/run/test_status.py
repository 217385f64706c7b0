from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doxa.errors import StoreError
from doxa.prompt import FORM
from doxa.questionnaire import QuestionBank
from doxa.run import Shard, ask
from doxa.run.merge import merge
from doxa.run.status import read_status
from doxa.store import Cell, Store

from .quick import EXPERIMENT, quick

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()


def until(n: int):
    def progress(done: int, total: int, seconds: float) -> None:  # noqa: ARG001
        if done == n:
            raise KeyboardInterrupt

    return progress


def begun(file: Path, n: int, **options: object) -> None:
    with pytest.raises(KeyboardInterrupt):
        ask(EXPERIMENT, file, bank=BANK, askers=quick(EXPERIMENT), progress=until(n), **options)  # type: ignore[arg-type]


def test_models_that_are_not_begun_count_too(tmp_path: Path) -> None:
    begun(tmp_path / "run", 9)
    found = read_status(tmp_path / "run")
    assert found.advance[:3] == (9, 48, None)
    assert sum(found.statuses.values()) == 9
    assert found.processes == []
    assert found.last_reply is not None
    assert 0 <= found.last_reply < 60
    table = found.by_condition
    ways = [name for name in Cell._fields if name not in ("question", *FORM, "draw")]
    assert table.columns == [*ways, "asked", "replies", "failed"]
    assert table.select("model", "language", "elicitation", "asked", "replies").rows() == [
        ("alpha", "en", "sampling", 8, 6), ("alpha", "en", "logprobs", 4, 3),
        ("alpha", "ja", "sampling", 8, 0), ("alpha", "ja", "logprobs", 4, 0),
    ]  # fmt: skip
    [(name, replies, _, _, state)] = found.workers.rows()
    assert (name, replies, state) == ("a process", 9, "ended")


def test_a_shard_and_a_merge_say_what_they_lack(tmp_path: Path) -> None:
    begun(tmp_path / "1", 3, shard=Shard(1, 3))
    found = read_status(tmp_path / "1")
    with Store.read(tmp_path / "1") as store:
        each = store.sizes()[0]
    assert found.advance[:3] == (3, 2 * each, None)
    assert found.lacks[0].startswith("this is shard 1 of 3")
    merge([tmp_path / "1"], tmp_path / "x")
    found = read_status(tmp_path / "x")
    assert found.advance[:3] == (3, 48, None)
    assert found.lacks == ["2 of 3 shards not among these: 2, 3"]


def test_the_pace_is_that_of_the_living_and_of_all_their_workers(tmp_path: Path) -> None:
    file = tmp_path / "run"
    begun(file, 9)
    with Store.open(file) as store:
        now, row = time.time(), store.rows("replies")[0]
        for worker, n in (("node 1, GPU 0", 2), ("node 2, GPU 0", 1)):
            rows = [(f"{worker} {item}", *row[1:]) for item in range(n)]
            store.add_rows(rows, worker=worker, seconds=10.0)
        found = read_status(file)
        assert found.advance.done == 9  # the others are in no cell of this experiment
        assert found.advance.pace == pytest.approx(0.3, rel=0.2)
        assert [holder.process for holder in found.processes] == [os.getpid()]
        table = found.workers.sort("worker").select("worker", "replies", "state").rows()
        assert table == [
            ("a process", 9, "ended"),
            ("node 1, GPU 0", 2, "asking"),
            ("node 2, GPU 0", 1, "asking"),
        ]
        assert found.last_reply is not None
        assert found.last_reply <= time.time() - now + 0.1
    assert read_status(file).advance.pace is None


def test_a_run_that_is_written_on_another_machine_is_read_as_it_was_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "shared" / "run"
    monkeypatch.setattr("doxa.store.away.unfit", lambda _: "on a network file system (nfs4)")
    with Store.open(file) as store:
        with pytest.raises(StoreError, match="nothing of it was copied here yet"):
            read_status(file)
        with monkeypatch.context() as patch:
            patch.setattr("doxa.run.loop.Store.open", lambda *_, **__: _Open(store))
            begun(file, 9)
        assert store._away is not None
        store._away._copy()
        found = read_status(file)
    assert found.advance[:2] == (9, 48)
    assert found.advance.pace is not None
    assert [holder.process for holder in found.processes] == [os.getpid()]
    assert "as it was copied here" in found.notices[0]
    assert found.workers["state"].to_list() == ["asking"]
    assert read_status(file).processes == []


class _Open:
    """A store that its caller closes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> Store:
        return self._store

    def __exit__(self, *_: object) -> None:
        pass


def test_status_of_replies_that_differ_and_failed(tmp_path: Path) -> None:
    one = replace(EXPERIMENT, models=("alpha",), elicitations=("logprobs",))
    for name, salt in (("a", ""), ("b", "other")):
        ask(one, tmp_path / name, bank=BANK, askers=quick(one, salt))
    merge([tmp_path / "a", tmp_path / "b"], tmp_path / "x")
    found = read_status(tmp_path / "x")
    assert (found.differing, found.advance[:3]) == (8, (8, 8, None))
    assert found.statuses == {"ok": 8}


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no run at"):
        read_status(tmp_path / "run")
    Store.open(tmp_path / "run").close()
    found = read_status(tmp_path / "run")
    assert (found.advance[:3], found.last_reply) == ((0, 0, None), None)
