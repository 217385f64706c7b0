from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.errors import RecordingError
from doxa.recorded.source import Source, lines_of

from .made import read, study_row

if TYPE_CHECKING:
    from pathlib import Path

CELLS = st.lists(st.lists(st.text("a\n,", max_size=5), min_size=2, max_size=2), max_size=6)


@given(cells=CELLS)
def test_a_row_begins_on_the_line_that_an_editor_shows(
    cells: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("lines") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerows([["a", "b"], *([f"begin{cell}", other] for cell, other in cells)])
    table = pl.read_csv(path, infer_schema=False)
    lines = path.read_text(encoding="utf-8").split("\n")
    begins = [number for number, line in enumerate(lines, 1) if line.startswith('"begin')]
    assert lines_of(table) == begins


@pytest.mark.parametrize(
    ("ending", "place"), [("csv", "line 6"), ("jsonl", "line 3"), ("parquet", "row 2")]
)
def test_messages_name_the_line_or_row_that_a_reader_sees(
    tmp_path: Path, ending: str, place: str
) -> None:
    table = pl.DataFrame([study_row(response="a\nb\n\nc"), study_row(country="Atlantis")])
    path = tmp_path / f"a.{ending}"
    if ending == "csv":
        table.write_csv(path)
    elif ending == "parquet":
        table.write_parquet(path)
    else:
        first, second = table.write_ndjson().splitlines()
        path.write_text(f"{first}\n\n{second}\n", encoding="utf-8")
    with pytest.raises(RecordingError, match=f"a: {place}: no country 'Atlantis'"):
        read(tmp_path, path.read_bytes(), path.name)


def test_without_numbers_records_are_counted_from_1(tmp_path: Path) -> None:
    assert Source(tmp_path / "a.b.csv").place(0) == "row 1"
    assert Source(tmp_path / "a.b.csv").name == "a.b"
