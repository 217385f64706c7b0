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
    assert not counts["weighted"].any()
    assert counts["source"].unique().to_list() == ["counts.csv"]
    assert counts["share"].is_null().all()
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
        ("wave,country,question,code\n7,JPN,Q1,3\n", "no column 'n' or 'share'"),
        ("wave,country,question,code,n\n", "holds no counts"),
        (GOOD.replace("1,3", "x,3"), "line 2, column 'code': 'x' is not a whole number"),
        (GOOD.replace("1,3", "1.5,3"), "line 2, column 'code': '1.5' is not a whole number"),
        (GOOD.replace("2,1", "2,many"), "line 3, column 'n': 'many' is not a number"),
        (GOOD.replace("2,1", "2,-1"), r"line 3 .*n -1.0\): n must be a finite number, 0 or more"),
        (GOOD.replace("2,1", "2,NaN"), "line 3 .*finite"),
        (GOOD.replace("2,1", "1,1"), "line 2 .*repeated"),
        (GOOD.replace("7,JPN,Q1,2", ",JPN,Q1,2"), "line 3 .*a value is missing"),
        (GOOD.replace("JPN,Q1,2", "Japan,Q1,2"), "line 3 .*country Japan.*alpha-3"),
        ("wave,country,question,code,n,n_effective\n7,JPN,Q1,1,3,4\n7,JPN,Q1,2,3,5\n", "the same"),
        ("", "empty CSV"),
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
    with pytest.raises(SurveyError, match=r"row 1, column 'code': 1.5 is not a whole number"):
        check_counts(frame, "frame")


def test_a_missing_or_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(SurveyError, match="no such file"):
        read_counts(tmp_path / "absent.csv")
    with pytest.raises(SurveyError, match=r"no manifest.json: name a folder of imports, or a file"):
        read_counts(tmp_path)


SHARES = "wave,country,question,code,share\n7,JPN,Q1,1,0.75\n7,JPN,Q1,2,0.25\n"
FULL = (
    "wave,country,question,code,n,share,share_unweighted,rounding,weighted\n"
    "7,JPN,Q1,1,,0.75,0.7,0.005,true\n7,JPN,Q1,2,,0.25,0.3,0.005,true\n"
    "7,USA,Q1,1,30,,,,\n7,USA,Q1,2,10,,,,\n"
)


def test_published_shares_have_no_counts(tmp_path: Path) -> None:
    counts = read_counts(write(tmp_path, SHARES))
    assert counts["share"].to_list() == [0.75, 0.25]
    nothing = ("n", "weighted_n", "n_effective", "respondents", "rounding", "weighted")
    assert all(counts[name].is_null().all() for name in nothing)


def test_counts_and_published_shares_in_one_file(tmp_path: Path) -> None:
    counts = read_counts(write(tmp_path, FULL.replace("30,,,,", "30,,,,false")
                               .replace("10,,,,", "10,,,,false")))  # fmt: skip
    assert counts["weighted"].to_list() == [True, True, False, False]
    assert counts.filter(country="USA")["n_effective"].to_list() == [40, 40]
    assert counts.filter(country="JPN")["n_effective"].is_null().all()


def test_weights_without_respondents_are_taken_for_published_shares() -> None:
    rows = {"wave": 7, "country": "JPN", "question": "Q1", "code": [1, 2]}
    old = pl.DataFrame(rows).with_columns(
        n=pl.lit(None, pl.Float64), weighted_n=pl.Series([30.0, 10.0])
    )
    counts = check_counts(old, "frame")
    assert counts["share"].to_list() == [0.75, 0.25]
    assert counts["weighted_n"].is_null().all()


def test_weights_that_change_nothing_in_a_country_are_none() -> None:
    rows = {"wave": 7, "question": "Q1", "code": 1, "n": 3.0}
    frame = pl.DataFrame({**rows, "country": ["JPN", "USA"], "weighted_n": [3.0, 2.5]})
    assert check_counts(frame, "frame")["weighted"].to_list() == [False, True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SHARES.replace("0.75", "75"), "line 2 .*share 75.0.*from 0 to 1"),
        (SHARES.replace("0.25", "0.35"), "line 2 .*add up to more than 1"),
        (SHARES.replace("0.75", "0").replace("0.25", "0"), "line 2 .*are 0: leave it out"),
        (SHARES.replace("0.25", ""), "line 3 .*neither n nor share"),
        (FULL.replace("2,,0.25,0.3", "2,10,,0.3"), "line 2 .*counts or shares, not both"),
        (FULL.replace("0.25,0.3", "0.25,"), "line 2 .*share_unweighted must be there on all rows"),
        (FULL.replace("0.005", "0.5"), "line 2 .*rounding 0.5.*half the last digit"),
        (FULL.replace("0.3,0.005", "0.3,0.05"), "line 2 .*rounding must be the same"),
        (FULL.replace("true", "perhaps"), "column 'weighted': 'perhaps' is not true or false"),
    ],
)
def test_bad_shares_name_file_row_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SurveyError, match=message) as caught:
        read_counts(write(tmp_path, text))
    assert "counts.csv" in str(caught.value)


def test_a_name_with_brackets_is_no_pattern(tmp_path: Path) -> None:
    for name, n in (("h[1]", 3), ("h1", 8)):
        frame = pl.DataFrame(
            {"wave": [7], "country": ["JPN"], "question": ["Q1"], "code": [1], "n": [float(n)]}
        )
        for ending in (".csv", ".parquet"):
            with (tmp_path / f"{name}{ending}").open("wb") as file:
                frame.write_csv(file) if ending == ".csv" else frame.write_parquet(file)
    for ending in (".csv", ".parquet"):
        assert read_counts(tmp_path / f"h[1]{ending}")["n"].to_list() == [3.0]
