from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.survey import DataReport, describe, read_survey
from doxa.survey.data_report import describe_file

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey import Synthetic


def test_the_report_says_what_was_found_and_done(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    row = pl.col("D_INTERVIEW") == 3
    odd = made.frame.with_columns(Q1=pl.when(row).then(9).otherwise("Q1")).drop("Q18")
    odd.write_csv(tmp_path / "a.csv")
    report = describe(read_survey(tmp_path / "a.csv", some_items))
    assert [(one.item, one.label, one.n) for one in report.unknown] == [("Q1", "9", 1)]
    assert report.missing_shares["unknown label"] == pytest.approx(1 / 1200 / 15)
    assert report.items_left_out == {}
    assert report.items_elsewhere == ()
    assert (report.weight, report.kind) == ("W_WEIGHT", "csv")
    assert report.unweighted == ()
    assert report.items_missing == ("Q18",)
    assert (report.n_rows, report.n_respondents) == (1215, 1200)
    assert report.populations["NIR wave 7"] == 300
    assert 0.01 < report.missing_shares["don't know"] < 0.05
    low, mean, high = report.weights
    assert 0 < low < mean < high
    text = "\n".join(report.lines())
    for part in (
        "wave 7",
        "synthetic",
        "missing: Q18",
        "unknown      Q1: '9' (1)",
        "repeated: 15",
        "NIR wave 7 (300)",
    ):
        assert part in text


def test_items_that_nobody_was_asked_do_not_count_as_found(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    made.frame.with_columns(Q1=-4, Q18=pl.lit("")).write_csv(tmp_path / "a.csv")
    report = describe(read_survey(tmp_path / "a.csv", some_items))
    assert report.items_unasked == ("Q1", "Q18")
    assert not {"Q1", "Q18"} & set(report.items_found)
    assert "not asked    nobody was asked: Q1, Q18" in report.lines()


def test_a_file_of_any_kind_is_described(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    made.frame.write_csv(tmp_path / "a.csv")
    read = read_survey(tmp_path / "a.csv", some_items)
    assert describe_file(tmp_path / "a.csv", some_items) == describe(read)
    (tmp_path / "club.toml").write_text(
        'survey = "CLUB"\ntitle = "The club"\nwave = 2024\ncountry = "JPN"\n\n'
        '[items.tea]\ncolumn = "tea"\nscale = "ordinal"\ncodes = [1, 2, 3]\n',
        encoding="utf-8",
    )
    pl.DataFrame({"id": range(3), "tea": [1, 2, 3]}).write_csv(tmp_path / "club.csv")
    club = describe_file(tmp_path / "club.csv", some_items, described=tmp_path / "club.toml")
    assert isinstance(club, DataReport)
    assert (club.title, club.items_found) == ("The club", ("tea",))
