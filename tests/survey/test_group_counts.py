from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from doxa.errors import SurveyError
from doxa.questionnaire.group import CATEGORIES, age_band
from doxa.survey import check_counts, read_survey, synthetic
from doxa.survey.group_counts import group_counts
from doxa.survey.subpopulations import subpopulations_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item


def test_personas_have_the_categories_by_which_answers_are_split() -> None:
    assert set(CATEGORIES) == set(subpopulations_table())
    for name, readings in subpopulations_table().items():
        for reading in readings:
            found = tuple(dict.fromkeys(reading.groups.values()))
            if name == "age":
                found = tuple(str(age_band(one)) for one in found)
            assert found == CATEGORIES[name], name


@pytest.fixture
def file(items: Mapping[str, Item], tmp_path: Path) -> Path:
    """A wave-7 file with sexes, ages and levels of education."""
    few = {name: items[name] for name in ("Q1", "Q57")}
    made = synthetic(600, few, countries=("JPN", "USA"))
    rng = np.random.default_rng(1)
    path = tmp_path / "file.csv"
    made.frame.with_columns(
        Q260=rng.integers(1, 3, 600), Q262=rng.integers(18, 90, 600), Q275=rng.integers(0, 9, 600)
    ).write_csv(path)
    return path


def test_groups_are_counted_from_any_finer_split(items: Mapping[str, Item], file: Path) -> None:
    few = {name: items[name] for name in ("Q1", "Q57")}
    groups = ["sex=female", "sex=female,age=60+", "age=60+", ""]
    truth = {
        "sex=female": ["Q260 = 2 AS g"],
        "sex=female,age=60+": ["Q260 = 2 AND Q262 >= 60 AS g"],
        "age=60+": ["Q262 >= 60 AS g"],
    }
    measures = ("n", "weighted_n", "n_effective")
    for by in (["sex", "age:30,60"], ["sex", "age:60", "education"]):
        fine = read_survey(file, few, by=by).microdata.counts()
        found = group_counts(fine, groups).sort("people", "country", "question", "code")
        for group, grouping in truth.items():
            coarse = read_survey(file, few, by=grouping).microdata.counts()
            wanted = coarse.filter(g="true").sort("country", "question", "code")
            given = found.filter(people=group, n=pl.col("n")).filter(pl.col("n") > 0)
            assert given.select("country", "question", "code").equals(
                wanted.select("country", "question", "code")
            )
            for name in measures:
                np.testing.assert_allclose(given[name], wanted[name])
        whole = read_survey(file, few).microdata.counts().sort("country", "question", "code")
        np.testing.assert_allclose(found.filter(people="")["weighted_n"], whole["weighted_n"])


def test_a_group_that_the_counts_lack_has_no_rows(items: Mapping[str, Item], file: Path) -> None:
    few = {name: items[name] for name in ("Q1", "Q57")}
    counts = read_survey(file, few, by=["sex", "age"]).microdata.counts()
    found = group_counts(counts, ["age=60+", "sex=male", "income=low"])
    assert found["people"].unique().to_list() == ["sex=male"]


def test_published_shares_are_taken_whole_and_not_added_up() -> None:
    cell = {"wave": 7, "country": "JPN", "question": "Q1", "survey": "W"}
    rows = [cell | {"sex": sex, "age": age, "code": code, "share": 0.5}
            for sex in ("male", "female") for age in ("<30", "30+") for code in (1, 2)]  # fmt: skip
    counts = check_counts(pl.DataFrame(rows), "mine")
    assert group_counts(counts, ["sex=male,age=<30"])["share"].to_list() == [0.5, 0.5]
    with pytest.raises(SurveyError, match="published shares by age cannot be put together"):
        group_counts(counts, ["sex=male"])
