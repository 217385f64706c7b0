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
