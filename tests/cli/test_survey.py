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


def test_survey_info_lists_what_is_shipped_with_sources_terms_and_the_effect_of_weights() -> None:
    info = doxa("survey", "info")
    header, *rows = [line.split("\t") for line in info.stdout.splitlines()]
    assert len(rows) == 71
    cyprus = dict(zip(header, next(row for row in rows if "CYP" in row), strict=True))
    assert cyprus["largest_change"] == "0.1317"
    assert cyprus["basis"] == "recovered"
    assert "Haerpfer" in info.stderr
    assert "CC BY-NC-SA 4.0" in info.stderr
    assert "Durmus" in info.stderr
    first = json.loads(doxa("survey", "info", "--json").stdout.splitlines()[0])
    assert first["country"] == "COL"


def test_the_crosswalk_is_the_same_as_text_and_as_json() -> None:
    listed = doxa("survey", "crosswalk").stdout.splitlines()
    lines = [json.loads(line) for line in doxa("survey", "crosswalk", "--json").stdout.splitlines()]
    assert len(listed) - 1 == len(lines) == crosswalk().height
    assert listed[0].split("\t") == list(lines[0])
    assert pl.DataFrame(lines).height == crosswalk().height


def test_a_file_that_needs_its_wave_and_its_labels_settled(tmp_path: Path) -> None:
    file, mine = tmp_path / "mine.csv", tmp_path / "my.toml"
    happy = ["Very happy"] * 99 + ["Quite hapy"]
    pl.DataFrame({"V2": ["Colombia"] * 100, "V10": happy, "V24": ["1"] * 100}).write_csv(file)
    fails("survey", "info", str(file), says="name it with --wave")
    asked = ("survey", "info", str(file), "--wave", "6")
    told = doxa(*asked, "--write-labels", str(mine)).stdout
    assert "unknown      Q46: 'Quite hapy' (1), like 'Quite happy' = 2" in told
    assert "note         wave 6 as asked; the country from V2" in told
    assert "weights      none: every respondent counts once" in told
    fails(*asked, "--strict", says="1 labels without a code: ")
    fails(*asked, "--write-labels", str(mine), says="exists: name a new file")
    mine.write_text(mine.read_text().replace('# "Quite', '"Quite'))
    settled = (*asked, "--labels", str(mine), "--strict", "--json")
    assert json.loads(doxa(*settled).stdout)["unknown"] == []
    fails("survey", "import", str(file), "--wave", "3", "--out", str(tmp_path / "h"), says="wave 3")
