"""`doxa export` and `doxa statuses`, of runs, bundles and files."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import polars as pl
from tiny_models import random_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Doxa = Callable[..., tuple[int, str, str]]

MODEL = ("--model", str(random_model()))
SMALL = ("--questions", "Q1,Q57", "--examples", "0")
HUMAN = ("--human", "sample")


def test_the_replies_of_the_study_are_counted(doxa: Doxa, oracle: Path) -> None:
    status, out, _ = doxa("statuses", str(oracle / "responses.parquet"), "--json")
    counts = {(row["model"], row["status"]): row["n"] for row in map(json.loads, out.splitlines())}
    assert status == 0
    assert sum(counts.values()) == 35_176
    assert counts == {
        ("Aya23", "ok"): 6693,
        ("Aya23", "unparsable"): 2187,
        ("GPT-3.5", "ok"): 8513,
        ("GPT-3.5", "unparsable"): 58,
        ("Llama3", "ok"): 8576,
        ("Llama3", "unparsable"): 290,
        ("Qwen2.5", "ok"): 8398,
        ("Qwen2.5", "unparsable"): 461,
    }


def test_statuses_of_a_run_and_of_files(
    doxa: Doxa, fails: Callable[..., None], tmp_path: Path
) -> None:
    assert doxa("ask", *MODEL, *SMALL, "--out", str(tmp_path / "run"))[0] == 0
    assert re.search(r"ok +8\b", doxa("statuses", str(tmp_path / "run"))[1])
    good = tmp_path / "replies.csv"
    good.write_text("model,choice_keys,response\nm,\"['1', '2']\",\"{'1': 60, '2': 40}\"\n")
    assert re.search(r"ok +1\b", doxa("statuses", str(good))[1])
    (tmp_path / "bare.csv").write_text("model\nm\n")
    (tmp_path / "anonymous.csv").write_text("choice_keys,response\n\"['1', '2']\",no\n")
    (tmp_path / "bad.parquet").write_text("not Parquet at all\nbut text\n")
    (tmp_path / "cut.parquet").write_bytes(b"PAR1" + bytes(40))
    for name, says in (
        ("bare.csv", r"bare\.csv: no column 'choice_keys': add it"),
        ("anonymous.csv", r"anonymous\.csv: no column 'model': add it"),
        ("bad.parquet", r"bad\.parquet: no column 'choice_keys'"),
        ("cut.parquet", r"cut\.parquet: cut short or damaged"),
        ("absent.csv", r"absent\.csv: no such file"),
    ):
        fails("statuses", str(tmp_path / name), says=says)


def test_a_run_is_exported(doxa: Doxa, run: Path, tmp_path: Path) -> None:
    assert doxa("export", str(run), "--out", str(tmp_path / "r.parquet"))[0] == 0
    assert pl.read_parquet(tmp_path / "r.parquet").height == 18


def test_a_bundle_stands_for_the_run_in_every_command(
    doxa: Doxa, fails: Callable[..., None], run: Path, tmp_path: Path
) -> None:
    bundle = str(tmp_path / "run.doxa")
    status, out, err = doxa("export", str(run), "--bundle", bundle, *HUMAN)
    assert (status, out) == (0, "")
    assert re.search(r"the whole run in .*run\.doxa, SHA-256 [0-9a-f]{64}", err)
    for command in (
        ("score", *HUMAN, "--json"),
        ("score", *HUMAN, "--table", "scores", "--json"),
        ("statuses", "--json"),
        ("check", "--json"),
    ):
        of_run, of_bundle = (doxa(command[0], where, *command[1:]) for where in (str(run), bundle))
        assert of_bundle[:2] == of_run[:2]
        assert of_bundle[0] == 0
    scores = ("score", *HUMAN, "--table", "scores", "--json")
    assert doxa(*scores, "--from", bundle)[1] == doxa(*scores, str(run))[1]
    asked = json.loads(doxa("status", bundle, "--json")[1])
    assert (asked["done"], asked["statuses"]) == (18, {"ok": 18})
    page, other = tmp_path / "page.html", tmp_path / "replies.parquet"
    assert doxa("report", bundle, *HUMAN, "--resamples", "20", "--out", str(page))[0] == 0
    assert "human answers the same as its maker" in page.read_text(encoding="utf-8")
    assert doxa("export", bundle, "--out", str(other))[0] == 0
    assert pl.read_parquet(other).height == 18
    again = tmp_path / "again.doxa"
    assert doxa("export", bundle, "--bundle", str(again), *HUMAN)[0] == 0
    assert again.read_bytes() == (tmp_path / "run.doxa").read_bytes()
    merged = tmp_path / "merged"
    assert f"{bundle}: 18 replies: 18 new" in doxa("merge", bundle, "--out", str(merged))[2]
    assert doxa(*scores, str(merged))[1] == doxa(*scores, str(run))[1]
    fails("ask", *MODEL, "--out", bundle, says="is a bundle, which is only read: make a run of it")
    replayed = str(tmp_path / "replayed")
    assert doxa("ask", "--replay", bundle, "--questions", "Q1", "--out", replayed)[0] == 0


def test_other_human_answers_than_those_of_a_bundle_are_told(
    doxa: Doxa, run: Path, tmp_path: Path
) -> None:
    bundle = str(tmp_path / "run.doxa")
    assert doxa("export", str(run), "--bundle", bundle, *HUMAN)[0] == 0
    err = doxa("score", bundle, "--resamples", "20")[2]
    assert re.search(r"run\.doxa: not known: whether its maker saw these scores: .*only here", err)
    assert "maker" not in doxa("score", bundle, *HUMAN, "--resamples", "20")[2]


def test_an_export_needs_a_file(doxa: Doxa, fails: Callable[..., None], tmp_path: Path) -> None:
    assert doxa("export", "runs/x")[0] == 2
    fails("export", str(tmp_path), "--bundle", str(tmp_path / "a.doxa"), says="no run at")
    assert not (tmp_path / "a.doxa").exists()
