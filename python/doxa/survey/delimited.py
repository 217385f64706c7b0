"""Text files whose columns are separated by commas, semicolons or tabs: CSV."""

from __future__ import annotations

import codecs
import csv
import io
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import FileError, SurveyError
from doxa.files.tables import read_csv
from doxa.survey.budget import MOST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["contents", "read"]

_BLOCK: Final = 1 << 22
_LONGEST_HEADER: Final = 1 << 22
_LONGEST_CELL: Final = 1 << 24
# UTF-32 before UTF-16, whose mark begins the same
_ENCODINGS: Final = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def contents(path: Path, name: str, head: bytes) -> tuple[list[str], str]:
    """List the columns of a CSV file, find what separates them, and check each row's length.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        The file as the user named it, for messages.
    head : bytes
        Its beginning.

    Raises
    ------
    SurveyError
        The file is not UTF-8 text, is not a table, is cut short, or has a row of more or fewer
        cells than its first line.
    """
    for mark, encoding in _ENCODINGS.items():
        if head.startswith(mark):
            raise SurveyError(f"{name}: its text is {encoding}: save it as UTF-8")
    if b"\x00" in head:
        raise SurveyError(f"{name}: neither CSV, Parquet, SPSS, Stata nor xlsx: is it damaged?")
    columns, separator = _header(path, name)
    if len(columns) < 2:
        raise SurveyError(f"{name}: no table with columns in its first line: is it a CSV file?")
    if len(columns) > MOST_COLUMNS:
        raise SurveyError(f"{name}: its first line has {len(columns)} cells: is it a CSV file?")
    _check_rows(path, name, separator, len(columns))
    return columns, separator


def _header(path: Path, name: str) -> tuple[list[str], str]:
    with path.open("rb") as file:
        line = file.readline(_LONGEST_HEADER + 1)
    if len(line) > _LONGEST_HEADER:
        raise SurveyError(f"{name}: its first line does not end: is it a CSV file?")
    if b"\r" in line.rstrip(b"\r\n"):
        raise SurveyError(f"{name}: its lines end in CR alone: save it with LF or CRLF")
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise SurveyError(f"{name}: its text is not UTF-8: save it as UTF-8") from None
    separator = max(",;\t", key=text.count)
    return _cells(text, separator, name, 1), separator


def _cells(record: str, separator: str, name: str, number: int) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(record, newline=""), delimiter=separator), [])
    except csv.Error as error:
        raise SurveyError(f"{name}: line {number}: {error}: is it damaged?") from None


def _check_rows(path: Path, name: str, separator: str, n_columns: int) -> None:
    """Raise if a line holds more or fewer cells than the first one."""
    mark, expected = separator.encode(), {n_columns - 1}
    number = 1
    for block in _blocks(path, name):
        if b"\x00" in block:
            number += block[: block.index(b"\x00")].count(b"\n")
            raise SurveyError(f"{name}: line {number} has a NUL byte: is it damaged?")
        lines = block.removesuffix(b"\n").split(b"\n")
        if b'"' in block or {line.count(mark) for line in lines} != expected:
            _check_lines(lines, name, separator, n_columns, number)
        number += len(lines)


def _blocks(path: Path, name: str) -> Iterator[bytes]:
    """Give the file in pieces of whole records: quoted cells may hold line breaks."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            lines = [block, file.readline()]
            size, within = 0, (block + lines[1]).count(b'"') % 2
            while within and (line := file.readline(_BLOCK)):
                lines.append(line)
                size += len(line)
                within = (within + line.count(b'"')) % 2
                if size > _LONGEST_CELL:
                    break
            if within:
                raise SurveyError(f"{name}: quotes that are opened are not closed: is it damaged?")
            yield b"".join(lines)


def _check_lines(
    lines: Sequence[bytes], name: str, separator: str, n_columns: int, number: int
) -> None:
    record: list[bytes] = []
    within = 0
    for line in lines:
        record.append(line)
        within = (within + line.count(b'"')) % 2
        number += 1
        if within:  # a line break within quotes
            continue
        text = b"\n".join(record).decode("utf-8", "replace")
        first = number - len(record)
        record.clear()
        n_cells = len(_cells(text, separator, name, first)) if text.strip() else n_columns
        if n_cells != n_columns:
            raise SurveyError(
                f"{name}: line {first} has {n_cells} cells, the first line has {n_columns}: "
                "download it again if it is cut short, or quote cells that hold a separator"
            )


def read(
    path: Path,
    separator: str,
    columns: Sequence[str],
    types: Mapping[str, type[pl.DataType]],
    n_rows: int | None,
) -> pl.DataFrame:
    """Read some columns of a CSV file.

    Parameters
    ----------
    path, separator
        The file, and what separates its columns.
    columns : sequence of str
        Their headers.
    types : mapping of str to type
        What some of them should hold. If a cell holds something else, all columns are text.
    n_rows : int or None
        How many rows to read from the top; None for all.

    Raises
    ------
    FileError
        The file is damaged.
    """

    def attempt(overrides: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
        return read_csv(
            path,
            separator=separator,
            columns=columns,
            types=overrides,
            n_rows=n_rows,
            null_values=[""],
        )

    try:
        frame = attempt(types)
    except FileError:
        # A cell holds something else: a label, or damage that the caller will name.
        frame = attempt({})
    # An empty line is read as a row of nulls, but is not a respondent.
    if frame.width and frame.to_series(0).null_count():
        frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    return frame
