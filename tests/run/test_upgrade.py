"""Stores of the last version without prompts, made by `tests/store/data/make_v4.py`."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from doxa.backend import Engine
from doxa.elicit import ElicitationSettings
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import ask, upgrade
from doxa.run.experiment import Experiment
from doxa.run.upgrade import fill_in
from doxa.store import Store
from doxa.survey import sample

DATA = Path(__file__).resolve().parent.parent / "store" / "data"
BANK = QuestionBank.load()
WITHOUT_Q32 = sample().filter(pl.col("question") != "Q32")


def copied(name: str, folder: Path) -> Path:
    return Path(shutil.copy(DATA / f"v4_{name}.sqlite", folder / "replies.sqlite"))


def replies(path: Path) -> pl.DataFrame:
    """Read the replies as they are in the file, whatever its version."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT position, request_key, status, codes, probabilities, answer "
        "FROM cells JOIN replies USING (request_key) ORDER BY position"
    ).fetchall()
    connection.close()
    return pl.DataFrame(rows, orient="row")


def test_prompts_are_rendered_again_and_the_replies_stay(tmp_path: Path) -> None:
    path = copied("shipped_counts", tmp_path)
    before = replies(path)
    with Store.open(path) as store:
        assert store.sent().is_empty()
        fill_in(store)
        sent, examples, known = store.sent(), store.examples(), store.done_keys()
        assert sent["request_key"].to_list() == store.replies()["request_key"].to_list()
    assert examples == {"Q32", "Q48"}
    assert replies(path).equals(before)
    assert sorted(sent["system"].value_counts()["count"]) == [8, 8]
    assert sent["user"].str.contains("most people be trusted").sum() == 8
    assert sent["baseline_user"].drop_nulls().str.contains("N/A").sum() == 4
    # failed draws that were repeated are not listed, but their prompts are known
    connection = sqlite3.connect(path)
    kept = {key for (key,) in connection.execute("SELECT request_key FROM sent")}
    connection.close()
    assert kept == known
    assert len(known) > sent.height


def test_a_prompt_that_cannot_be_rendered_stays_unknown(tmp_path: Path) -> None:
    with Store.open(copied("other_counts", tmp_path)) as store:
        fill_in(store)
        few_shot = store.replies().filter(steering="few-shot")["request_key"]
        sent = store.sent()
        assert sent.height == 8
        assert not set(few_shot) & set(sent["request_key"])
        assert store.examples() == {"Q32", "Q48"}


def test_an_experiment_that_cannot_be_read_leaves_prompts_unknown(tmp_path: Path) -> None:
    for position, text in enumerate(("no TOML = = ", "", 'models = ["m.gguf"]')):
        folder = tmp_path / str(position)
        folder.mkdir()
        with Store.open(copied("shipped_counts", folder)) as store:
            store.note("experiment", text)
            fill_in(store)
            assert not store.lacks_prompts
            assert store.sent().is_empty()


def test_an_item_that_is_gone_takes_no_other_with_it(tmp_path: Path) -> None:
    with Store.open(copied("shipped_counts", tmp_path)) as store:
        store.note("experiment", store.metadata["experiment"].replace('"Q57"', '"Q9999"'))
        fill_in(store)
        sent = store.replies().join(store.sent(), on="request_key")
        assert set(sent["question"]) == {"Q1"}
        assert sent.height == 8


def test_it_is_done_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = copied("other_counts", tmp_path)
    with Store.open(path) as store:
        fill_in(store)
        notes = store.metadata
    monkeypatch.setattr(upgrade, "tasks_of", None)
    with Store.open(path) as store:
        fill_in(store)
        assert store.metadata == notes


def test_interrupted_it_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = copied("shipped_counts", tmp_path)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, Store.open(path) as store:
        patch.setattr(Store, "_note", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fill_in(store)
    with Store.open(path) as store:
        assert store.lacks_prompts
        assert store.sent().is_empty()
        fill_in(store)
        assert store.sent().height == 16
        assert not store.lacks_prompts


def test_two_processes_may_do_it_at_once(tmp_path: Path) -> None:
    path = copied("shipped_counts", tmp_path)
    code = (
        "import sys; from doxa.run.upgrade import fill_in; from doxa.store import Store\n"
        "with Store.open(sys.argv[1]) as store: fill_in(store); print(store.sent().height)"
    )
    command = [sys.executable, "-c", code, str(path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate()[0] for process in both] == ["16\n", "16\n"]


def test_a_store_of_this_version_is_left_as_it_is(tmp_path: Path) -> None:
    with Store.open(tmp_path / "run.sqlite") as store:
        fill_in(store)
        assert store.metadata == {}


@pytest.mark.parametrize("version", [1, 2, 3])
def test_older_versions_are_upgraded_too(tmp_path: Path, version: int) -> None:
    """Remove the additions of the versions 2 to 4."""
    path = copied("shipped_counts", tmp_path)
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM cells WHERE attempt > 0")
    if version < 4:
        connection.execute("ALTER TABLE replies DROP COLUMN n_draws")
    if version < 3:
        connection.execute("DROP TABLE conditions")
    if version < 2:
        connection.execute("ALTER TABLE cells DROP COLUMN attempt")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.commit()
    connection.close()
    with Store.open(path) as store:
        fill_in(store)
        assert store.replies().height == store.sent().height == 8
        assert store.examples() == {"Q32", "Q48"}


def test_the_same_ask_once_more_asks_for_options_alone_and_records_what_was_sent(
    tmp_path: Path,
) -> None:
    """What is off the options was measured otherwise, so replies to options have new keys."""
    path = copied("other_counts", tmp_path)
    before = replies(path)
    with Store.open(path) as store:
        recording = Path(shutil.copy(path, tmp_path / "recording.sqlite"))
    asked = Experiment(
        ("tiny",),
        (Condition("en", n_examples=2), Condition("en", "few-shot", "JPN", n_examples=2)),
        ("Q1", "Q57"),
        ("logprobs", "logprobs-calibrated", "sampling"),
        ElicitationSettings(draws=2, retries=1),
        Engine(backend="replay", recording=str(recording)),
    )
    seen: list[tuple[int, int]] = []
    ask(
        asked,
        path,
        bank=BANK,
        human=WITHOUT_Q32,
        progress=lambda *counts: seen.append(counts[:2]),
    )
    assert (seen[0], seen[-1]) == ((8, 16), (16, 16))
    kept = before.join(replies(path), on="column_1", how="semi")
    assert kept.height == 8
    assert replies(path).join(before, on="column_1", how="semi").equals(kept)
    with Store.open(path) as store:
        told = store.replies()["reason"].str.contains("an earlier version measured what is off")
        assert told.sum() == 8
        assert set(store.sent()["request_key"]) == set(store.replies()["request_key"])
        assert store.examples() == {"Q32", "Q48", "Q83"}


def test_an_ask_keeps_what_an_earlier_one_sent(tmp_path: Path) -> None:
    """Asking again may list another model under the same name: then it could not be rendered."""
    path = copied("shipped_counts", tmp_path)
    recording = Path(shutil.copy(path, tmp_path / "recording.sqlite"))
    asked = Experiment(
        ("tiny",),
        (Condition("en", n_examples=2),),
        ("Q1",),
        ("logprobs",),
        engine=Engine(backend="replay", recording=str(recording)),
    )
    ask(asked, path, bank=BANK)
    with Store.open(path) as store:
        assert store.sent().height == store.replies().height == 16
