"""`doxa questionnaire`, and a questionnaire of one's own in the other commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from own_questionnaire import CSV, TOML

from .shell import doxa, fails

if TYPE_CHECKING:
    from pathlib import Path


def test_new_check_show(tmp_path: Path) -> None:
    mine = str(tmp_path / "mine.toml")
    told = doxa("questionnaire", "new", mine)
    assert told.stderr == f"{mine}: fill it in, then  doxa questionnaire check {mine}\n"
    assert "Working life: 2 items" in doxa("questionnaire", "check", mine).stdout
    shown = doxa("questionnaire", "show", mine, "best").stdout
    assert shown.startswith("best (nominal): Where do people work best?\n  1  At home\n")
    fails("questionnaire", "new", mine, says="is there already: name another file")
    fails("questionnaire", "new", "mine.txt", says="name a file that ends in .toml or .csv")
    fails("questionnaire", "show", mine, "none", says="no item 'none'")
    fails("questionnaire", "check", str(tmp_path / "none.toml"), says="cannot be read")


def test_a_table_is_written_as_toml(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(CSV, encoding="utf-8")
    out = str(tmp_path / "mine.toml")
    doxa("questionnaire", "new", out, "--from", str(tmp_path / "mine.csv"))
    assert "mine: 3 items" in doxa("questionnaire", "check", out).stdout


def test_the_commands_take_it(tmp_path: Path, tiny: Path) -> None:
    mine, run = str(tmp_path / "mine.toml"), str(tmp_path / "run")
    (tmp_path / "mine.toml").write_text(TOML, encoding="utf-8")
    own = ("--questionnaire", mine)
    assert "1: At home" in doxa("prompts", "show", "best", *own, "--examples", "0").stdout
    asked = doxa(
        *("ask", "--model", str(tiny), *own, "--elicit", "logprobs", "--examples", "0"),
        *("--fast", "--out", run),
    )
    assert asked.returncode == 0, asked.stderr
    (tmp_path / "p.csv").write_text(
        "wave,country,question,code,n\n3,DEU,home,1,9\n3,DEU,home,4,9\n3,DEU,best,1,20\n"
    )
    people = str(tmp_path / "p.csv")
    scored = doxa("score", run, "--human", people)
    assert "DEU" in scored.stdout, scored.stderr
    assert "2 items" in scored.stdout
    assert "DEU" in doxa("score", run, *own, "--human", people, "--json").stdout
    fails("score", run, says="doxa has no people's answers to a questionnaire of your own")
    shown = doxa("survey", "show", "best", *own, "--human", people).stdout
    assert "1 At home" in shown
    page = doxa("report", run, "--human", people, "--out", str(tmp_path / "r.html"))
    assert page.returncode == 0, page.stderr
    refused = doxa("survey", "import", people, *own, "--out", "x")
    assert "--questionnaire needs --described" in refused.stderr
    drafted = doxa("survey", "describe", people, *own)
    assert "# TO DO" in drafted.stdout
