"""Whether a sheet is read at once or as a stream, the cells are the same."""

from __future__ import annotations

import os
import signal
import threading
import time
import zipfile
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from doxa.survey import read_survey, workbook, xlsx
from doxa.survey.xlsx import Book

from .books import SHEET, cells, craft, sheet

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
        sheet.write_row(5, 1, [2, True, False])
    return path


@pytest.fixture
def streaming(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "is_plain", lambda *_: False)


def at_once(path: Path, columns: list[str]) -> pl.DataFrame:
    """Read a sheet, and see that it wasn't streamed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Book, "_stream", None)
        return Book(path).read(columns)


def test_a_stream_gives_what_the_library_gives(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Book(book).headers == HEADER
    whole = at_once(book, HEADER)
    monkeypatch.setattr(workbook, "is_plain", lambda *_: False)
    monkeypatch.setattr(xlsx, "_BATCH", 2)
    streamed = Book(book).read(HEADER)
    assert_frame_equal(streamed, whole)
    assert streamed["Q1: Family"].to_list() == [
        "Don't know", "Very important", "Not at all important", None,
    ]  # fmt: skip
    assert streamed["text"].to_list() == ["a < b & c", "“zwölf”", " spaced ", "false"]
    assert_frame_equal(Book(book).read(["weight", "Q2"], 1), whole.select("weight", "Q2")[:1])


@pytest.mark.usefixtures("streaming")
def test_reading_a_large_sheet_says_how_far_it_is(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "_ROWS_PIECE", 100)
    told: list[tuple[int, int]] = []
    Book(book).read(HEADER[:1], progress=lambda done, size: told.append((done, size)))
    done, sizes = zip(*told, strict=True)
    assert len(told) > 2
    assert list(done) == sorted(done)
    assert {done[-1]} == set(sizes)


@pytest.mark.usefixtures("streaming")
def test_a_large_sheet_gives_the_truth(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    made.write_xlsx(tmp_path / "a.xlsx")
    counts = read_survey(tmp_path / "a.xlsx", some_items).microdata.counts()
    found = counts.filter(pl.col("n") > 0).select(made.truth.columns)
    keys = ["country", "question", "code"]
    assert_frame_equal(found.sort(keys), made.truth.sort(keys), abs_tol=1e-9)


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml"])
def test_damage_is_told(book: Path, tmp_path: Path, part: str) -> None:
    for name, content in (("cut.xlsx", b"<worksheet><row"), ("empty.xlsx", b"")):
        with zipfile.ZipFile(book) as whole, zipfile.ZipFile(tmp_path / name, "w") as other:
            for entry in whole.namelist():
                other.writestr(entry, content if entry == part else whole.read(entry))
        with pytest.raises(ValueError, match=r"no element found|unclosed token"):
            Book(tmp_path / name)


def test_a_hidden_or_empty_first_sheet_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("old").write_row(0, 0, ["x", "y"])
        book.add_worksheet("empty")
        data = book.add_worksheet("data")
        data.write_row(0, 0, HEADER)
        data.write_row(1, 0, ["1", "2", "3", "4"])
        data.activate()
        book.get_worksheet_by_name("old").hide()
    assert Book(path).headers == HEADER
    assert Book(path).notes == ("sheet 'data' is read, 'empty', 'old' not",)
    assert at_once(path, HEADER).rows() == Book(path).read(HEADER).rows() == [("1", "2", "3", "4")]


def test_a_report_tells_which_of_several_sheets_was_read(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    made.write_xlsx(tmp_path / "a.xlsx")
    assert not any("sheet" in note for note in read_survey(tmp_path / "a.xlsx", some_items).notes)
    rows = [made.frame.columns, *made.frame.rows()]
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        sheet = book.add_worksheet("answers")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        for number in range(5):
            book.add_worksheet(f"notes {number}")
    assert "sheet 'answers' is read, 'notes 0', 'notes 1', 'notes 2' and 2 more not" in (
        read_survey(tmp_path / "b.xlsx", some_items).notes
    )


def test_columns_without_a_header_are_not_headers(tmp_path: Path) -> None:
    path = craft(
        tmp_path / "a.xlsx", {SHEET: sheet(cells(["a", "", "c", "a"], ["1", "2", "3", "4"]))}
    )
    assert Book(path).headers == ["a", "c", "a"]
    assert at_once(path, ["c", "a"]).rows() == [("3", "1")]


def test_a_sheet_that_does_not_begin_at_its_first_cell_is_streamed(tmp_path: Path) -> None:
    body = '<row r="2"><c r="B2"><v>5</v></c><c r="C2"><v>6</v></c></row>' + cells(
        ["", "x", "y"], first=3
    )
    path = craft(tmp_path / "a.xlsx", {SHEET: sheet(body)})
    assert Book(path).headers == ["5", "6"]
    assert Book(path).read(["6", "5"]).rows() == [("y", "x")]


def test_the_last_cell_far_away_does_not_end_the_program(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>7</v></c></row>'
    path = craft(tmp_path / "a.xlsx", {SHEET: sheet(cells(["a", "b"], ["1", "2"]) + far)})
    assert Book(path).read(["a", "b"]).rows() == [("1", "2")]


@pytest.mark.alone
def test_ctrl_c_is_heard_while_the_library_reads(
    book: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    fastexcel = pytest.importorskip("fastexcel")
    monkeypatch.setattr(fastexcel, "read_excel", lambda _: time.sleep(5))
    # a shell that starts the tests in the background has them ignore Ctrl-C
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    start = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        Book(book).read(HEADER)
    assert time.monotonic() - start < 1


def test_what_the_library_cannot_read_is_streamed(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fastexcel = pytest.importorskip("fastexcel")

    def panic(_: bytes) -> None:
        raise BaseException("a panic")

    whole = Book(book).read(HEADER)
    monkeypatch.setattr(fastexcel, "read_excel", panic)
    assert_frame_equal(Book(book).read(HEADER), whole)
