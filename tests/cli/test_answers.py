"""`doxa survey show`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .shell import doxa, fails

if TYPE_CHECKING:
    from pathlib import Path


def test_answers_are_drawn_in_the_terminal() -> None:
    shown = doxa("survey", "show", "Q164", "--countries", "JPN,USA", COLUMNS="80").stdout
    assert "How important is God in your life?" in shown
    assert shown.index("Japan") < shown.index("United States")
    assert max(map(len, shown.splitlines())) <= 80


def test_answers_come_as_json_and_as_a_chart(tmp_path: Path) -> None:
    lines = doxa("survey", "show", "Q1", "--countries", "JPN", "--json").stdout.splitlines()
    (row,) = map(json.loads, lines)
    assert row["name"] == "Japan"
    assert abs(sum(row["shares"].values()) - 1) < 1e-9
    out = tmp_path / "q1.svg"
    drawn = doxa("survey", "show", "Q1", "--countries", "JPN", "--out", str(out))
    assert drawn.stderr.startswith("1 population in")
    assert out.read_text(encoding="utf-8").startswith("<svg")


def test_what_is_not_there_is_told() -> None:
    fails("survey", "show", "Q999", says="no item 'Q999'")
    fails("survey", "show", "Q1", "--countries", "JPN,ATL", says="no answers of ATL: there are")
    fails("survey", "show", "Q1", "--wave", "2", says="no answers to Q1 in wave 2")
    fails("survey", "show", "Q1", "--by", "sex", says="not split by sex: import .* --by sex")


def test_a_finer_file_is_put_together_into_the_split_asked_for(tmp_path: Path) -> None:
    header = "survey,wave,country,question,code,n,sex,age\n"
    rows = [
        f"WVS,7,AND,Q122,{code},{10 * (code + 1)},{sex},{age}\n"
        for sex in ("female", "male")
        for age in ("18", "80")
        for code in (0, 1, 2)
    ]
    path = tmp_path / "mine.csv"
    path.write_text(header + "".join(rows), encoding="utf-8")
    asked = ("survey", "show", "Q122", "--human", str(path), "--countries", "AND")
    lines = doxa(*asked, "--by", "sex", "--json").stdout.splitlines()
    found = {row["name"]: row for row in map(json.loads, lines)}
    assert {name: row["n"] for name, row in found.items()} == {
        "Andorra · sex female": 120.0,
        "Andorra · sex male": 120.0,
        "Andorra · all": 240.0,
    }
    assert {row["mean"] for row in found.values()} == {(20 + 2 * 30) / 60}
    alone = doxa(*asked, "--only-human", "--json").stdout.splitlines()
    assert [json.loads(line)["n"] for line in alone] == [240.0]
