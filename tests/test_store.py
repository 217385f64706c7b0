from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.backend import Answer, ModelCard
from doxa.elicit import Reading
from doxa.errors import StoreError
from doxa.lock import ProcessLock
from doxa.store import Cell, Reply, Store

if TYPE_CHECKING:
    from collections.abc import Iterator

CARD = ModelCard("llama_cpp", "tiny", "ab" * 32, versions={"doxa": "0"})
COLUMNS = (
    "request_key model backend question language steering target template option_order draw "
    "elicitation status codes probabilities off_option_mass text prompt_tokens "
    "completion_tokens seconds"
).split()


def cell(item: int, **changes: object) -> Cell:
    values = Cell("tiny", f"Q{item}", "en", "none", "", "a", "listed", 0, "logprobs")
    return values._replace(**changes)  # type: ignore[arg-type]


def reply(key: str, first: float = 0.25) -> Reply:
    answer = Answer("1", "stop", (-1.0, -2.0), 10, 2, 0.5)
    reading = Reading("ok", "", {2: 1 - first, 1: first}, 0.125)
    return Reply(key, reading, (1, 2), answer)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "runs" / "one.sqlite") as opened:
        yield opened


def test_replies_have_the_designs_columns_in_the_order_listed(store: Store) -> None:
    store.plan(CARD, [(cell(item), f"k{item}") for item in (3, 1, 2)])
    for key in ("k1", "k3"):
        store.add(CARD, reply(key))
    replies = store.replies()
    assert replies.columns == COLUMNS
    assert replies["question"].to_list() == ["Q3", "Q1"]
    assert replies["codes"].to_list() == [[1, 2]] * 2
    assert replies["probabilities"].to_list() == [[0.25, 0.75]] * 2
    assert replies.row(0, named=True)["prompt_tokens"] == 10
    assert replies["off_option_mass"].to_list() == [0.125] * 2


def test_an_empty_store_has_the_same_columns(store: Store) -> None:
    assert store.replies().columns == COLUMNS
    assert store.replies().schema["probabilities"] == pl.List(pl.Float64)


def test_probabilities_survive_to_the_last_bit(store: Store) -> None:
    third = 1 / 3
    store.plan(CARD, [(cell(1), "k1")])
    store.add(CARD, reply("k1", third))
    assert store.replies()["probabilities"].to_list() == [[third, 1 - third]]


def test_failures_keep_text_and_reason(store: Store) -> None:
    store.plan(CARD, [(cell(1), "k1"), (cell(2), "k2")])
    store.add(CARD, Reply("k1", Reading("refused", "an empty reply"), (1, 2), Answer("…")))
    store.add(CARD, reply("k2"))
    assert store.replies()["probabilities"].to_list() == [None, [0.25, 0.75]]
    assert store.failures().select("question", "status", "reason", "text").rows() == [
        ("Q1", "refused", "an empty reply", "…")
    ]


def test_the_first_reply_stays(store: Store) -> None:
    store.plan(CARD, [(cell(1), "k1")])
    store.add(CARD, reply("k1", 0.25))
    store.add(CARD, reply("k1", 0.5))
    assert store.replies()["probabilities"].to_list() == [[0.25, 0.75]]


def test_a_changed_request_supersedes_the_old_reply(store: Store) -> None:
    store.plan(CARD, [(cell(1), "old"), (cell(2), "k2")])
    store.add(CARD, reply("old"))
    store.plan(CARD, [(cell(1), "new")])
    assert store.replies().is_empty()
    store.add(CARD, reply("new", 0.5))
    assert store.replies()["request_key"].to_list() == ["new"]
    assert store.done_keys() == {"old", "new"}


def test_notes(store: Store) -> None:
    store.note("experiment", "a")
    store.note("experiment", "b")
    assert store.metadata == {"experiment": "b"}


def test_a_recording_gives_card_and_answers_back(store: Store) -> None:
    store.plan(CARD, [(cell(1), "k1")])
    store.add(CARD, reply("k1"))
    assert store.recording("tiny") == (CARD, {"k1": reply("k1").answer})
    with pytest.raises(StoreError, match="holds no replies of 'other'"):
        store.recording("other")


def test_two_stores_never_claim_the_same(store: Store) -> None:
    keys = [f"k{item}" for item in range(6)]
    store.add(CARD, reply("k0"))
    assert store.claim(keys[:3]) == ["k1", "k2"]
    with Store.open(store.path) as other:
        assert other.claim(keys) == ["k3", "k4", "k5"]
        assert store.claim(keys) == []
        store.release()
        assert other.claim(keys) == ["k1", "k2"]
    assert store.claim(keys) == ["k1", "k2", "k3", "k4", "k5"]


def test_a_dead_process_gives_up_its_claims(store: Store) -> None:
    code = (
        "import os, sys; from doxa.store import Store\n"
        "store = Store.open(sys.argv[1]); print(store.claim(['k1'])); sys.stdout.flush()\n"
        "os._exit(9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, store.path], capture_output=True, text=True, check=False
    )
    assert done.stdout == "['k1']\n"
    assert store.claim(["k1"]) == ["k1"]
    store.close()
    assert sorted(file.name for file in store.path.parent.iterdir()) == ["one.sqlite"]


def test_a_lock_is_held_until_released(tmp_path: Path) -> None:
    path = tmp_path / "run"
    lock = ProcessLock.acquire(path)
    assert ProcessLock.is_held(path, lock.name)
    lock.release()
    assert not ProcessLock.is_held(path, lock.name)
    assert list(tmp_path.iterdir()) == []


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
            store.plan(CARD, [(cell(item), f"k{item}") for item in range(200)])
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
def test_files_that_are_no_stores(tmp_path: Path, how: str, message: str) -> None:
    path = tmp_path / "run.sqlite"
    spoil(path, how)
    with pytest.raises(StoreError, match=message) as caught, Store.open(path) as store:
        store.replies()
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_paths_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot write"):
        Store.open(tmp_path / "file" / "run.sqlite")
    with pytest.raises(StoreError, match="no run at"):
        Store.open(tmp_path / "absent.sqlite", create=False)
    with pytest.raises(StoreError, match="unable to open"):
        Store.open(tmp_path)
