from __future__ import annotations

import tomllib
from pathlib import Path

import polars as pl
import pytest
from own_questionnaire import TOML

from doxa.questionnaire import QuestionBank
from doxa.survey import describe_survey, read_survey
from doxa.survey.drafting import draft_description

OWN = QuestionBank.of_text(TOML, Path("mine.toml"))


def people(folder: Path) -> Path:
    frame = pl.DataFrame({
        "idno": range(6),
        "cntry": ["DE", "DE", "FR", "FR", "DE", "FR"],
        "pspwght": [0.5, 1.5, 1.0, 1.25, 0.75, 1.0],
        "HOME": ["Agree", "Disagree", "Don't know", "Agree", "Strongly agree", None],
        "v9": [0, 1, 2, 3, 3, 99],
        "age": [20, 30, 40, 50, 60, 70],
    })  # fmt: skip
    frame.write_csv(folder / "people.csv")
    return folder / "people.csv"


def test_a_draft_finds_roles_and_items_and_says_what_it_did_not(tmp_path: Path) -> None:
    text = draft_description(people(tmp_path), OWN)
    found = tomllib.loads(text)
    assert found["country"] == {"column": "cntry"}
    assert found["weight"] == {"column": "pspwght"}
    assert found["respondent"] == {"column": "idno"}
    assert found["items"] == {"home": {"column": "HOME"}}
    assert "# [items.matter]  # TO DO: no column was found" in text
    assert "# Columns that are in no item: v9, age" in text


def test_a_completed_draft_reads_the_file(tmp_path: Path) -> None:
    path = people(tmp_path)
    text = draft_description(path, OWN)
    (tmp_path / "d.toml").write_text(
        text + '[items.matter]\ncolumn = "v9"\nrecode = { 0 = 3, 1 = 2, 2 = 1, 3 = 0 }\n'
        "[missing]\n99 = -2\n"
    )
    survey = describe_survey(tmp_path / "d.toml", OWN)
    read = read_survey(path, survey.items, layout=survey.layout)
    counts = read.microdata.counts().filter(pl.col("n") > 0)
    of = counts.filter(country="DEU", question="matter").select("code", "n").sort("code")
    assert of.rows() == [(0, 1.0), (2, 1.0), (3, 1.0)]
    france = counts.filter(country="FRA", question="matter", code=-2)
    assert france["n"].to_list() == [1.0]
    assert counts.filter(country="FRA", question="home", code=-1)["n"].to_list() == [1.0]


def test_without_a_questionnaire_every_column_with_few_answers_is_an_item(tmp_path: Path) -> None:
    found = tomllib.loads(draft_description(people(tmp_path)))
    assert found["items"]["HOME"]["labels"] == ["Agree", "Disagree", "Strongly agree"]
    assert found["items"]["v9"]["codes"] == [0, 1, 2, 3, 99]
    (tmp_path / "d.toml").write_text(draft_description(people(tmp_path)))
    assert [*describe_survey(tmp_path / "d.toml").items] == ["HOME", "v9", "age"]


def test_labels_of_spss_name_items_missing_codes_and_answers(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    path = tmp_path / "people.sav"
    pyreadstat.write_sav(
        pl.DataFrame({"a": [1.0, 2.0, 8.0, 9.0], "b": [1.0, 2.0, 2.0, 1.0]}).to_pandas(),
        str(path),
        column_labels={"a": "Where do people work best?", "b": "Anything"},
        variable_value_labels={
            "a": {1: "At home", 2: "In an office", 9: "No answer"}, "b": {1: "One", 2: "Two"},
        },
    )  # fmt: skip
    text = draft_description(path, OWN)
    assert "# found by its label: Where do people work best?\n[items.best]" in text
    assert tomllib.loads(text)["missing"] == {"9": -2}
    assert '# country = "USA"' in text
    free = tomllib.loads(draft_description(path))
    assert free["items"]["b"]["labels"] == ["One", "Two"]


def test_codes_that_the_item_lacks_are_told(tmp_path: Path) -> None:
    pl.DataFrame({"best": [1, 2, 5, 5], "age": [20, 30, 40, 50]}).write_csv(tmp_path / "p.csv")
    text = draft_description(tmp_path / "p.csv", OWN)
    assert "# TO DO: the file has [1, 2, 5], the item [1, 2, 8]" in text
