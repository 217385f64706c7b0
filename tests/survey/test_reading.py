"""The four formats give the counts that the generator knows to be true, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import SurveyError
from doxa.survey import read_survey, synthetic

from .truth import assert_true, tabulated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey import Synthetic


@pytest.mark.parametrize("kind", ["csv", "sav", "dta", "xlsx"])
def test_every_format_gives_the_truth(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, kind: str
) -> None:
    # The kind is recognised by the content, not the name.
    path = tmp_path / "download"
    getattr(made, f"write_{kind}")(path.with_suffix(f".{kind}"))
    path.with_suffix(f".{kind}").rename(path)
    survey = read_survey(path, some_items)
    assert survey.kind == kind
    assert survey.excluded == {"respondent's number repeated": 15}
    assert_true(tabulated(path, some_items), made.truth)


def test_parquet_and_numbers_with_a_decimal_point(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    floats = made.frame.with_columns(pl.col("^Q.*$").cast(pl.Float64))
    floats.write_parquet(tmp_path / "a.parquet")
    assert_true(tabulated(tmp_path / "a.parquet", some_items), made.truth)
    floats.write_csv(tmp_path / "a.csv")
    assert_true(tabulated(tmp_path / "a.csv", some_items), made.truth)


def test_subpopulations_by_value_and_by_bin(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    made.write_csv(tmp_path / "a.csv")
    by = ["sex=Q260", "age=Q262:3,6"]
    counts = read_survey(tmp_path / "a.csv", some_items, by=by).microdata.counts()
    assert counts.columns[-2:] == ["sex", "age"]
    assert set(counts["age"]) == {"<3", "3-<6", "6+", "missing"}
    apart = (
        made.frame.unique("D_INTERVIEW")
        .filter(pl.col("Q262").is_between(3, 5), B_COUNTRY_ALPHA="USA", Q260=2)
        .group_by("Q1")
        .len()
    )
    found = counts.filter(country="USA", sex="2", age="3-<6", question="Q1").filter(pl.col("n") > 0)
    assert dict(found.select("code", "n").rows()) == dict(apart.rows())
    whole = counts.group_by("country", "question", "code").agg(pl.col("n", "weighted_n").sum())
    assert_true(whole.filter(pl.col("n") > 0), made.truth)


def test_files_that_are_not_surveys(some_items: dict[str, Item], tmp_path: Path) -> None:
    def said(content: bytes) -> str:
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(SurveyError) as caught:
            read_survey(tmp_path / "file", some_items)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert "the file is empty" in said(b"")
    assert "not a survey file that doxa knows" in said(b"a,b\n1,2\n")
    assert "no table with columns" in said(b"some words\nand more\n")
    assert "is it damaged" in said(b"\x00\x01\x02\x03" * 99)
    assert "not UTF-8" in said("Q1,B_COUNTRY,año\n1,2,3\n".encode("latin-1"))
    assert "none of the items" in said(b"B_COUNTRY,W_WEIGHT\n392,1\n")
    assert "holds no respondents" in said(b"B_COUNTRY,W_WEIGHT,Q1\n")
    assert "every answer is missing" in said(b"B_COUNTRY,W_WEIGHT,Q1\n392,1,-1\n")
    assert "no variable A_" not in said(b"B_COUNTRY,Q1\n392,1\n")
    with pytest.raises(SurveyError, match="no such file"):
        read_survey(tmp_path / "absent.csv", some_items)


def test_a_hundred_thousand_respondents(items: Mapping[str, Item], tmp_path: Path) -> None:
    few = {name: items[name] for name in ("Q1", "Q182", "Q241")}
    made = synthetic(100_000, few, n_columns=296, seed=1)
    made.write_csv(tmp_path / "a.csv")
    assert_true(tabulated(tmp_path / "a.csv", few), made.truth)
