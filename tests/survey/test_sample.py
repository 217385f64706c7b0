from __future__ import annotations

import runpy
from pathlib import Path

import polars as pl
import pytest

from doxa.errors import SurveyError
from doxa.survey import CITATION, TERMS, sample

ROOT = Path(__file__).resolve().parent.parent.parent
MEASURES = ["wave", "country", "question", "code", "n", "weighted_n", "n_effective"]


def test_the_shipped_file_is_what_its_script_makes() -> None:
    make = runpy.run_path(str(ROOT / "data" / "wvs" / "make_sample.py"))["make"]
    assert sample().equals(make())


def test_the_counts_are_those_of_the_oracle(oracle: Path) -> None:
    keys = MEASURES[:4]
    expected = pl.read_csv(oracle / "wvs_counts.csv").cast({"n": pl.Float64}).sort(keys)
    assert sample().select(MEASURES).sort(keys).equals(expected)


def test_waves_and_countries() -> None:
    fielded = sample().group_by("country").agg(pl.col("wave").unique().sort())
    assert dict(fielded.rows()) == {
        "BGD": [7], "COL": [5, 6, 7], "JPN": [5, 6, 7], "USA": [5, 6, 7],
    }  # fmt: skip
    assert sample(wave=6)["wave"].unique().to_list() == [6]
    with pytest.raises(SurveyError, match="no wave 4: it has 5, 6, 7"):
        sample(wave=4)


def test_wave_6_is_marked_as_unweighted() -> None:
    marked = sample().group_by("wave").agg(pl.col("weighted").unique())
    assert dict(marked.rows()) == {5: [True], 6: [False], 7: [True]}
    assert (sample(wave=6)["n"] == sample(wave=6)["weighted_n"]).all()


def test_effective_numbers_do_not_exceed_respondents() -> None:
    totals = (
        sample()
        .group_by("wave", "country", "question")
        .agg(pl.col("n").sum(), pl.col("n_effective").first())
    )
    assert (totals["n_effective"] <= totals["n"] + 0.01).all()


def test_the_source_is_named() -> None:
    assert "10.14281/18241.24" in CITATION
    assert "non-profit" in TERMS
