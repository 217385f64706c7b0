"""A streamed sheet holds what fastexcel reads from it."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from doxa.survey import read_survey, xlsx

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey import Synthetic

xlsxwriter = pytest.importorskip("xlsxwriter")

HEADER = ["Q1: Family", "Q2", "weight", "text"]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A file with shared strings, runs of formatted text, numbers, holes and an empty row."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet("data")
        workbook.add_worksheet("second").write_row(0, 0, ["other"])
        bold = workbook.add_format({"bold": True})
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["Don't know", 1, 0.25, "a < b & c"])
        sheet.write_row(3, 0, ["Very important", None, 1.5, "“zwölf”"])
        sheet.write_rich_string(4, 0, "Not at all ", bold, "important")
        sheet.write_row(4, 1, [-5, 3, " spaced "])
        sheet.write_number(5, 1, 2)
    return path


def test_a_stream_gives_what_the_library_gives(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert xlsx.headers(book) == HEADER
    whole = xlsx.read(book, HEADER)
    monkeypatch.setattr(xlsx, "_HELD_WHOLE", 0)
    monkeypatch.setattr(xlsx, "_BATCH", 2)
    streamed = xlsx.read(book, HEADER)
    assert_frame_equal(streamed, whole.filter(~pl.all_horizontal(pl.all().is_null())))
    assert streamed["Q1: Family"].to_list() == [
        "Don't know", "Very important", "Not at all important", None,
    ]  # fmt: skip
    assert_frame_equal(xlsx.read(book, ["weight", "Q2"], 1), whole.select("weight", "Q2")[:1])


def test_reading_a_large_sheet_says_how_far_it_is(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "_HELD_WHOLE", 0)
    monkeypatch.setattr(xlsx, "_PIECE", 100)
    told: list[tuple[int, int]] = []
    xlsx.read(
        book, list(xlsx.headers(book))[:1], progress=lambda done, size: told.append((done, size))
    )
    done, sizes = zip(*told, strict=True)
    assert len(told) > 2
    assert list(done) == sorted(done)
    assert {done[-1]} == set(sizes)


def test_a_large_sheet_gives_the_truth(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.write_xlsx(tmp_path / "a.xlsx")
    monkeypatch.setattr(xlsx, "_HELD_WHOLE", 0)
    counts = read_survey(tmp_path / "a.xlsx", some_items).microdata.counts()
    found = counts.filter(pl.col("n") > 0).select(made.truth.columns)
    keys = ["country", "question", "code"]
    assert_frame_equal(found.sort(keys), made.truth.sort(keys), abs_tol=1e-9)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_damage_is_told(book: Path, tmp_path: Path, part: str) -> None:
    for name, content in (("cut.xlsx", b"<worksheet><row"), ("empty.xlsx", b"")):
        with zipfile.ZipFile(book) as whole, zipfile.ZipFile(tmp_path / name, "w") as other:
            for entry in whole.namelist():
                other.writestr(entry, content if entry == part else whole.read(entry))
        with pytest.raises(ValueError, match=r"no element found|unclosed token"):
            xlsx.headers(tmp_path / name)
