from __future__ import annotations

import json
from dataclasses import replace

import polars as pl

from doxa.questionnaire import Item, Scale
from doxa.survey.published import PublishedShares

SHARES = PublishedShares(
    title="Tea",
    policy="shares as published",
    counts=pl.DataFrame({"country": ["JPN", "JPN", "COL"], "question": ["T1", "T2", "T1"]}),
    items={
        "T1": Item("T1", "", "", Scale("nominal", (1, 2)), {}),
        "T2": Item("T2", "", "", Scale("ordinal", (1, 2)), {}),
    },
    wording={
        "T1": ("Tea?", ((1, "Yes"), (2, "No"))),
        "T2": ("How much tea?", ((1, "Much"), (2, "Little"))),
    },
    left_out={"question without answers": 1200},
)


def test_the_report_says_what_the_file_holds() -> None:
    report = SHARES.report("tea.csv")
    assert (report.n_questions, report.countries) == (2, {"COL": 1, "JPN": 2})
    assert report.lines() == [
        "file         tea.csv (csv)",
        "survey       Tea",
        "questions    2",
        "left out     question without answers: 1,200",
        "countries    COL (1), JPN (2)",
        "policy       shares as published",
    ]
    names = replace(SHARES, names="as the file has them").report("tea.csv").lines()[-1]
    assert names == "names        as the file has them"
    assert json.loads(json.dumps(report.as_dict()))["countries"] == {"COL": 1, "JPN": 2}


def test_wording_is_written_as_records() -> None:
    first, second = map(json.loads, SHARES.questions().splitlines())
    assert (first["id"], first["choices"], first["choice_keys"]) == (
        "T1",
        ["Yes", "No"],
        ["1", "2"],
    )
    assert (first["type"], second["type"]) == ("nominal", "ordinal")
