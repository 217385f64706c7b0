"""Reading Excel's xlsx: small sheets through fastexcel, large ones as a stream.

A country's file is small, but the file of all countries has 97,000 rows and 600 columns. Libraries
for xlsx hold a whole sheet in memory, at about a hundred bytes per cell. Reading as a stream takes
several times as long but needs little memory.
"""

from __future__ import annotations

import itertools
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree
from xml.parsers import expat

import polars as pl

from doxa.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    ReadProgress = Callable[
        [int, int], None
    ]  # takes the number of bytes read and that of all bytes

__all__ = ["headers", "read"]

# The cells of a row that are not empty, by the letters of their column.
_Row = dict[str, str]

_HELD_WHOLE: Final = 400 << 20
"""The largest sheet, in bytes of XML, to read whole; that takes about three times the memory."""

_BATCH: Final = 10_000
_PIECE: Final = 1 << 20
_DIGITS: Final = "0123456789"


def headers(path: Path) -> list[str]:
    """Give the cells of the first row of the first sheet.

    Raises
    ------
    ValueError
        The file is damaged.
    """
    return list(_header(path).values())


def read(
    path: Path,
    columns: Sequence[str],
    n_rows: int | None = None,
    progress: ReadProgress | None = None,
) -> pl.DataFrame:
    """Read columns of the first sheet.

    Parameters
    ----------
    path : Path
        The file.
    columns : sequence of str
        Their headers.
    n_rows : int, optional
        How many rows to read from the top. Default: all.
    progress : callable, optional
        Called from time to time with the bytes read and the total bytes, while a large sheet is
        read.

    Returns
    -------
    polars.DataFrame
        Text; null for an empty cell.

    Raises
    ------
    ValueError
        The file is damaged.
    MissingExtraError
        fastexcel is not installed.
    """
    if n_rows is None and _size(path) <= _HELD_WHOLE:
        return _read_whole(path, columns)
    places = {header: letters for letters, header in _header(path).items()}
    batches = [pl.DataFrame(schema=dict.fromkeys(columns, pl.String))]
    with _rows(path, {places[column] for column in columns}, progress) as rows:
        chosen = itertools.islice(rows, 1, None if n_rows is None else n_rows + 1)
        while batch := list(itertools.islice(chosen, _BATCH)):
            batches.append(
                pl.DataFrame(
                    [
                        pl.Series(name, [row.get(places[name]) for row in batch], dtype=pl.String)
                        for name in columns
                    ]
                )
            )
    return pl.concat(batches)


def _read_whole(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    try:
        import fastexcel
    except ImportError:
        raise MissingExtraError("fastexcel", "survey") from None
    book = fastexcel.read_excel(path)
    return pl.DataFrame(book.load_sheet(0, use_columns=list(columns), dtypes="string"))


def _header(path: Path) -> _Row:
    with _rows(path, None) as rows:
        return next(rows, {})


@contextmanager
def _rows(
    path: Path, wanted: Collection[str] | None, progress: ReadProgress | None = None
) -> Iterator[Iterator[_Row]]:
    """Iterate over the non-empty rows of the first sheet, with all columns or the wanted ones."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_first_sheet(archive)) as sheet:
            size = archive.getinfo(_first_sheet(archive)).file_size
            finished: list[_Row] = []
            parser = _parser(_shared_strings(archive), wanted, finished)

            def rows() -> Iterator[_Row]:
                while piece := sheet.read(_PIECE):
                    parser.Parse(piece)
                    if progress is not None:
                        progress(sheet.tell(), size)
                    yield from finished
                    finished.clear()
                parser.Parse(b"", True)

            yield rows()
    except (expat.ExpatError, ElementTree.ParseError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(str(error)) from None
    except (KeyError, IndexError, EOFError, StopIteration) as error:
        raise ValueError(f"a part is missing ({error})") from None


def _parser(
    strings: Sequence[str], wanted: Collection[str] | None, finished: list[_Row]
) -> expat.XMLParserType:
    """Make a parser of a sheet that appends each row to `finished`."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    row: _Row = {}
    letters, kind, text = "", "", ""
    reading = holds_something = False
    names: dict[str, str] = {}  # short names of the elements that are read, by full name

    def start(element: str, attributes: dict[str, str]) -> None:
        nonlocal letters, kind, text, reading, holds_something
        if not names:
            space = element.rpartition(" ")[0]
            names.update({f"{space} {name}": name for name in ("row", "c", "v", "t")})
        name = names.get(element)
        if name == "c":
            letters = attributes["r"].rstrip(_DIGITS)
            kind = attributes.get("t", "")
            text = ""
        elif name == "v" or name == "t":
            holds_something = True
            reading = wanted is None or letters in wanted

    def characters(piece: str) -> None:
        nonlocal text
        if reading:
            text += piece

    def end(element: str) -> None:
        nonlocal row, reading, holds_something
        name = names.get(element)
        if name == "v" or name == "t":
            reading = False
        elif name == "c":
            if text:
                row[letters] = strings[int(text)] if kind == "s" else text
        elif name == "row":
            if holds_something:
                finished.append(row)
            row, holds_something = {}, False

    parser.StartElementHandler = start
    parser.CharacterDataHandler = characters
    parser.EndElementHandler = end
    return parser


def _size(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        return max(part.file_size for part in archive.infolist())


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """Find the part that holds the first sheet."""
    sheet = next(_elements(archive, "xl/workbook.xml", "sheet"))
    relation = next(value for name, value in sheet.attrib.items() if name.endswith("}id"))
    for target in _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship"):
        if target.attrib["Id"] == relation:
            part = target.attrib["Target"]
            return part.removeprefix("/") if part.startswith("/") else f"xl/{part}"
    raise KeyError(relation)


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    """Read the texts that cells refer to by number; a text may come in runs."""
    part = "xl/sharedStrings.xml"
    if part not in archive.namelist():
        return []
    return [
        "".join(run.text or "" for run in entry.iter() if _local(run) == "t")
        for entry in _elements(archive, part, "si")
    ]


def _elements(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[ElementTree.Element]:
    with archive.open(part) as file:
        for _, element in ElementTree.iterparse(file):
            if _local(element) == name:
                yield element


def _local(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]
