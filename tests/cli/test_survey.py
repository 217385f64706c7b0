"""`doxa survey`."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from doxa.questionnaire import QuestionBank
from doxa.survey import crosswalk, synthetic

from .shell import doxa, fails


def test_a_survey_file_is_described_and_imported_once(tmp_path: Path) -> None:
    file = tmp_path / "wave_7.csv"
    synthetic(300, QuestionBank.load().items).write_csv(file)
    assert "300" in doxa("survey", "info", str(file)).stdout
    assert json.loads(doxa("survey", "info", str(file), "--json").stdout)["n_respondents"] <= 300
    first = doxa("survey", "import", str(file), "--out", str(tmp_path / "human"))
    assert Path(first.stdout.strip()).is_file()
    again = doxa("survey", "import", str(file), "--out", str(tmp_path / "human"))
    assert "imported before" in again.stderr
    fails("survey", "info", str(tmp_path / "none.csv"), says="none")


def test_survey_info_lists_the_sample() -> None:
    info = doxa("survey", "info")
    assert len(info.stdout.splitlines()) == 11
    assert "Haerpfer" in info.stderr


def test_the_crosswalk_is_the_same_as_text_and_as_json() -> None:
    listed = doxa("survey", "crosswalk").stdout.splitlines()
    lines = [json.loads(line) for line in doxa("survey", "crosswalk", "--json").stdout.splitlines()]
    assert len(listed) - 1 == len(lines) == crosswalk().height
    assert listed[0].split("\t") == list(lines[0])
    assert pl.DataFrame(lines).height == crosswalk().height
