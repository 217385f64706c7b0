"""`doxa score`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.evaluate import TABLES
from doxa.survey import sample

from .shell import doxa, fails

if TYPE_CHECKING:
    from pathlib import Path


def test_a_run_is_scored(run: Path) -> None:
    scored = doxa("score", str(run), "--json", "--resamples", "100")
    rows = [json.loads(line) for line in scored.stdout.splitlines()]
    assert len({row["country"] for row in rows}) == 65
    assert all(row["target"] in ("", row["country"]) for row in rows)
    assert all(0 <= row["estimate"] <= 1 for row in rows if row["n_items"])
    assert {row["low"] for row in rows} == {None}
    counted = [row for row in rows if row["country"] in ("BGD", "COL", "JPN", "USA")]
    assert {row["note"] for row in counted} == {
        "fewer than five items: no interval; one form, its error is not in the interval"
    }
    assert {row["n_items"] for row in counted} == {3}
    assert "verdict" in doxa("score", str(run)).stdout


def test_a_table_comes_as_text_and_as_a_file(run: Path, tmp_path: Path) -> None:
    shown = doxa("score", str(run), "--table", "human")
    assert "COL" in shown.stdout, shown.stderr
    assert max(map(len, shown.stdout.splitlines())) <= 100
    out = tmp_path / "model.csv"
    assert doxa("score", str(run), "--table", "model", "--out", str(out)).returncode == 0
    assert pl.read_csv(out).height == 18


def test_recorded_replies_are_scored_by_the_preset_and_by_doxas_rules(oracle: Path) -> None:
    asked = ("score", "--from", str(oracle / "responses.parquet"), "--json")
    asked += ("--human", str(oracle / "wvs_counts.csv"), "--only-human")
    by_preset = doxa(*asked, "--preset", "liu2026")
    rows = [json.loads(line) for line in by_preset.stdout.splitlines()]
    assert [*rows[0]] == ["model", "condition", "country", "alignment", "n_items"]
    found = {(row["model"], row["condition"], row["country"]): row["alignment"] for row in rows}
    expected = pl.read_csv(oracle / "expected_table7_japan.csv")
    assert expected.height == 24
    for row in expected.iter_rows(named=True):
        key = (row["model"], row["condition"], row["country"])
        assert found[key] == pytest.approx(row["recomputed"], abs=1e-6)
    own = [json.loads(line) for line in doxa(*asked, "--resamples", "50").stdout.splitlines()]
    assert {(row["model"], row["condition"], row["country"]) for row in own} == set(found)
    assert all(row["low"] < row["alignment"] < row["high"] for row in own)


def test_the_tables_are_listed() -> None:
    listed = doxa("score", "--table", "list").stdout
    assert all(name in listed for name in TABLES)


def test_a_missing_or_corrupt_store(run: Path, tmp_path: Path) -> None:
    fails("score", str(tmp_path / "nothing"), says="nothing")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "replies.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    fails("score", str(tmp_path / "bad"), says=r"bad/replies\.sqlite")
    (tmp_path / "cut").mkdir()
    whole = (run / "replies.sqlite").read_bytes()
    (tmp_path / "cut" / "replies.sqlite").write_bytes(whole[: len(whole) // 2])
    fails("score", str(tmp_path / "cut"), says=r"cut/replies\.sqlite")


def test_files_that_are_not_human_counts(run: Path, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")
    fails("score", str(run), "--human", str(tmp_path / "c.csv"), says=r"c\.csv")
    fails("score", str(run), "--wave", "3", says="3")


def test_files_that_are_not_recorded_replies(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("a,b\n1,2\n")
    fails("score", "--from", str(tmp_path / "r.csv"), says="what can be read is replies")
    header = "question,choice_keys,response\n"
    (tmp_path / "r.csv").write_text(header + "Q57,\"['1', '2']\",I would rather not\n")
    fails(
        "score",
        "--from",
        str(tmp_path / "r.csv"),
        says=r"r\.csv: 1 replies, none of them a dist",
    )
    (tmp_path / "r.csv").write_text(header + "Q57,\"['1', '2']\",\"{'1': 40, '2': 60}\"\n")
    says = "no preset 'x'"
    fails("score", "--from", str(tmp_path / "r.csv"), "--preset", "x", says=says)
    (tmp_path / "c.csv").write_text("wave,country,question,code,n\n7,JPN,Q1,1,3\n7,JPN,Q1,2,1\n")
    human = ("--human", str(tmp_path / "c.csv"), "--only-human")
    fails("score", "--from", str(tmp_path / "r.csv"), *human, says="no item")
    preset = ("--preset", "liu2026")
    fails("score", "--from", str(tmp_path / "r.csv"), *human, *preset, says="no item in common")


def test_an_unknown_table_or_bootstrap(run: Path) -> None:
    fails("score", str(run), "--table", "chair", says="no table 'chair': there are alignment")
    fails("score", str(run), "--resample", "planets", says="planets")
    fails("score", str(run), "--baseline", "zero", says="baseline='zero': name one of leave")
    fails("score", str(run), "--confidence", "95", says="confidence=95")


def test_personas_of_groups_need_replies_and_people(run: Path) -> None:
    fails("score", str(run), "--by", "sex,age", says="sex, age: ask with --personas sex×age")
    fails("score", str(run), "--by", "region", says="no variable 'region' of groups: there are sex")
    fails("score", str(run), "--table", "flattening", says="no persona of a group was asked: ask")


def test_what_no_score_holds_is_said(run: Path, tmp_path: Path) -> None:
    human = tmp_path / "human.parquet"
    sample(wave=7).filter(pl.col("country") != "JPN").write_parquet(human)
    only = ("--human", str(human), "--only-human")
    done = doxa("score", str(run), *only, "--json", "--resamples", "20")
    assert "in no score: 6 replies steered towards JPN" in done.stderr
    assert {json.loads(line)["country"] for line in done.stdout.splitlines()} == {
        "BGD", "COL", "USA",
    }  # fmt: skip
    assert "in no score" not in doxa("score", str(run), "--resamples", "20").stderr


def test_whose_answers_the_scores_are_against_is_said(run: Path, tmp_path: Path) -> None:
    quick = ("--json", "--resamples", "20")
    done = doxa("score", str(run), *quick)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len({row["country"] for row in rows if row["target"] == ""}) == 65
    assert "65 countries: counts of 4 (BGD, COL, JPN, USA), published shares of 61" in done.stderr
    assert "rounded, most to 0.1 %: a score is off by at most 0.00" in done.stderr
    human = tmp_path / "mine.csv"
    names = ["wave", "country", "question", "code", "n"]
    sample(wave=7).filter(country="JPN").select(names).write_csv(human)
    done = doxa("score", str(run), "--human", str(human), *quick)
    assert "mine.csv 1 (JPN); tabulated 3 (BGD, COL, USA)" in done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["survey"] for row in rows} == {"WVS"}
    done = doxa("score", str(run), "--human", "sample", *quick)
    assert "4 countries: counts of 4" in done.stderr
    done = doxa("score", str(run), "--only-human")
    assert done.returncode == 2
    assert "name --human" in done.stderr


def test_a_run_keeps_the_examples_that_it_was_asked_with(tiny: Path, tmp_path: Path) -> None:
    human, out = tmp_path / "uzb.csv", str(tmp_path / "run")
    names = ["wave", "country", "question", "code", "n"]
    japan = sample(wave=7).filter(country="JPN").with_columns(country=pl.lit("UZB"))
    japan.select(names).write_csv(human)
    few = ("--steering", "none,few-shot", "--targets", "UZB", "--examples", "1")
    asked = doxa(
        "ask", "--model", str(tiny), "--questions", "Q46,Q57", "--elicit", "logprobs", *few,
        "--human", str(human), "--out", out,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    quick = ("--json", "--resamples", "20")
    without = doxa("score", out, *quick)
    assert "in no score: 4 replies steered towards UZB" in without.stderr
    assert len({json.loads(line)["country"] for line in without.stdout.splitlines()}) == 65
    rows = map(json.loads, doxa("score", out, "--human", str(human), *quick).stdout.splitlines())
    [steered] = [row for row in rows if row["target"] == "UZB"]
    assert (steered["country"], steered["n_items"]) == ("UZB", 2)


def test_a_model_is_shown_under_another_name(run: Path) -> None:
    rows = doxa("score", str(run), "--json", "--resamples", "20").stdout.splitlines()
    (model,) = {json.loads(row)["model"] for row in rows}
    renamed = doxa("score", str(run), "--json", "--resamples", "20", "--rename", f"{model}=Tiny")
    rows = [json.loads(row) for row in renamed.stdout.splitlines()]
    assert {row["model"] for row in rows} == {"Tiny"}
    fails("score", str(run), "--rename", "gamma=delta", says="no model 'gamma' to rename")
    misspelt = doxa("score", str(run), "--rename", "gamma")
    assert misspelt.returncode == 2
    assert "write OLD=NEW" in misspelt.stderr


def test_every_row_is_accounted_for_in_the_last_lines(run: Path, tmp_path: Path) -> None:
    shown = {"choice_keys": "['1', '2']", "response": "{'1': '40%', '2': '60%'}"}
    rows = [{"question": item} | shown for item in ("Q57", "Q999")]
    rows.append({"question": "Q57", "choice_keys": "['1', '2']", "response": "No."})
    file = tmp_path / "mine.csv"
    pl.DataFrame(rows).write_csv(file)
    done = doxa("score", str(run), "--from", str(file), "--resamples", "20", "--json")
    whole, mine = done.stderr.splitlines()[-2:]
    assert mine == (
        f"{file}: 3 rows = 1 scored + 1 refused + 1 on items that are not in the questionnaire "
        "(Q999)"
    )
    assert whole.startswith(f"{run}: ")
    left, _, right = whole.removeprefix(f"{run}: ").partition(" replies = ")
    assert int(left) == sum(int(part.split()[0]) for part in right.split(" + "))
    preset = doxa("score", "--from", str(file), "--preset", "liu2026")
    assert preset.stderr.splitlines()[-1].startswith(f"{file}: 3 rows = 1 scored + 1 ")


def test_measures_are_computed_by_name(run: Path) -> None:
    listed = doxa("score", "--measures", "list", "--json").stdout.splitlines()
    assert "simbench" in {json.loads(row)["measure"] for row in listed}
    asked = ("score", str(run), "--measures", "simbench,sd_ratio", "--resamples", "20", "--json")
    rows = [json.loads(row) for row in doxa(*asked).stdout.splitlines()]
    assert {row["set"] for row in rows} == {"simbench", "dispersion"}
    assert {row["country"] for row in rows} == {"all"}
    each = [json.loads(row) for row in doxa(*asked, "--by-country").stdout.splitlines()]
    assert len({row["country"] for row in each}) > 60  # one was asked none of the three items
    fails("score", str(run), "--measures", "chair", says="no measure 'chair': name one of the sets")
    fails("score", str(run), "--measures", "mantel", says="mantel is in the table structure")
    for wrong, said in (
        (("--by-country",), "name some with --measures"),
        (("--measures", "pfs", "--table", "shape"), "leave --table out"),
    ):
        done = doxa("score", str(run), *wrong)
        assert done.returncode == 2
        assert said in " ".join(done.stderr.split())
