from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from doxa.recorded import store_path
from doxa.store import Store

from .shell import doxa

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def scores(run: Path) -> str:
    done = doxa("score", str(run), "--json")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_whole_run_is_whole(run: Path) -> None:
    done = doxa("check", str(run), "--json")
    assert (done.returncode, done.stderr) == (0, f"{store_path(run)} is whole\n")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows[0] == {"what": "replies", "whole": 18, "damaged": 0, "lost": 0}


def test_damage_is_one_line_everywhere_and_the_rest_is_recovered(run: Path, tmp_path: Path) -> None:
    damaged, new = tmp_path / "damaged", tmp_path / "new"
    shutil.copytree(run, damaged)
    file = store_path(damaged)
    whole = file.read_bytes()
    place = whole.index(b'"completion_tokens"')
    file.write_bytes(whole[:place] + b'"completion_takens"' + whole[place + 19 :])
    outs = ("--out", str(tmp_path / "x.csv"))
    for command in (("score",), ("report", *outs), ("export", *outs), ("statuses",)):
        done = doxa(command[0], str(damaged), *command[1:])
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
        assert f"1 of 18 rows of replies are not as they were written: run doxa check {file}" in (
            done.stderr
        )
    done = doxa("check", str(damaged))
    assert done.returncode == 1
    assert "goes to a new run with  doxa check" in done.stderr
    done = doxa("check", str(damaged), "--recover", str(new))
    assert done.returncode == 0, done.stderr
    assert f"17 replies in {new}; run the same  doxa ask" in done.stderr
    assert doxa("check", str(new)).returncode == 0
    with Store.read(store_path(run)) as old, Store.read(store_path(new)) as store:
        rows = {row["request_key"]: row for row in old.replies().iter_rows(named=True)}
        for row in store.replies().iter_rows(named=True):
            assert rows[row["request_key"]] == row


@pytest.fixture
def read_only(run: Path, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "mounted"
    folder.mkdir()
    bound = subprocess.run(["mount", "--bind", run, folder], capture_output=True, check=False)
    if bound.returncode:
        pytest.skip("a read-only mount needs root")
    try:
        again = ["mount", "-o", "remount,bind,ro", os.fspath(folder)]
        subprocess.run(again, capture_output=True, check=True)
        with pytest.raises(OSError, match="Read-only"):
            (folder / "new").touch()
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_run_on_a_read_only_mount_is_scored_exported_and_replayed(
    run: Path, read_only: Path, tmp_path: Path
) -> None:
    expected = scores(run)
    assert scores(read_only) == expected
    for command in (
        ("export", str(read_only), "--out", str(tmp_path / "replies.parquet")),
        ("statuses", str(read_only)),
        ("check", str(read_only)),
        ("ask", "--replay", str(read_only), "--out", str(tmp_path / "again")),
    ):
        done = doxa(*command)
        assert done.returncode == 0, done.stderr
    # other tests may have asked more in this run than its latest experiment, which is replayed
    assert doxa("ask", "--replay", str(run), "--out", str(tmp_path / "there")).returncode == 0
    assert scores(tmp_path / "again") == scores(tmp_path / "there")
