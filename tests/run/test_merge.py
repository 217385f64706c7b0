from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from tiny_models import random_model

from doxa.elicit import ElicitationSettings
from doxa.errors import ExperimentError, StoreError
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment, Shard, ask
from doxa.run.merge import Merged, merge
from doxa.run.parts import gaps
from doxa.store import Store, taking
from doxa.store.check import check_store

from .quick import EXPERIMENT, quick

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()
SIZE = 2 * 2 * 4 * 3


def asked(file: Path, experiment: Experiment = EXPERIMENT, salt: str = "", **options: Any) -> Path:
    ask(experiment, file, bank=BANK, askers=quick(experiment, salt), **options)
    return file


def shards(folder: Path, n: int = 3) -> list[Path]:
    return [asked(folder / f"x-{i + 1}", shard=Shard(i + 1, n)) for i in range(n)]


def everything(file: Path) -> list[Any]:
    """All that a store holds but the time that replies took."""
    assert check_store(file).is_whole
    with Store.read(file) as store:
        return [
            store.replies().select(pl.exclude("seconds")).to_dicts(), store.sent().to_dicts(),
            store.conditions(), store.cards(), store.rows("cells"), store.attempts(),
            store.metadata, store.differing().to_dicts(), store.examples(),
        ]  # fmt: skip


def test_shards_together_are_the_run_of_one_process(tmp_path: Path) -> None:
    whole = everything(asked(tmp_path / "whole"))
    runs = shards(tmp_path)
    for order in (runs, runs[::-1], [runs[1], runs[2], runs[0]]):
        out = tmp_path / f"x{order[0].name}"
        merged = merge(order, out)
        assert everything(out) == whole
        assert (merged.replies, merged.missing, merged.differing) == (SIZE, 0, 0)
        assert merged.shards == []
        assert merged.unfinished == {}
        # and once more, as one of them is asked again: nothing changes
        again = merge([*runs, out, runs[0]], out)
        assert sum(taken.new for taken in again.taken.values()) == 0
        assert set(again.taken) == set(runs)
        assert everything(out) == whole


def test_shards_of_a_real_model_give_the_bits_of_one_process(tmp_path: Path) -> None:
    one = replace(EXPERIMENT, models=(str(random_model()),), items=("Q1", "Q57"))
    ask(one, tmp_path / "whole", bank=BANK)
    for i in range(2):
        ask(one, tmp_path / f"x-{i}", bank=BANK, shard=Shard(i + 1, 2))
    merge([tmp_path / "x-0", tmp_path / "x-1"], tmp_path / "x")
    assert everything(tmp_path / "x") == everything(tmp_path / "whole")


def test_missing_shards_are_named_and_added_later(tmp_path: Path) -> None:
    runs = shards(tmp_path, 6)
    out = tmp_path / "x"
    merged = merge([runs[4], runs[0]], out)
    assert merged.shards == ["4 of 6 shards not among these: 2-4, 6"]
    assert merged.missing == SIZE - merged.replies
    with Store.read(out) as store:
        assert gaps(store.metadata) == merged.shards
    assert merge(runs[1:4], out).shards == ["1 of 6 shards not among these: 6"]
    assert merge(runs[5:], out).shards == []
    assert everything(out) == everything(asked(tmp_path / "whole"))


def test_what_a_shard_lacks_is_told_and_can_be_asked_after_the_merge(tmp_path: Path) -> None:
    def interrupt(done: int, total: int, seconds: float) -> None:  # noqa: ARG001
        if done == 3:
            raise KeyboardInterrupt

    runs = shards(tmp_path)
    with Store.read(runs[1]) as store:
        each = store.sizes()[0] // 2
    runs[1].unlink()
    with pytest.raises(KeyboardInterrupt):
        asked(runs[1], shard=Shard(2, 3), progress=interrupt)
    merged = merge(runs, tmp_path / "x")
    # the second model was not begun, so the shard lacks it
    assert merged.unfinished == {runs[1]: (3, each)}
    assert merged.shards == ["1 of 3 shards of beta not among these: 2"]
    assert merged.missing == 2 * each - 3
    asked(tmp_path / "x")
    whole = {row["request_key"]: row for row in everything(asked(tmp_path / "whole"))[0]}
    assert {row["request_key"]: row for row in everything(tmp_path / "x")[0]} == whole
    with Store.read(tmp_path / "x") as store:
        assert gaps(store.metadata) == []


def test_runs_of_one_model_each_are_put_together(tmp_path: Path) -> None:
    whole = everything(asked(tmp_path / "whole"))
    runs = [
        asked(tmp_path / model, replace(EXPERIMENT, models=(model,))) for model in ("alpha", "beta")
    ]
    assert merge(runs, tmp_path / "x").missing == 0
    assert everything(tmp_path / "x") == whole
    # one model whole, the other in shards
    beta = replace(EXPERIMENT, models=("beta",))
    parts = [asked(tmp_path / f"b{i}", beta, shard=Shard(i, 2)) for i in (1, 2)]
    merged = merge([runs[0], parts[1]], tmp_path / "y")
    assert merged.shards == ["1 of 2 shards of beta not among these: 1"]
    merge(parts, tmp_path / "y")
    assert everything(tmp_path / "y") == whole


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"items": ("Q1", "Q57")}, r"items: Q164, Q42 only in one\): merge each"),
        ({"conditions": EXPERIMENT.conditions[:1]}, "conditions: ja persona JPN only in one"),
        ({"settings": ElicitationSettings(draws=3)}, "draws is 2 in one, 3 in the other"),
        ({"elicitations": ("sampling",)}, "elicitations: logprobs only in one"),
    ],
)
def test_other_experiments_are_refused_before_anything_is_written(
    tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    other = replace(EXPERIMENT, models=("beta",), **changes)  # type: ignore[arg-type]
    runs = [asked(tmp_path / "a"), asked(tmp_path / "b", other)]
    with pytest.raises(ExperimentError, match=f"a and .*b are of different experiments .*{says}"):
        merge(runs, tmp_path / "x")
    assert not (tmp_path / "x").exists()
    with pytest.raises(ExperimentError, match=r"a and .*b are of different experiments"):
        merge(runs[1:], runs[0])


def test_other_words_another_model_and_other_cuts_are_refused(tmp_path: Path) -> None:
    [one, *_] = shards(tmp_path)
    for name, statement, says in (
        ("words", "UPDATE texts SET hash = CAST(id AS BLOB)", "other words for Q"),
        (
            "model",
            "UPDATE models SET card = replace(card, 'fingerprint of', 'print of')",
            "two models of the name alpha, which differ in their fingerprint: fingerprint of alpha",
        ),
        (
            "form",
            "UPDATE conditions SET n_examples = 7 WHERE language = 'en'",
            "another form of en none",
        ),
    ):
        other = tmp_path / name
        other.write_bytes(one.read_bytes())
        with sqlite3.connect(other) as connection:
            connection.execute(statement)
        _reseal(other)
        with pytest.raises(ExperimentError, match=says):
            merge([one, other], tmp_path / "x")
    with pytest.raises(ExperimentError, match="one is cut into 3 shards, one into 2"):
        merge([one, asked(tmp_path / "half", shard=Shard(1, 2))], tmp_path / "x")
    assert not (tmp_path / "x").exists()


def _reseal(file: Path) -> None:
    """Make a changed store one that was written that way."""
    from doxa.store.seal import TABLES, checksum, quoted

    with sqlite3.connect(file) as connection:
        for name, table in TABLES.items():
            columns = quoted(table.columns)
            connection.create_function("sum_of", -1, lambda *row: checksum(row[0], row[1:]))
            connection.execute(f"UPDATE {name} SET checksum = sum_of('{name}', {columns})")
            rows = [n for (n,) in connection.execute(f"SELECT checksum FROM {name}")]
            connection.execute(
                'UPDATE seals SET n = ?, total = ? WHERE "table" = ?',
                (len(rows), sum(rows) & ((1 << 56) - 1), name),
            )


def test_replies_that_differ_are_both_kept_and_told(tmp_path: Path) -> None:
    runs = shards(tmp_path)
    other = asked(tmp_path / "other", salt="another GPU", shard=Shard(1, 3))
    out = tmp_path / "x"
    merged = merge([other, *runs], out)
    # those that say the same are alike, whoever gave them
    wanted = _unlike(runs[0], other)
    assert merged.differing == len(wanted) > 3
    with Store.read(out) as store:
        kept, shown = store.differing(), store.replies()
        assert store.metadata.get("shards") is None
    assert set(kept["request_key"]) == wanted
    first, second = (
        {row["request_key"]: row["probabilities"] for row in frame.iter_rows(named=True)}
        for frame in (shown, kept)
    )
    with Store.read(other) as store:
        theirs = {r["request_key"]: r["probabilities"] for r in store.replies().to_dicts()}
    assert all(first[key] == theirs[key] != second[key] for key in wanted)
    # repeated, in any order: the same replies count, and none is kept twice
    before = everything(out)
    assert merge([*runs, other], out).differing == len(wanted)
    assert everything(out) == before
    assert everything(_merged([out], tmp_path / "y")) == before


def _merged(runs: list[Path], out: Path) -> Path:
    merge(runs, out)
    return out


def _unlike(one: Path, other: Path) -> set[str]:
    frames = []
    for file in (one, other):
        with Store.read(file) as store:
            frames.append(store.replies().select("request_key", "text", "probabilities"))
    both = frames[0].join(frames[1], on="request_key", suffix="2")
    return {
        row["request_key"]
        for row in both.iter_rows(named=True)
        if row["probabilities"] != row["probabilities2"]
    }


@pytest.mark.parametrize("how", ["interrupted", "killed"])
def test_a_merge_that_was_ended_goes_on(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = everything(asked(tmp_path / "whole"))
    runs, out = shards(tmp_path), tmp_path / "x"
    rng = random.Random(5)
    for _ in range(2):
        last = rng.randrange(4, SIZE - 4)
        if how == "interrupted":
            monkeypatch.setattr(taking, "_PIECE", 3)
            with pytest.raises(KeyboardInterrupt):
                merge(runs, out, progress=_until(last))
            monkeypatch.undo()
        else:
            assert _killed(runs, out, last) == -signal.SIGKILL
        with Store.read(out) as store:
            assert gaps(store.metadata) == [
                "doxa merge  was ended before it was done: run it again"
            ]
            assert store.replies().height < SIZE
    merged = merge(runs, out)
    assert sum(taken.replies - taken.new for taken in merged.taken.values()) > 0
    assert everything(out) == whole


def _until(last: int) -> Any:
    def progress(done: int, total: int) -> None:
        assert total == SIZE
        if done >= last:
            raise KeyboardInterrupt

    return progress


def _killed(runs: list[Path], out: Path, last: int) -> int:
    code = (
        "import os, signal, sys; from pathlib import Path; from doxa.run.merge import merge; "
        "from doxa.store import taking; taking._PIECE = 3\n"
        "def progress(done, total):\n"
        f"    if done >= {last}: os.kill(os.getpid(), signal.SIGKILL)\n"
        "merge([Path(run) for run in sys.argv[2:]], Path(sys.argv[1]), progress=progress)"
    )
    return subprocess.run([sys.executable, "-c", code, out, *runs], check=False).returncode


def test_a_damaged_run_is_refused_and_named(tmp_path: Path) -> None:
    runs = shards(tmp_path)
    with sqlite3.connect(runs[1]) as connection:
        connection.execute("UPDATE replies SET status = 'refused' WHERE status = 'ok'")
    with pytest.raises(StoreError, match=r"x-2: .* rows of replies are not as they were written"):
        merge(runs, tmp_path / "x")
    with pytest.raises(StoreError, match="no run at"):
        merge([tmp_path / "none"], tmp_path / "y")
    with pytest.raises(StoreError, match="name the runs that are put into it"):
        merge([tmp_path / "x"], tmp_path / "x")
    with pytest.raises(StoreError, match="x-1 holds shard 1/3: name another folder for all"):
        merge(runs[2:], runs[0])


def test_a_run_that_is_still_asked_is_taken_as_far_as_it_is(tmp_path: Path) -> None:
    runs, said = shards(tmp_path), list[str]()
    with Store.open(runs[0]):
        merged = merge(runs, tmp_path / "x", told=said.append)
    assert isinstance(merged, Merged)
    [line] = said
    assert "x-1 is still written by process" in line
    assert merged.missing == 0


def test_a_run_of_a_changed_experiment_keeps_what_it_asked_before(tmp_path: Path) -> None:
    run = asked(tmp_path / "a", replace(EXPERIMENT, items=("Q2",)))
    asked(run)
    merged = merge([run, asked(tmp_path / "b")], tmp_path / "x")
    assert (merged.replies, merged.missing) == (SIZE, 0)
    with Store.read(tmp_path / "x") as store:
        assert store.replies()["question"].to_list()[SIZE:] == ["Q2"] * 12
