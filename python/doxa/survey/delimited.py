"""Text files whose columns are separated by commas, semicolons or tabs: CSV."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.errors import FileError, SurveyError
from doxa.files.tables import read_csv
from doxa.survey.budget import MOST_COLUMNS, Budget

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Table", "contents", "read"]

_BLOCK: Final = 1 << 22
_LONGEST_HEADER: Final = 1 << 22
_LONGEST_LINE: Final = 1 << 24
# UTF-32 before UTF-16, whose mark begins the same
_ENCODINGS: Final = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file: its columns, what separates them, and how many lines it has."""

    columns: tuple[str, ...]
    separator: str
    n_lines: int


def contents(path: Path, name: str, head: bytes) -> Table:
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
    n_lines = _check_rows(path, name, separator, len(columns))
    return Table(tuple(columns), separator, n_lines)


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


def _check_rows(path: Path, name: str, separator: str, n_columns: int) -> int:
    """Count the lines; raise if one holds more or fewer cells than the first."""
    number = 1
    for block in _blocks(path, name):
        if b"\x00" in block:
            number += block[: block.index(b"\x00")].count(b"\n")
            raise SurveyError(f"{name}: line {number} has a NUL byte: is it damaged?")
        n_lines, even = _separators(block, separator)
        if b'"' in block or even != n_columns - 1:
            _check_lines(block, name, separator, n_columns, number)
        number += n_lines
    return number - 1


def _separators(block: bytes, separator: str) -> tuple[int, int | None]:
    """Count the lines of some text, and the separators in each; None where they differ."""
    text = np.frombuffer(block, np.uint8)
    starts = np.flatnonzero(text[:-1] == ord("\n")) + 1
    counts = np.add.reduceat(text == ord(separator), [0, *starts], dtype=np.intp)
    return len(counts), int(counts[0]) if (counts == counts[0]).all() else None


def _blocks(path: Path, name: str) -> Iterator[bytes]:
    """Give the file in pieces of whole records: quoted cells may hold line breaks."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            lines = [block]
            size, within = 0, block.count(b'"') % 2
            line = block
            while not line.endswith(b"\n") or within:
                line = file.readline(_BLOCK)
                size += len(line)
                if not line or size > _LONGEST_LINE:
                    break
                lines.append(line)
                within = (within + line.count(b'"')) % 2
            if size > _LONGEST_LINE:
                raise SurveyError(f"{name}: a line of more than 16 MiB: is it a CSV file?")
            if within:
                raise SurveyError(f"{name}: quotes that are opened are not closed: is it damaged?")
            yield b"".join(lines)


def _check_lines(block: bytes, name: str, separator: str, n_columns: int, number: int) -> None:
    """Raise if a record holds more or fewer cells than `n_columns`."""
    record: list[bytes] = []
    within = 0
    for line in block.removesuffix(b"\n").split(b"\n"):
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
    table: Table,
    columns: Sequence[str],
    types: Mapping[str, type[pl.DataType]],
    n_rows: int | None,
) -> pl.DataFrame:
    """Read some columns of a CSV file.

    Parameters
    ----------
    path, table
        The file, and what `contents` says of it.
    columns : sequence of str
        Their headers.
    types : mapping of str to type
        What some of them should hold. If a cell holds something else, all columns are text.
    n_rows : int or None
        How many rows to read from the top; None for all.

    Raises
    ------
    FileError, ValueError
        The file is damaged, or too large.
    """
    n_read = table.n_lines if n_rows is None else min(n_rows, table.n_lines)

    def attempt(overrides: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
        n_texts = sum(overrides.get(name, pl.String) == pl.String for name in columns)
        Budget(path).hold(n_read, n_texts, len(columns) - n_texts)
        return read_csv(
            path,
            separator=table.separator,
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
