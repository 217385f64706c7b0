"""The parts of an xlsx file, read as a stream of XML: its sheets, shared texts and rows."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from doxa.survey.budget import MOST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from doxa.files.unpack import Archive
    from doxa.survey.budget import Budget

__all__ = ["Row", "Sheet", "is_plain", "rows", "shared_texts", "sheets"]

Row = dict[int, str]
"""The cells of a row that are not empty, by the number of their column, from 0."""

_TEXTS: Final = "xl/sharedStrings.xml"
_ROW_ELEMENTS: Final = ("row", "c", "v", "t", "f")
_ROW: Final = re.compile(rb'<row r="([0-9]+)"')
_LETTERS: Final = re.compile(r"[A-Z]{1,3}")
_DIGITS: Final = "0123456789"
_LONGEST_NUMBER: Final = 12
_DEEPEST: Final = 100
_LONGEST_TEXT: Final = 1 << 20
_BYTES_PER_TEXT: Final = 64
_BYTES_PER_SHEET: Final = 1000
_PIECE: Final = 1 << 20
_ROWS_PIECE: Final = 1 << 16  # small, because often only the first rows are asked for
# An XML parser must hold whole what stands between two "<".
_LONGEST_TAG: Final = (b"<", 4 << 20)

# What fastexcel may hold at once: at most about 1.2 GiB.
_MOST_CELLS: Final = 10_000_000
_MOST_TEXT: Final = 512 << 20
_LARGEST_PART: Final = 256 << 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, and the member of the archive that holds it."""

    name: str
    part: str


def sheets(archive: Archive, budget: Budget) -> list[Sheet]:
    """List the sheets: those that show, then the hidden ones.

    Raises
    ------
    FileError, ValueError
        The file is damaged, or has no sheets.
    """
    named: list[tuple[str, str, bool]] = []
    targets: dict[str, str] = {}

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            relation = next(v for key, v in attributes.items() if key.endswith(" id"))
            hidden = attributes.get("state", "visible") != "visible"
            budget.spend(_BYTES_PER_SHEET)
            named.append((attributes["name"], relation, hidden))

    def relationship(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes["Type"].endswith("/worksheet"):
            part = attributes["Target"]
            targets[attributes["Id"]] = part[1:] if part.startswith("/") else f"xl/{part}"

    _elements(archive, "xl/workbook.xml", budget, sheet)
    if len({name for name, _, _ in named}) < len(named):
        raise ValueError("two sheets have the same name")
    _elements(archive, "xl/_rels/workbook.xml.rels", budget, relationship)
    found = [(Sheet(name, targets[key]), hidden) for name, key, hidden in named if key in targets]
    if not found:
        raise ValueError("it has no sheet")
    return [one for one, hidden in found if not hidden] + [one for one, hidden in found if hidden]


def shared_texts(archive: Archive, budget: Budget) -> list[str]:
    """Read the texts that cells refer to by number; a text may come in runs.

    Raises
    ------
    FileError, ValueError
        The file is damaged, or the texts are too large.
    """
    texts: list[str] = []
    pieces: list[str] = []
    reading = spoken = False  # within a piece of text; within a note on how text is spoken

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal reading, spoken
        reading = name == "t" and not spoken
        spoken = spoken or name == "rPh"

    def characters(piece: str) -> None:
        if reading:
            budget.spend(len(piece))
            pieces.append(piece)

    def end(name: str) -> None:
        nonlocal reading, spoken
        reading = False
        if name == "rPh":
            spoken = False
        elif name == "si":
            budget.spend(_BYTES_PER_TEXT)
            texts.append("".join(pieces))
            pieces.clear()

    if _TEXTS in archive.names:
        _elements(archive, _TEXTS, budget, start, characters, end)
    return texts


def rows(
    archive: Archive,
    part: str,
    texts: Sequence[str],
    budget: Budget,
    wanted: Collection[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Row]:
    """Iterate over the rows of a sheet that hold something, with all columns or the wanted ones.

    Raises
    ------
    FileError, ValueError
        The file is damaged, takes too long, or has a formula without a value.
    """
    finished: list[Row] = []
    parser = _row_parser(texts, budget, wanted, finished)
    size = archive.claimed(part)
    done = 0
    with archive.open(part, longest=_LONGEST_TAG) as stream, _parsing():
        while piece := stream.read(_ROWS_PIECE):
            parser.Parse(piece)
            done += len(piece)
            budget.spend(0)
            if progress is not None:
                progress(done, size)
            yield from finished
            finished.clear()
        parser.Parse(b"", True)


def is_plain(archive: Archive, sheet: Sheet, texts: Sequence[str], last_place: int) -> bool:
    """Tell whether a sheet is of the usual form, and small enough to be held whole.

    Holding a sheet means holding all rows and columns up to the last cell, and each cell's text.

    Parameters
    ----------
    archive, sheet, texts
        The file, one of its sheets, and its shared texts.
    last_place : int
        The number of the last column with a header.

    Raises
    ------
    FileError
        The file is damaged.
    """
    if any(archive.claimed(name) > _LARGEST_PART for name in archive.names):
        return False
    letters = 1 if last_place < 26 else 2 if last_place < 702 else 3
    digits = len(str(_MOST_CELLS // 26**letters)) - 1
    # Cells and rows that are written in another way or lie outside; formulas; comments and the like
    odd = (
        re.compile(rb'<c(?=[\s/>])(?! r="[A-Z]{1,%d}[0-9]{1,%d}"[ />])' % (letters, digits)),
        re.compile(rb'<row(?=[\s/>])(?! r="[0-9]{1,%d}"[ />])' % digits),
        re.compile(rb"<f[\s/>]"),
        re.compile(rb":(?:c|row|f)[\s/>]"),
        re.compile(rb"<!"),
    )
    longest = max(map(len, texts), default=0)
    n_cells = 0
    first_row = rest = b""
    with archive.open(sheet.part, longest=_LONGEST_TAG) as stream:
        while piece := stream.read(_PIECE):
            whole, mark, last = (rest + piece).rpartition(b"<")
            rest = mark + last
            if any(pattern.search(whole) for pattern in odd):
                return False
            n_cells += whole.count(b"<c ")
            first_row = first_row or b"".join(_ROW.findall(whole)[:1])
    return first_row == b"1" and n_cells * longest <= _MOST_TEXT


def _row_parser(
    texts: Sequence[str],
    budget: Budget,
    wanted: Collection[int] | None,
    finished: list[Row],
) -> expat.XMLParserType:
    """Make a parser of a sheet that appends each row to `finished`."""
    row: Row = {}
    kind, place = "", -1
    pieces: list[str] = []
    in_cell = reading = holds_something = has_formula = False
    depth = length = 0
    names: dict[str, str] = {}  # short names of the elements that are read, by full name
    places: dict[str, int] = {}  # numbers of columns, by their letters

    def start(element: str, attributes: dict[str, str]) -> None:
        nonlocal kind, place, depth, in_cell, reading, holds_something, has_formula, length
        if not names:
            space = element.rpartition(" ")[0]
            names.update({f"{space} {name}".strip(): name for name in _ROW_ELEMENTS})
        name = names.get(element)
        if name == "c":
            if in_cell:
                raise ValueError("a cell within a cell")
            in_cell, has_formula, length = True, False, 0
            letters = attributes.get("r", "").rstrip(_DIGITS)
            if letters:
                place = places.get(letters, -1)
                if place < 0:
                    place = places[letters] = _place(letters)
            else:  # a cell may leave out where it is: it follows the one before
                place += 1
            kind = attributes.get("t", "")
            return
        depth += 1
        if depth > _DEEPEST:
            raise ValueError("elements within elements without end")
        if name == "v" or name == "t":
            reading = in_cell and (wanted is None or place in wanted)
            holds_something = True
        elif name == "f":
            has_formula = True

    def characters(piece: str) -> None:
        nonlocal length
        if reading:
            pieces.append(piece)
            length += len(piece)
            if length > _LONGEST_TEXT:
                raise budget.refusal("has a cell of more than 1,000,000 characters")

    def end(element: str) -> None:
        nonlocal row, place, depth, in_cell, reading, holds_something
        name = names.get(element)
        if name != "c":
            depth -= 1
        if name == "v" or name == "t":
            reading = False
        elif name == "c":
            in_cell = False
            if pieces:
                text = "".join(pieces)
                pieces.clear()
                if kind == "s":
                    if not text.isdecimal() or len(text) > _LONGEST_NUMBER:
                        raise ValueError(f"a cell refers to text {text[:20]!r}")
                    text = texts[int(text)]
                elif kind == "b":
                    text = "true" if text == "1" else "false"
                elif kind == "e":
                    text = ""
                if len(text) > _BYTES_PER_TEXT:
                    budget.spend(len(text))
                if text:
                    if len(row) >= MOST_COLUMNS:
                        raise budget.refusal(f"has a row of more than {MOST_COLUMNS} cells")
                    row[place] = text
            elif has_formula and (wanted is None or place in wanted):
                raise budget.refusal(
                    "holds a formula without its value: open it in a spreadsheet program and save"
                )
        elif name == "row":
            if holds_something:
                finished.append(row)
            row, place, holds_something = {}, -1, False

    parser = _new_parser()
    parser.StartElementHandler = start
    parser.CharacterDataHandler = characters
    parser.EndElementHandler = end
    return parser


def _place(letters: str) -> int:
    """Give the number of a column, from 0, by its letters: A, B, …, Z, AA, …."""
    if not _LETTERS.fullmatch(letters):
        raise ValueError(f"a cell in column {letters[:10]!r}: no sheet has one")
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _elements(
    archive: Archive,
    part: str,
    budget: Budget,
    start: Callable[[str, dict[str, str]], None],
    characters: Callable[[str], None] | None = None,
    end: Callable[[str], None] | None = None,
) -> None:
    """Call functions for the elements of a part, by their short names."""
    depth = 0

    def starts(element: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise ValueError("elements within elements without end")
        start(element.rpartition(" ")[2], attributes)

    def ends(element: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(element.rpartition(" ")[2])

    parser = _new_parser()
    parser.StartElementHandler = starts
    parser.CharacterDataHandler = characters
    parser.EndElementHandler = ends
    with archive.open(part, longest=_LONGEST_TAG) as stream, _parsing():
        while piece := stream.read(_PIECE):
            parser.Parse(piece)
            budget.spend(0)
        parser.Parse(b"", True)


def _new_parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    raise ValueError("it declares a document type, as no spreadsheet program does")


@contextmanager
def _parsing() -> Iterator[None]:
    try:
        yield
    except expat.ExpatError as error:
        raise ValueError(str(error)) from None
    except (KeyError, IndexError, StopIteration) as error:
        raise ValueError(f"a part is missing ({error})") from None
