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
        (b"a,b,c\n1,2,3\n1,2", "line 3 has 2 cells, the first line has 3: download it again"),
        (b"a,b,c\n1,2,3\n1,2,3,4\n5,6,7\n", "line 3 has 4 cells, the first line has 3"),
        (b'a,b\n"1\n1",2\n\n"1,1"\n', "line 5 has 1 cells, the first line has 2"),
        (b"a,b,c\n1,2,3\n1,\x002,3\n", "neither CSV"),
        (b"a,b,c\r1,2,3\r4,5,6\r", "its lines end in CR alone"),
        ("a,b\n1,2\n".encode("utf-16"), "its text is UTF-16: save it as UTF-8"),
        ("\ufeffa,b\n1,2\n".encode("utf-32-le"), "its text is UTF-32: save it as UTF-8"),
        (b'a,b\n1,"2\n3,4\n', "quotes that are opened are not closed"),
        (b"a," * 60_000 + b"b\n", "its first line has 60001 cells"),
        (b"a," * (3 << 20), "its first line does not end"),
        (b"a,b\n" + b"1" * 200_000 + b',"2"\n', "line 2: field larger than field limit"),
    ],
    ids=range(14),
)
def test_text_that_is_not_a_table_is_an_error(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(SurveyError, match=f"mine: {message}"):
        delimited.contents(tmp_path / "a.csv", "mine", content)


def test_a_nul_byte_far_down_is_told(tmp_path: Path) -> None:
    content = b"a,b\n" + b"1,2\n" * 50_000 + b"1,\x00\n"
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(SurveyError, match="mine: line 50002 has a NUL byte"):
        delimited.contents(tmp_path / "a.csv", "mine", content[: 1 << 16])


def test_lines_are_numbered_over_all_of_a_large_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "_BLOCK", 50)
    lines = ["a;b", *['"1\n2";3'] * 40, "4;5", "6;7;8"]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SurveyError, match="line 83 has 3 cells"):
        delimited.contents(tmp_path / "a.csv", "mine", b"a;b\n")


def test_a_cell_of_another_type_makes_all_columns_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a;b\n1;2\n3;x\n", encoding="utf-8")
    table = delimited.contents(tmp_path / "a.csv", "mine", b"a;b\n")
    assert table == delimited.Table(("a", "b"), ";", 3)
    types = dict.fromkeys(table.columns, pl.Int8)
    assert delimited.read(tmp_path / "a.csv", table, ["a"], types, None)["a"].to_list() == [1, 3]
    assert delimited.read(tmp_path / "a.csv", table, ["b", "a"], types, None).rows() == [
        ("2", "1"), ("x", "3"),
    ]  # fmt: skip
    assert delimited.read(tmp_path / "a.csv", table, ["a"], types, 1)["a"].to_list() == [1]
