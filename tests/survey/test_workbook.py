"""The parts of a spreadsheet are read as they are written, and hostile ones are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.files.unpack import open_archive
from doxa.survey import workbook
from doxa.survey.budget import Budget
from doxa.survey.xlsx import Book

from .books import SHEET, cells, craft, sheet, texts

if TYPE_CHECKING:
    from pathlib import Path

TWO = cells(["a", "b"], ["1", "2"])


def read(path: Path) -> list[tuple[str | None, ...]]:
    book = Book(path)
    return book.read(book.headers).rows()


def plain(path: Path) -> bool:
    with open_archive(path) as archive:
        shown = workbook.sheets(archive, Budget(path))[0]
        shared = workbook.shared_texts(archive, Budget(path))
        return workbook.is_plain(archive, shown, shared, 1)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ('<row r="2"><c r="A2"><v>5</v></c><c><v>6</v></c></row>', ("5", "6")),
        ("<row><c><v>5</v></c><c><v>6</v></c></row>", ("5", "6")),
        ('<row r="2"><c r="A2" t="b"><v>1</v></c><c r="B2" t="e"><v>#N/A</v></c></row>',
         ("true", None)),
        ('<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c t="str"><f>x</f><v>b</v></c></row>',
         ("2", "b")),
        ('<row r="2"><c r="A2"><v><![CDATA[7]]></v></c><!-- x --><c><v>8</v></c></row>',
         ("7", "8")),
    ],
)  # fmt: skip
def test_cells_of_every_form(tmp_path: Path, row: str, expected: tuple[str | None, ...]) -> None:
    path = craft(tmp_path / "a.xlsx", {SHEET: sheet(cells(["a", "b"]) + row)})
    assert read(path) == [expected]


def test_texts_come_in_runs_without_notes_on_how_they_are_spoken(tmp_path: Path) -> None:
    runs = "<r><t>東</t></r><r><t>京</t></r><rPh sb='0' eb='2'><t>トウキョウ</t></rPh>"
    body = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    parts = {
        SHEET: sheet(body + cells(["1", "2"], first=2)),
        "xl/sharedStrings.xml": texts(runs, "<t/>"),
    }
    path = craft(tmp_path / "a.xlsx", parts)
    assert Book(path).headers == ["東京"]


@pytest.mark.parametrize(
    "body",
    [
        TWO + '<row r="3"><c r="AAA3"><v>1</v></c></row>',
        TWO + '<row r="3"><c r="A999999"><v>1</v></c></row>',
        TWO + "<row r='999999'><c r='A3'><v>1</v></c></row>",
        TWO + '<row r="999999"><c r="A3"><v>1</v></c></row>',
        TWO + '<x:row xmlns:x="y" r="999999"/>',
        TWO + '<row r="3"><c t="s" r="A3"><v>1</v></c></row>',
        TWO + '<row r="3"><c r="A3"><f>1</f><v>1</v></c></row>',
        "<!-- x -->" + TWO,
        cells(["a", "b"], ["1", "2"], first=2),
    ],
)
def test_a_sheet_of_an_unusual_form_is_not_plain(tmp_path: Path, body: str) -> None:
    assert plain(craft(tmp_path / "a.xlsx", {SHEET: sheet(TWO)}))
    assert not plain(craft(tmp_path / "b.xlsx", {SHEET: sheet(body)}))


def test_long_texts_in_many_cells_are_not_plain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = {SHEET: sheet(TWO), "xl/sharedStrings.xml": texts(f"<t>{'x' * 100}</t>")}
    path = craft(tmp_path / "a.xlsx", parts)
    monkeypatch.setattr(workbook, "_MOST_TEXT", 400)
    assert plain(path)
    monkeypatch.setattr(workbook, "_MOST_TEXT", 399)
    assert not plain(path)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({SHEET: "<!DOCTYPE x [<!ENTITY a 'aa'>]>" + sheet(TWO)}, "declares a document type"),
        ({SHEET: sheet(cells(["a", "b"]) + "<row>" + "<x>" * 200)}, "without end"),
        ({SHEET: sheet(cells(["a", "b"]) + "<row><c>" + "<v>" * 200)}, "without end"),
        ({SHEET: sheet("<row>" + "<c>" * 9)}, "a cell within a cell"),
        ({SHEET: sheet(cells(["a", "b"]) + "<row><c r='AAAA2'><v>1</v></c></row>")}, "no sheet"),
        ({SHEET: sheet(cells(["a"]) + "<row><c r='A2'><f>1</f></c></row>")}, "without its value"),
        ({SHEET: sheet("<row><c t='s'><v>0</v></c></row>")}, "a part is missing"),
        ({SHEET: sheet("<row><c t='s'><v>-1</v></c></row>")}, "refers to text '-1'"),
        ({SHEET: sheet(cells(["a" * (1 << 20 | 1)]))}, "more than 1,000,000 characters"),
        ({"xl/sharedStrings.xml": "<!DOCTYPE x>" + texts("<t>a</t>")}, "declares a document type"),
        ({"xl/sharedStrings.xml": texts("<x>" * 200)}, "without end"),
        ({"xl/_rels/workbook.xml.rels": "<x/>"}, "it has no sheet"),
        ({SHEET: f"<worksheet a='{'x' * (6 << 20)}'/>"}, "goes on for more than"),
    ],
)
def test_hostile_parts_are_refused(tmp_path: Path, parts: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(craft(tmp_path / "a.xlsx", parts))


def test_a_row_of_a_million_cells_is_refused(tmp_path: Path) -> None:
    row = "".join(f'<c t="str"><v>{number}</v></c>' for number in range(60_000))
    with pytest.raises(ValueError, match="a row of more than 50000 cells"):
        Book(craft(tmp_path / "a.xlsx", {SHEET: sheet(f"<row>{row}</row>")}))
