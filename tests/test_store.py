from __future__ import annotations

import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.backend import Answer, ModelCard
from doxa.elicit import Reading
from doxa.errors import ExperimentError, StoreError
from doxa.prompt import Condition
from doxa.run.experiment import Experiment
from doxa.store import Cell, Reply, Store
from doxa.store.lock import ProcessLock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CARD = ModelCard("llama_cpp", "tiny", "ab" * 32, versions={"doxa": "0"})
COLUMNS = [
    *("request_key", "model", "backend", "question", "language", "steering", "target"),
    *("template", "option_order", "draw", "elicitation", "status", "codes", "probabilities"),
    *("off_option_mass", "text", "prompt_tokens", "completion_tokens", "seconds", "n_draws"),
]


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


def test_probabilities_survive_to_the_last_bit(store: Store) -> None:
    third = 1 / 3
    store.plan(CARD, [(cell(1), "k1", 0)])
    store.add(CARD, reply("k1", third))
    assert store.replies()["probabilities"].to_list() == [[third, 1 - third]]


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
            store.plan(CARD, [(cell(item), f"k{item}", 0) for item in range(200)])
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


FIRST_SCHEMA = """
CREATE TABLE metadata (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE models (model TEXT PRIMARY KEY, card TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE cells (
    position INTEGER PRIMARY KEY,
    model TEXT NOT NULL, question TEXT NOT NULL, language TEXT NOT NULL,
    steering TEXT NOT NULL, target TEXT NOT NULL, template TEXT NOT NULL,
    option_order TEXT NOT NULL, draw INTEGER NOT NULL, elicitation TEXT NOT NULL,
    request_key TEXT NOT NULL,
    UNIQUE (model, language, steering, target, template, option_order, question, elicitation, draw)
);
CREATE TABLE replies (
    request_key TEXT PRIMARY KEY,
    status TEXT NOT NULL, reason TEXT NOT NULL,
    codes TEXT NOT NULL, probabilities TEXT, off_option_mass REAL,
    answer TEXT NOT NULL, backend TEXT NOT NULL, versions TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE claims (request_key TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO cells VALUES (1, 'tiny', 'Q1', 'en', 'none', '', 'a', 'listed', 0, 'logprobs', 'k1');
INSERT INTO replies VALUES ('k1', 'ok', '', '[1, 2]', '[0.25, 0.75]', 0.125,
    '{"text": "1", "finish": "stop", "log_probabilities": [-1.0, -2.0], "prompt_tokens": 10,
      "completion_tokens": 2, "seconds": 0.5}', 'llama_cpp', '{}');
PRAGMA application_id = 1685026913;
PRAGMA user_version = 1;
"""


def test_a_store_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(FIRST_SCHEMA)
    connection.close()
    with Store.open(path) as store:
        assert store.replies()["probabilities"].to_list() == [[0.25, 0.75]]
        assert store.replies()["n_draws"].to_list() == [1]
        assert store.attempts() == {}
        store.plan(CARD, [(cell(1), "k1b", 1)])
        assert store.attempts() == {cell(1): 1}
    with Store.open(path) as store:
        assert store.attempts() == {cell(1): 1}


def test_a_store_of_the_second_version_takes_its_conditions_from_the_experiment(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.sqlite"
    asked = Condition("en", "persona", "JPN", wave=6, label_style="letters", n_examples=2)
    experiment = Experiment(("m.gguf",), (asked,), ("Q1",)).to_toml()
    connection = sqlite3.connect(path)
    connection.executescript(FIRST_SCHEMA)
    connection.execute("ALTER TABLE cells ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0")
    connection.execute("UPDATE cells SET steering = 'persona', target = 'JPN'")
    connection.execute("INSERT INTO metadata VALUES ('experiment', ?)", (experiment,))
    connection.execute("PRAGMA user_version = 2")
    connection.commit()
    connection.close()
    with Store.open(path) as store:
        assert store.conditions() == {("en", "persona", "JPN", "a", "listed"): asked}


def test_conditions_come_back_whole(store: Store) -> None:
    conditions = (
        Condition("en", wave=6, n_examples=0),
        Condition("ja", "persona_time-5", "JPN", label_style="letters", option_order="seed:3"),
    )
    store.settle(conditions)
    store.settle(conditions[:1])
    assert tuple(store.conditions().values()) == conditions
    assert list(store.conditions())[1] == ("ja", "persona_time-5", "JPN", "a", "seed:3")


@pytest.mark.parametrize("change", [{"n_examples": 3}, {"wave": 5}, {"label_style": "letters"}])
def test_one_condition_has_one_form(store: Store, change: dict[str, object]) -> None:
    first, other = Condition("en"), Condition("en", **change)  # type: ignore[arg-type]
    store.settle([first])
    store.settle([other])
    store.settle([first])
    store.plan(CARD, [(cell(1), "k1", 0)])
    store.add(CARD, reply("k1"))
    [name] = change
    with pytest.raises(ExperimentError, match=f"{name} = .* in en.* give it another folder"):
        store.settle([Condition("ja", n_examples=1), other])
    assert list(store.conditions().values()) == [first]
    store.settle([first, Condition("ja", **change)])  # type: ignore[arg-type]


def test_errors_can_be_forgotten_and_answers_cannot(store: Store) -> None:
    failed = Reply("k1", Reading("error", "no reply came"), (1, 2), Answer("", "error"))
    store.plan(CARD, [(cell(1), "k1", 0), (cell(2), "k2", 0)])
    store.add(CARD, failed)
    store.add(CARD, reply("k2"))
    assert store.statuses() == {"k1": "error", "k2": "ok"}
    store.forget_errors()
    assert store.done_keys() == {"k2"}
