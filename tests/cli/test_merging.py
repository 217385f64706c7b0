from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from tiny_models import random_model

from doxa.cli import main
from doxa.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Said = Callable[..., list[str]]

ASK = (
    *("ask", "--model", str(random_model()), "--questions", "Q1,Q57,Q164", "--examples", "0"),
    *("--elicit", "logprobs", "--fast"),
)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Said:
    def call(*arguments: str, status: int = 0) -> list[str]:
        monkeypatch.setattr(sys, "argv", ["doxa", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        told = capsys.readouterr()
        assert int(left.value.code or 0) == status, told.err
        return told.err.splitlines()

    return call


def test_shards_are_merged_and_what_is_missing_is_said(said: Said, tmp_path: Path) -> None:
    runs = [str(tmp_path / f"x-{i}") for i in (1, 2, 3)]
    for i in (1, 3):
        said(*ASK, "--shard", f"{i}/3", "--out", runs[i - 1])
    out = str(tmp_path / "x")
    lines = said("merge", runs[0], runs[2], "--out", out)
    assert f"{runs[0]}: 1 replies: 1 new" in lines
    assert "1 of 3 shards not among these: 2; 1 replies missing" in lines
    assert lines[-2:] == [
        f"2 replies in {out}, 1 replies missing",
        f"score them with  doxa score {out}",
    ]
    assert f"{runs[0]}: 1 replies: 1 known already" in said("merge", runs[0], "--out", out)
    told = f"{out}: not known: what this run lacks: 1 of 3 shards not among these: 2"
    assert told in said("score", out)
    assert f"{out}/replies.sqlite: 1 of 3 shards not among these: 2" in said("statuses", out)


def test_replies_that_differ_are_said_wherever_they_are_read(said: Said, tmp_path: Path) -> None:
    one, other, out = (str(tmp_path / name) for name in ("one", "other", "x"))
    for run in (one, other):
        said(*ASK, "--out", run)
    with Store.open(tmp_path / "other" / "replies.sqlite") as store:
        rows = store.rows("replies")
        store._connection.execute("DELETE FROM replies")
        # as if another machine had answered otherwise
        store.add_rows([(*row[:5], row[5] + 0.25, *row[6:]) for row in rows])
    lines = said("merge", one, other, "--out", out)
    assert f"{other}: 3 replies: 3 that differ from known ones" in lines
    assert any(line.startswith("3 replies differ from another one to the same") for line in lines)
    assert any("which reply is right: of 3 requests" in line for line in said("score", out))
    table = f"{tmp_path}/further.csv"
    assert said("export", out, "--differing", "--out", table)[-1] == f"3 replies in {table}"
    with Store.read(tmp_path / "x" / "replies.sqlite") as store:
        assert store.replies().height == 3


def test_another_experiment_is_refused_in_one_line(said: Said, tmp_path: Path) -> None:
    said(*ASK, "--out", f"{tmp_path}/one")
    said(*ASK, "--questions", "Q1", "--out", f"{tmp_path}/other")
    [line] = said(
        "merge", f"{tmp_path}/one", f"{tmp_path}/other", "--out", f"{tmp_path}/x", status=1
    )
    assert line.endswith("(items: Q57, Q164 only in one): merge each experiment by itself")
    assert not (tmp_path / "x").exists()
