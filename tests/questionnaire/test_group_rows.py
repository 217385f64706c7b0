from __future__ import annotations

import polars as pl
import pytest

from doxa.questionnaire.group_rows import NOT_GROUPS, group_rows, groupings_of, nearest_split
from doxa.survey import COUNT_COLUMNS

CELL = {"survey": "W", "wave": 7, "question": "Q1", "code": 1}


def rows(*cells: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame([CELL | cell for cell in cells], infer_schema_length=None)


def test_columns_of_counts_are_no_groups() -> None:
    assert set(COUNT_COLUMNS) == NOT_GROUPS
    assert groupings_of(rows({"country": "JPN", "sex": "male"})) == ["sex"]


def test_each_country_is_taken_from_its_nearest_split() -> None:
    counts = rows(
        {"country": "JPN", "sex": "male"},
        {"country": "JPN", "sex": "male", "age": "<30"},
        {"country": "USA", "sex": "male", "age": "<30"},
        {"country": "USA", "sex": "female", "age": "<30"},
        {"country": "COL"},
    )
    assert nearest_split(counts, ["sex"]).select("country", "sex", "age").rows() == [
        ("JPN", "male", None), ("USA", "male", "<30"), ("USA", "female", "<30"),
    ]  # fmt: skip
    assert group_rows(counts, "sex=male")["country"].to_list() == ["JPN", "USA"]
    assert group_rows(counts, "")["country"].to_list() == ["JPN", "USA", "USA", "COL"]


@pytest.mark.parametrize(
    ("group", "bands"),
    [
        ("age=30+", ["30-49", "50 or over"]),
        ("age=<50", ["29 or under", "30-49"]),
        ("age=30-49", ["30-49"]),
        ("age=40+", []),
        ("age=<31", []),
        ("age=0-120", ["29 or under", "30-49", "50 or over"]),
    ],
)
def test_ages_are_taken_where_bands_fill_them(group: str, bands: list[str]) -> None:
    ages = ("29 or under", "30-49", "50 or over", "missing")
    counts = rows(*({"country": "JPN", "age": age} for age in ages))
    assert group_rows(counts, group)["age"].to_list() == bands


def test_bands_with_a_gap_fill_nothing() -> None:
    counts = rows({"country": "JPN", "age": "<30"}, {"country": "JPN", "age": "50+"},
                  {"country": "USA", "age": "<30"}, {"country": "USA", "age": "30+"})  # fmt: skip
    assert group_rows(counts, "age=0-120")["country"].to_list() == ["USA", "USA"]


def test_counts_without_the_variable_have_no_such_group() -> None:
    assert group_rows(rows({"country": "JPN", "sex": "male"}), "sex=male,income=low").is_empty()
