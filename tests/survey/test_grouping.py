from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.errors import InvalidArgumentError, SurveyError
from doxa.survey import Grouping, read_survey

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey import Synthetic

PEOPLE = pl.DataFrame(
    {"sex": ["1", "2", "1", "-2"], "age": ["20", "61", None, "70"], "town": ["A", "B", "B", "A"]}
)


def groups(text: str, frame: pl.DataFrame = PEOPLE) -> list[str]:
    return Grouping.parse(text).values(frame, "file").to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sex", ["1", "2", "1", "missing"]),
        ("home = town", ["A", "B", "B", "A"]),
        ("age:30,65", ["<30", "30-<65", "missing", "65+"]),
        ("age >= 60 AS older", ["false", "true", "missing", "true"]),
        ("age >= 60 AND town = 'A' AS older", ["false", "false", "missing", "true"]),
        ("FLOOR(age / 10) * 10 as decade", ["20", "60", "missing", "70"]),
        # Without the rule about missing values, ELSE would take in those without an age.
        ("CASE WHEN age < 30 THEN 'young' ELSE 'old' END AS stage",
         ["young", "old", "missing", "old"]),
        ("CASE WHEN age < 30 THEN 'young' END AS stage", ["young"] + ["missing"] * 3),
    ],
)  # fmt: skip
def test_valid_groupings(text: str, expected: list[str]) -> None:
    assert groups(text) == expected


@given(
    st.lists(st.integers(0, 99), min_size=1, max_size=30),
    st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True),
)
def test_bins_hold_what_their_names_say(ages: list[int], cuts: list[int]) -> None:
    rising = sorted(cuts)
    frame = pl.DataFrame({"age": ages})
    for age, group in zip(ages, groups(f"age:{','.join(map(str, rising))}", frame), strict=True):
        below = [cut for cut in rising if cut <= age]
        above = [cut for cut in rising if cut > age]
        low, high = (below[-1] if below else None), (above[0] if above else None)
        assert group == (f"<{high}" if low is None else f"{low}+" if high is None
                         else f"{low}-<{high}")  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("age:60,30", "write increasing cuts"),
        ("age:thirty", "write increasing cuts"),
        ("age >= 60", "name its result, with AS"),
        ("1 + 1 AS two", "use a variable of the file"),
        ("(age >= 60 AS older", "unable to parse .*: write Q260, sex=Q260"),
        ("age >= 60) AS older", "invalid expression .*: write Q260, sex=Q260"),
        ("country=B_COUNTRY", "country is a column of counts: choose another name"),
    ],
)
def test_invalid_groupings(text: str, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        Grouping.parse(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("town:1,2", "file: row 2: town 'A' is not a number"),
        ("AVG(age) AS mean", "gives 1 values for 4 respondents"),
        ("town > 5 AS large", "file: grouping 'town > 5 AS large': cannot compare"),
    ],
)
def test_expressions_that_do_not_fit_the_file(text: str, message: str) -> None:
    with pytest.raises(SurveyError, match=message) as caught:
        groups(text)
    assert "\n" not in str(caught.value)


def test_counts_by_an_expression(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    made.write_csv(path)
    by = ["Q262 >= 5 AND Q260 >= 0 AS older", "sex=Q260"]
    counts = read_survey(path, some_items, by=by).microdata.counts()
    assert counts.columns[-2:] == ["older", "sex"]
    older = made.frame.unique("D_INTERVIEW").filter(
        pl.col("Q262") >= 5, pl.col("Q260") == 2, B_COUNTRY_ALPHA="NIR"
    )
    found = counts.filter(country="NIR", older="true", sex="2", question="Q1")
    expected = dict(older.group_by("Q1").len().rows())
    assert dict(found.filter(pl.col("n") > 0).select("code", "n").rows()) == expected
    with pytest.raises(
        SurveyError,
        match=r"no variable Q999 for the grouping key odd: .*, or name one of sex, age, ",
    ):
        read_survey(path, some_items, by=["Q262 + Q999 AS odd"])
    with pytest.raises(InvalidArgumentError, match="give each its own name"):
        read_survey(path, some_items, by=["sex=Q260", "sex=Q262"])
