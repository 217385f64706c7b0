from __future__ import annotations

import subprocess
import sys

import polars as pl
import pytest

from doxa.backend import Answer
from doxa.elicit import Reading
from doxa.errors import StoreError
from doxa.store import Reply, Store
from doxa.store import store as store_module
from doxa.store.record import row_of

from .made import CARD, cell, reply

COLUMNS = [
    *("request_key", "model", "backend", "question", "language", "steering", "target"),
    *("group", "wording", "surface", "template", "option_order", "label_style", "reasoning"),
    *("draw", "elicitation", "status", "codes"),
    *("probabilities", "lower", "upper", "off_option_mass", "text", "prompt_tokens"),
    *("completion_tokens", "seconds", "n_draws", "reason", "thought", "thought_status"),
    *("thought_tokens", "server"),
]


def test_replies_have_the_designs_columns_in_the_order_listed(store: Store) -> None:
    store.plan(CARD, [(cell(item), f"k{item}", 0) for item in (3, 1, 2)])
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


def test_failures_keep_text_and_reason(store: Store) -> None:
    store.plan(CARD, [(cell(1), "k1", 0), (cell(2), "k2", 0)])
    store.add(CARD, Reply("k1", Reading("refused", "an empty reply"), (1, 2), Answer("…")))
    store.add(CARD, reply("k2"))
    assert store.replies()["probabilities"].to_list() == [None, [0.25, 0.75]]
    assert store.failures().select("question", "status", "reason", "text").rows() == [
        ("Q1", "refused", "an empty reply", "…")
    ]


def test_the_first_reply_stays(store: Store) -> None:
    store.plan(CARD, [(cell(1), "k1", 0)])
    store.add(CARD, reply("k1", 0.25))
    store.add(CARD, reply("k1", 0.5))
    assert store.replies()["probabilities"].to_list() == [[0.25, 0.75]]


def test_replies_committed_together_are_kept_together_and_the_first_of_two_stays(
    store: Store,
) -> None:
    store.plan(CARD, [(cell(item), f"k{item}", 0) for item in range(4)])
    assert store.claim(["k1", "k2"]) == ["k1", "k2"]
    store.add_rows([row_of(CARD, reply(f"k{item}", item / 4)) for item in (0, 1)])
    store.add_rows([row_of(CARD, reply(f"k{item}", 0.5)) for item in (1, 2)])
    assert store.claim(["k1", "k2", "k3"]) == ["k3"]
    bad = row_of(CARD, reply("k3"))
    with pytest.raises(StoreError):
        store.add_rows([bad, (*bad[:1], None, *bad[2:])])
    assert [first for first, _ in store.replies()["probabilities"]] == [0, 0.25, 0.5]


def test_a_changed_request_supersedes_the_old_reply(store: Store) -> None:
    store.plan(CARD, [(cell(1), "old", 0), (cell(2), "k2", 0)])
    store.add(CARD, reply("old"))
    store.plan(CARD, [(cell(1), "new", 0)])
    assert store.replies().is_empty()
    store.add(CARD, reply("new", 0.5))
    assert store.replies()["request_key"].to_list() == ["new"]
    assert store.done_keys() == {"old", "new"}


def test_notes(store: Store) -> None:
    store.note("experiment", "a")
    store.note("experiment", "b")
    assert store.metadata == {"experiment": "b"}


def test_a_recording_gives_card_and_answers_back(store: Store) -> None:
    store.plan(CARD, [(cell(1), "k1", 0)])
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


def test_a_reply_reaches_the_disk_and_a_claim_need_not(store: Store) -> None:
    seen: list[str] = []
    store._connection.set_trace_callback(seen.append)
    store.claim(["k1"])
    store.add(CARD, reply("k1"))
    store._connection.set_trace_callback(None)
    said = [line for line in seen if "synchronous" in line or line == "COMMIT"]
    assert said == ["PRAGMA synchronous = NORMAL", "COMMIT", "PRAGMA synchronous = FULL", "COMMIT"]
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)


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


def reserved(store: Store) -> set[str]:
    return {key for (key,) in store._connection.execute("SELECT request_key FROM claims")}


def test_what_a_dead_process_had_reserved_is_gone_once_another_one_leaves(store: Store) -> None:
    code = (
        "import os, sys; from doxa.store import Store\n"
        "Store.open(sys.argv[1]).claim(['k1']); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, store.path], check=True)
    assert reserved(store) == {"k1"}
    Store.open(store.path).close()
    assert reserved(store) == set()


def test_answered_requests_are_released_together(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_TOGETHER", 3)
    store.claim(["k1", "k2", "k3", "k4", "k5"])
    left = []
    for key in ("k1", "k2", "k3", "k4"):
        store.add(CARD, reply(key))
        left.append(len(reserved(store)))
    assert left == [5, 5, 2, 2]
    store.release()
    assert reserved(store) == set()


def test_a_forgotten_error_is_reserved_by_nobody(store: Store) -> None:
    store.claim(["k1", "k2"])
    store.add(CARD, Reply("k1", Reading("error", "no reply came"), (1, 2), Answer("", "error")))
    with Store.open(store.path) as other:
        other.forget_errors()
        assert other.claim(["k1", "k2"]) == ["k1"]


def test_errors_can_be_forgotten_and_answers_cannot(store: Store) -> None:
    failed = Reply("k1", Reading("error", "no reply came"), (1, 2), Answer("", "error"))
    store.plan(CARD, [(cell(1), "k1", 0), (cell(2), "k2", 0)])
    store.add(CARD, failed)
    store.add(CARD, reply("k2"))
    assert store.statuses() == {"k1": "error", "k2": "ok"}
    store.forget_errors()
    assert store.done_keys() == {"k2"}
