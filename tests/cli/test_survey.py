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
    cyprus = next(line for line in info.stdout.splitlines() if " CYP " in line)
    assert cyprus.split()[:4] == ["7", "CYP", "144", "994"]
    assert "0.016 0.132" in cyprus
    assert "Haerpfer" in info.stderr
    assert "CC BY-NC-SA 4.0" in info.stderr
    assert "Durmus" in info.stderr
    first = json.loads(doxa("survey", "info", "--json").stdout.splitlines()[0])
    assert first["country"] == "COL"


def test_survey_info_maps_a_folder_of_imports_by_groups(tmp_path: Path) -> None:
    file, folder = tmp_path / "wave_7.csv", tmp_path / "human"
    synthetic(300, QuestionBank.load().items).write_csv(file)
    done = doxa("survey", "import", str(file), "--by", "sex,age", "--out", str(folder))
    assert "groups       sex: female " in done.stderr
    told = doxa("survey", "info", str(folder)).stdout
    assert "by sex: female, male" in " ".join(told.split())
    lines = [
        json.loads(line)
        for line in doxa("survey", "info", str(folder), "--json").stdout.splitlines()
    ]
    assert {line["wave"] for line in lines} == {7}
    assert lines[0]["groups"]["sex"][0] == "female"
    refused = doxa("survey", "info", str(folder), "--strict")
    assert refused.returncode == 2
    assert "--json is its only option" in refused.stderr
    shown = doxa("survey", "show", "Q57", "--by", "sex", "--human", str(folder)).stdout
    assert "sex female" in shown
    assert "None" not in shown
    assert "Nigeria" not in shown  # only whole there
    whole = doxa("survey", "show", "Q57", "--human", str(folder)).stdout
    assert "Nigeria" in whole
    assert "None" not in whole


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
