"""Text files whose columns are separated by commas, semicolons or tabs: CSV."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import polars as pl

from doxa.errors import SurveyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["contents", "read"]


def contents(path: Path, name: str, head: bytes) -> tuple[list[str], str]:
    """List the columns of a CSV file, and find what separates them.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        The file as the user named it, for messages.
    head : bytes
        Its beginning, the first line at least.

    Raises
    ------
    SurveyError
        The file is not UTF-8 text, is not a table, or is cut short.
    polars.exceptions.PolarsError
        Its first line cannot be read.
    """
    if b"\x00" in head:
        raise SurveyError(f"{name}: neither CSV, Parquet, SPSS, Stata nor xlsx: is it damaged?")
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    try:
        first = line.decode("utf-8")
    except UnicodeDecodeError:
        raise SurveyError(f"{name}: its text is not UTF-8: save it as UTF-8") from None
    separator = max(",;\t", key=first.count)
    columns = pl.read_csv(path, separator=separator, n_rows=0, infer_schema=False).columns
    if len(columns) < 2:
        raise SurveyError(f"{name}: no table with columns in its first line: is it a CSV file?")
    if not _ends_whole(path, separator, len(columns)):
        raise SurveyError(f"{name}: the last line is cut short: download it again")
    return columns, separator


def _ends_whole(path: Path, separator: str, n_columns: int) -> bool:
    """Tell whether the last line holds all columns; in a file cut short it may not."""
    reach = 1 << 20
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - reach))
        last = file.read().rstrip(b"\r\n").rsplit(b"\n", 1)[-1]
    cells = next(csv.reader([last.decode("utf-8", "replace")], delimiter=separator), [])
    return len(cells) >= n_columns


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
    polars.exceptions.PolarsError
        The file is damaged.
    """

    def attempt(overrides: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
        return pl.read_csv(
            path,
            separator=separator,
            columns=list(columns),
            schema_overrides=dict(overrides),
            infer_schema=False,
            n_rows=n_rows,
            null_values=[""],
        )

    try:
        frame = attempt(types)
    except pl.exceptions.ComputeError:
        # A cell holds something else: a label, or damage that the caller will name.
        frame = attempt({})
    # An empty line is read as a row of nulls, but is not a respondent.
    if frame.width and frame.to_series(0).null_count():
        frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    return frame
