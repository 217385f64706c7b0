"""Frames on a terminal, for a program, in a file."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import made_up_groups
import polars as pl
import pytest
from made_up import made_up_evaluation
from rich.console import Console

from doxa.cli.frames import put_frame, show_frame
from doxa.evaluate import TABLES, make_table
from doxa.evaluate.tables import OF_PERSONAS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("width", [60, 100])
def test_every_table_fits_a_terminal(name: str, width: int) -> None:
    groups = name in OF_PERSONAS
    evaluation = made_up_groups.evaluation() if groups else made_up_evaluation()
    table = make_table(evaluation, name).head(5)
    page = io.StringIO()
    show_frame(table, title=TABLES[name].title, console=Console(file=page, width=width))
    lines = page.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert all(name.isidentifier() for name in TABLES)


def test_a_frame_shows_what_is_constant_once_and_intervals_beside_estimates() -> None:
    frame = pl.DataFrame(
        {
            "model": ["alpha", "alpha"],
            "country": ["JPN", "USA"],
            "n_items": [3, 4],
            "estimate": [0.5, 0.25],
            "low": [0.4, None],
            "high": [0.6, None],
            "note": [None, "one [item]"],
        }
    )
    page = io.StringIO()
    show_frame(frame, title="Numbers", console=Console(file=page, width=80))
    assert [line.split() for line in page.getvalue().splitlines()] == [
        [],
        ["Numbers"],
        ["model", "alpha"],
        ["country", "n_items", "estimate", "note"],
        ["JPN", "3", "0.500", "[0.400,", "0.600]"],
        ["USA", "4", "0.250", "one", "[item]"],
    ]


def test_a_program_gets_json_lines_and_a_file_its_rows(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    frame = pl.DataFrame({"x": [1, 2], "y": ["a", None]})
    put_frame(frame, title="t", as_json=True, out=None)
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == frame.to_dicts()
    put_frame(frame, title="t", as_json=False, out=tmp_path / "f.csv")
    assert pl.read_csv(tmp_path / "f.csv").equals(frame)
    assert "2 rows in" in capsys.readouterr().err


def test_a_small_number_is_not_shown_as_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    frame = pl.DataFrame({"country": ["AND", "BGD", "COL"], "rounding": [0.00042, 0.0, 0.0012]})
    put_frame(frame, title="Bounds", as_json=False, out=None)
    shown = capsys.readouterr().out
    assert "0.0004" in shown
    assert "0.000\n" in shown.replace(" ", "")
    assert "0.001" in shown


def test_the_keys_of_an_only_row_that_does_not_fit_stand_above_its_numbers() -> None:
    row = pl.DataFrame({"model": ["m" * 15], "language": ["en"], "asked": [4], "failed": [1]})
    narrow, wide = io.StringIO(), io.StringIO()
    show_frame(row, title="Asked", console=Console(file=narrow, width=40))
    assert narrow.getvalue().splitlines()[2:] == [
        f"model {'m' * 15} · language en",
        "asked  failed",
        "    4       1",
    ]
    show_frame(row, title="Asked", console=Console(file=wide, width=42))
    assert wide.getvalue().splitlines()[-1].split() == ["m" * 15, "en", "4", "1"]


def test_a_frame_without_rows_says_so() -> None:
    page = io.StringIO()
    show_frame(pl.DataFrame({"x": []}), title="Nothing", console=Console(file=page))
    assert page.getvalue().split() == ["Nothing", "no", "rows"]


def test_cells_and_names_of_columns_are_only_text() -> None:
    page = io.StringIO()
    frame = pl.DataFrame({"[/a]": ["\x1b[2Jx", "\\[/b]"], "n": [1, 2]})
    show_frame(frame, title="[/t]", console=Console(file=page, width=80))
    lines = [line.split() for line in page.getvalue().splitlines()]
    assert lines[1:] == [["[/t]"], ["[/a]", "n"], [r"\u001b[2Jx", "1"], ["\\[/b]", "2"]]
