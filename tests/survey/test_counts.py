from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import SurveyError
from doxa.survey import COUNT_COLUMNS, check_counts, read_counts

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "wave,country,question,code,n\n7,JPN,Q1,1,3\n7,JPN,Q1,2,1\n7,JPN,Q1,-1,5\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "counts.csv"
    path.write_text(text)
    return path


def test_optional_columns_are_filled_in(tmp_path: Path) -> None:
    counts = read_counts(write(tmp_path, GOOD))
    assert counts.columns == list(COUNT_COLUMNS)
    assert counts["survey"].unique().to_list() == ["counts"]
    assert counts["weighted_n"].to_list() == [3, 1, 5]
    assert counts["n_effective"].to_list() == [4, 4, 4]
    assert read_counts(tmp_path / "counts.csv", survey="Mine")["survey"][0] == "Mine"


def test_parquet_is_told_by_content_and_round_trips(tmp_path: Path) -> None:
    counts = read_counts(write(tmp_path, GOOD))
    counts.write_parquet(tmp_path / "oddly_named.csv")
    assert read_counts(tmp_path / "oddly_named.csv").equals(counts)


def test_further_columns_are_kept_as_keys() -> None:
    frame = pl.DataFrame(
        {"wave": 7, "country": "JPN", "question": "Q1", "code": 1, "sex": ["f", "m"], "n": [2, 5]}
    )
    counts = check_counts(frame, "frame", survey="S")
    assert counts.columns == [*COUNT_COLUMNS, "sex"]
    assert counts["n_effective"].to_list() == [2, 5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wave,country,question,n\n7,JPN,Q1,3\n", "no column 'code'"),
        ("wave,country,question,code,n\n", "holds no counts"),
        (GOOD.replace("1,3", "x,3"), "row 0, column 'code': 'x' is not a whole number"),
        (GOOD.replace("1,3", "1.5,3"), "row 0, column 'code': '1.5' is not a whole number"),
        (GOOD.replace("2,1", "2,many"), "row 1, column 'n': 'many' is not a number"),
        (GOOD.replace("2,1", "2,-1"), r"row 1 .*n -1.0\): n must be a finite number, 0 or more"),
        (GOOD.replace("2,1", "2,NaN"), "row 1 .*finite"),
        (GOOD.replace("2,1", "1,1"), "row 0 .*repeated"),
        (GOOD.replace("7,JPN,Q1,2", ",JPN,Q1,2"), "row 1 .*a value is missing"),
        (GOOD.replace("JPN,Q1,2", "Japan,Q1,2"), "row 1 .*country Japan.*alpha-3"),
        ("wave,country,question,code,n,n_effective\n7,JPN,Q1,1,3,4\n7,JPN,Q1,2,3,5\n", "the same"),
        ("", "neither Parquet nor CSV"),
    ],
)
def test_bad_counts_name_file_row_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SurveyError, match=message) as caught:
        read_counts(write(tmp_path, text))
    assert "counts.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_fractional_code_in_a_frame_is_refused() -> None:
    frame = pl.DataFrame(
        {"wave": [7], "country": ["JPN"], "question": ["Q1"], "code": [1.5], "n": [1]}
    )
    with pytest.raises(SurveyError, match=r"row 0, column 'code': 1.5 is not a whole number"):
        check_counts(frame, "frame")


def test_a_missing_or_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(SurveyError, match="no such file"):
        read_counts(tmp_path / "absent.csv")
    with pytest.raises(SurveyError, match=r"no manifest.json: name a folder of imports, or a file"):
        read_counts(tmp_path)
