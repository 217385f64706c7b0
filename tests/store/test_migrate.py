"""Stores of older versions: brought up to date whole or not at all."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from thinking_templates import FAMILIES
from tiny_gguf import CHAT

from doxa.errors import StoreError
from doxa.prompt import LABELS, Condition
from doxa.run.experiment import Experiment
from doxa.store import Store, migrate
from doxa.store.check import check_store
from doxa.store.schema import bring_up_to_date
from doxa.store.seal import sealed
from doxa.store.trouble import explained

from .made import CARD, cell

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
        labels = ("en", "persona", "JPN", "", "a", "plain", "a", "listed", "letters", "off")
        assert store.conditions() == {labels: asked}
        assert store.replies().select(*LABELS).rows() == [labels]


def test_a_store_of_the_seventh_version_gets_what_tells_forms_apart(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(FIRST_SCHEMA)
    migrate.migrate(connection, 7)
    rows = {
        "conditions": [("ja", "none", "", "b", "reversed", "off", 7, "letters", 5)],
        "cells": [
            (2, "tiny", "Q1", "ja", "none", "", "b", "reversed", "off", 0, "logprobs", "k1", 0),
            (3, "tiny", "Q2", "ja", "none", "", "b", "listed", "off", 0, "logprobs", "k1", 0),
        ],
    }
    for name, added in rows.items():
        for values in added:
            row = sealed(name, values)
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {name} VALUES ({marks})", row)
            connection.execute(
                'UPDATE seals SET n = n + 1, total = (total + ?) & ((1 << 56) - 1) '
                'WHERE "table" = ?', (row[-1], name),
            )  # fmt: skip
    connection.commit()
    connection.close()
    with Store.open(path) as store:
        first, second, third = store.replies().select(*LABELS).rows()
        # a cell without a condition, which no version wrote, has the default
        assert first == ("en", "none", "", "", "a", "plain", "a", "listed", "numbers", "off")
        assert second == ("ja", "none", "", "", "a", "plain", "b", "reversed", "letters", "off")
        assert third[-2] == "numbers"
        assert [one.label_style for one in store.conditions().values()] == ["letters"]
    assert check_store(path).trouble == []


DATA = Path(__file__).resolve().parent / "data"


def tables(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    connection.close()
    return found


def test_a_store_of_the_fourth_version_gets_the_tables_of_a_new_one(tmp_path: Path) -> None:
    old = Path(shutil.copy(DATA / "v4_shipped_counts.sqlite", tmp_path / "old.sqlite"))
    assert "cell_of_key" in tables(old)
    with Store.open(old) as store:
        assert store.replies().height == 16
        assert store.sent().is_empty()
    Store.open(tmp_path / "new.sqlite").close()
    assert tables(old) == tables(tmp_path / "new.sqlite")


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Path(shutil.copy(DATA / "v4_shipped_counts.sqlite", tmp_path / "old.sqlite"))
    before = tables(old)
    monkeypatch.setattr(migrate, "WRITERS", "CREATE TABLE replies (a)")
    with pytest.raises(StoreError, match="already exists"):
        Store.open(old)
    assert tables(old) == before
    monkeypatch.undo()
    with Store.open(old) as store:
        assert store.replies().height == 16


def test_a_damaged_store_gets_no_checksums(tmp_path: Path) -> None:
    old = Path(shutil.copy(DATA / "v4_shipped_counts.sqlite", tmp_path / "old.sqlite"))
    whole = old.read_bytes()
    old.write_bytes(whole[:8192] + b"\xff" * 4096 + whole[12288:])
    damaged = old.read_bytes()
    for opening in (Store.open, Store.read):
        with pytest.raises(StoreError, match="doxa check"):
            opening(old)
    assert old.read_bytes() == damaged


def test_a_nearly_full_disk_stops_an_upgrade_and_loses_nothing(tmp_path: Path) -> None:
    """Nothing in the message tells to delete what is whole."""
    path = tmp_path / "old.sqlite"
    shutil.copy(DATA / "v4_shipped_counts.sqlite", path)
    pages = path.stat().st_size // 512
    connection = sqlite3.connect(path, isolation_level=None)
    refused = 0
    for more in range(60):
        connection.execute(f"PRAGMA max_page_count = {pages + more}")
        try:
            with explained(path):
                bring_up_to_date(connection)
        except StoreError as error:
            refused += 1
            assert "full; make room on the disk and run again" in str(error)  # noqa: PT017
            assert not connection.in_transaction
            with Store.read(path) as store:
                assert store.replies().height == 16
        else:
            break
    connection.close()
    assert refused > 3
    with Store.read(path) as store:
        assert store.replies().height == 16


def seventh(path: Path, template: str | None) -> None:
    """Make a store of the sixth version of a model with a chat template; None for a server's."""
    card = json.loads(CARD.to_json())
    card["template"] = None if template is None else {"source": template, "bos": "", "eos": ""}
    connection = sqlite3.connect(path)
    connection.executescript(FIRST_SCHEMA)
    connection.execute("INSERT INTO models VALUES ('tiny', ?)", (json.dumps(card),))
    connection.execute(
        "INSERT INTO cells SELECT 2, model, 'Q2', language, steering, target, "
        "template, option_order, draw, elicitation, 'k2' FROM cells"
    )
    connection.execute(
        "INSERT INTO replies SELECT 'k2', status, reason, codes, probabilities, "
        "off_option_mass, answer, backend, versions FROM replies"
    )
    connection.commit()
    connection.isolation_level = None
    connection.execute("BEGIN")
    migrate.migrate(connection, 6)
    connection.execute("COMMIT")
    connection.close()


@pytest.mark.parametrize(
    ("name", "told"),
    [("qwen3", "none"), ("plain", "none"), ("deepseek-r1", "unknown"), ("gpt-oss", "unknown"),
     ("server", "unknown")],
)  # fmt: skip
def test_replies_of_the_sixth_version_may_have_come_out_of_a_thought(
    tmp_path: Path, name: str, told: str
) -> None:
    sources = {"plain": CHAT, "server": None}
    path = tmp_path / "run.sqlite"
    seventh(path, sources[name] if name in sources else FAMILIES[name].source)
    for opening in (Store.read, Store.open):
        with opening(path) as store:
            replies = store.replies()
            assert set(replies["reasoning"]) == {"off"}
            assert set(replies["thought_status"]) == {told}
            assert replies["probabilities"].to_list() == [[0.25, 0.75]] * 2
    assert check_store(path).is_whole


def test_a_damaged_row_stays_damaged(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    seventh(path, FAMILIES["gpt-oss"].source)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE cells SET draw = 1 WHERE position = 2")
    connection.execute("UPDATE replies SET status = 'error' WHERE request_key = 'k2'")
    connection.commit()
    connection.close()
    Store.open(path).close()
    check = check_store(path)
    assert (check.changed["cells"], check.changed["replies"]) == (1, 1)
