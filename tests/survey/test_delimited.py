from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import SurveyError
from doxa.survey import delimited, read_survey

from .truth import assert_true, tabulated

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey import Synthetic


@pytest.mark.parametrize("bom", [False, True])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_and_byte_order_marks(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, separator: str, bom: bool
) -> None:
    made.write_csv(tmp_path / "a.csv", separator=separator, bom=bom)
    assert_true(tabulated(tmp_path / "a.csv", some_items), made.truth)


def test_empty_lines_are_not_respondents(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    made.write_csv(tmp_path / "a.csv")
    header, first, *lines = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()
    text = "\n".join([header, first, "", *lines, "", ""])
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert_true(tabulated(tmp_path / "a.csv", some_items), made.truth)


def test_text_that_is_not_utf_8_further_down(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    made.write_csv(tmp_path / "a.csv")
    content = (tmp_path / "a.csv").read_bytes().replace(b"synthetic", b"synth\xe9tic")
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(SurveyError, match="not UTF-8"):
        read_survey(tmp_path / "a.csv", some_items)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\x00b,c\n1,2\n", "neither CSV, Parquet, SPSS, Stata nor xlsx"),
        ("a\u00f1o,b\n1,2\n".encode("latin-1"), "its text is not UTF-8: save it as UTF-8"),
        (b"some words\nmore words\n", "no table with columns in its first line"),
        (b"a,b,c\n1,2,3\n1,2", "the last line is cut short: download it again"),
    ],
)
def test_text_that_is_not_a_table_is_an_error(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(SurveyError, match=f"mine: {message}"):
        delimited.contents(tmp_path / "a.csv", "mine", content)


def test_a_cell_of_another_type_makes_all_columns_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a;b\n1;2\n3;x\n", encoding="utf-8")
    columns, separator = delimited.contents(tmp_path / "a.csv", "mine", b"a;b\n")
    assert (columns, separator) == (["a", "b"], ";")
    types = dict.fromkeys(columns, pl.Int8)
    assert delimited.read(tmp_path / "a.csv", ";", ["a"], types, None)["a"].to_list() == [1, 3]
    assert delimited.read(tmp_path / "a.csv", ";", ["b", "a"], types, None).rows() == [
        ("2", "1"), ("x", "3"),
    ]  # fmt: skip
    assert delimited.read(tmp_path / "a.csv", ";", ["a"], types, 1)["a"].to_list() == [1]
