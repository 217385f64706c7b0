from __future__ import annotations

import polars as pl
import pytest

from doxa.analysis.parts.notes import SCORE_NOTES, finish, note, say


def test_notes_are_joined_and_none_give_an_empty_string() -> None:
    table = pl.DataFrame({"n": [0, 3, 9]})
    few, none = say(pl.col("n") < 5, "few"), say(pl.col("n") == 0, "none")
    assert table.select(note(few, none))["note"].to_list() == ["few; none", "few", ""]


@pytest.mark.parametrize(
    ("n_items", "std_error", "low", "expected"),
    [
        (0, None, None, "no item in common"),
        (1, None, None, "one item: no interval"),
        (1, 0.1, 0.2, ""),  # one item may have an interval where respondents are drawn
        (4, 0.1, None, "fewer than five items: no interval"),
        (9, 0.1, 0.2, ""),
    ],
)
def test_a_mean_without_an_interval_says_why(
    n_items: int, std_error: float | None, low: float | None, expected: str
) -> None:
    row = pl.DataFrame(
        {"n_items": [n_items], "std_error": [std_error], "low": [low]},
        schema_overrides={"std_error": pl.Float64, "low": pl.Float64},
    )
    assert row.select(note(*SCORE_NOTES)).item() == expected


def test_an_interval_needs_two_items_and_nan_becomes_null() -> None:
    table = pl.DataFrame({
        "n_items": [0, 1, 2], "estimate": [float("nan"), 0.5, 0.6], "low": [0.1, 0.2, 0.3],
        "human_high": [0.4, 0.5, 0.6], "std_error": [0.0, 0.0, 0.1], "p_value": [1.0, 1.0, 0.5],
        "highest": [0.7, 0.8, 0.9],
    })  # fmt: skip
    found = finish(table, say(pl.col("n_items") == 1, "ask more"))
    assert found.columns == [*table.columns, "resampled", "note"]
    assert found["estimate"].to_list() == [None, 0.5, 0.6]
    for name in ("low", "human_high", "std_error", "p_value"):
        assert found[name].is_null().to_list() == [True, True, False]
    assert found["highest"].to_list() == [0.7, 0.8, 0.9]
    assert found["resampled"].to_list() == ["items"] * 3
    assert found["note"].to_list() == [
        "no item has a value", "one item: no interval; ask more", "",
    ]  # fmt: skip
