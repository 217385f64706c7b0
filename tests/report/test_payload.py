from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.report.payload import axis_domain, difference_domain, overview
from doxa.report.tables import conditions_of, in_order
from doxa.report.words import STATUS_NAMES, STEERINGS, Names

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


@pytest.fixture(scope="module")
def data(frames: dict[str, pl.DataFrame], bank: QuestionBank) -> dict[str, Any]:
    names = Names(bank)
    conditions = conditions_of([frames["alignment"]], names)
    alignment = in_order(frames["alignment"], conditions, names)
    return overview(alignment, frames["replies"], frames["steering"], conditions, names)


def test_countries_and_languages_come_with_their_names(data: dict[str, Any]) -> None:
    assert data["countries"] == {"COL": "Colombia", "JPN": "Japan", "USA": "United States"}
    assert data["languages"] == {"en": "English", "es": "Spanish", "ja": "Japanese"}
    assert data["spoken"]["JPN"] == ["ja"]
    assert list(data["elicitations"]) == ["verbalized", "logprobs"]
    assert list(data["statuses"]) == list(STATUS_NAMES)
    assert list(data["steeringNames"]) == list(STEERINGS)


def test_rows_refer_to_conditions_and_hold_the_tables_numbers(
    data: dict[str, Any], frames: dict[str, pl.DataFrame]
) -> None:
    rows = pl.DataFrame(data["alignment"])
    assert rows.height == frames["alignment"].height
    assert set(rows["condition"]) == set(range(len(data["conditions"])))
    first = data["conditions"][rows["condition"][0]]
    row = frames["alignment"].filter(
        elicitation=rows["elicitation"][0], country=rows["country"][0],
        **{key: first[key] for key in ("steering", "language", "target")},
    )  # fmt: skip
    assert rows["estimate"][0] == round(row["estimate"].item(), 5)
    assert pl.DataFrame(data["steering"]).height == frames["steering"].height


def test_without_effects_there_are_no_rows_of_them(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    names = Names(bank)
    conditions = conditions_of([frames["alignment"]], names)
    found = overview(frames["alignment"], frames["replies"], None, conditions, names)
    assert set(map(len, found["steering"].values())) == {0}
    assert found["time"] is None


def test_the_page_can_read_it(data: dict[str, Any]) -> None:
    assert json.loads(json.dumps(data, allow_nan=False))["domains"]["forest"] == [0.6, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1))
def test_axis_holds_every_value(values: list[float]) -> None:
    low, high = axis_domain(pl.DataFrame({"x": values}), ("x",))
    assert 0 <= low < high
    assert low <= min(values) + 1e-8
    assert high >= max(values) - 1e-8


@given(st.lists(st.floats(-1, 1), min_size=1))
def test_axis_of_differences_holds_zero(values: list[float]) -> None:
    frame = pl.DataFrame({"estimate": values, "low": values, "high": values})
    low, high = difference_domain(frame)
    assert low <= min(0, *values)
    assert high >= max(0, *values)
    assert low < high


def test_axis_without_values() -> None:
    assert axis_domain(pl.DataFrame({"x": [None]}, schema={"x": pl.Float64}), ("x",)) == (0.0, 1.0)
