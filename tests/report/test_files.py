from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from made_up import made_up_evaluation
from polars.testing import assert_frame_equal

from doxa.errors import ReportError
from doxa.evaluate import TABLES, make_table
from doxa.evaluate.tables import OF_PERSONAS
from doxa.report import write_tables

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every table of an evaluation, written once."""
    folder = tmp_path_factory.mktemp("tables") / "new"
    write_tables(folder, made_up_evaluation())
    return folder


def test_every_table_is_written_and_comes_back(folder: Path) -> None:
    assert {path.stem for path in folder.iterdir()} == set(TABLES) - set(OF_PERSONAS)
    for name in TABLES.keys() - set(OF_PERSONAS):
        table = make_table(made_up_evaluation(), name)
        assert_frame_equal(pl.read_parquet(folder / f"{name}.parquet"), table)


def test_csv_holds_the_same_numbers_as_parquet(folder: Path) -> None:
    for name in ("alignment", "steering"):
        table = pl.read_parquet(folder / f"{name}.parquet").select(pl.selectors.numeric())
        csv = pl.read_csv(folder / f"{name}.csv", schema_overrides=table.schema)
        assert_frame_equal(csv.select(table.columns), table, check_exact=True)


def test_lists_are_written_as_json_and_get_no_latex(folder: Path) -> None:
    csv = pl.read_csv(folder / "replies.csv")
    codes = make_table(made_up_evaluation(), "replies")["codes"]
    assert [json.loads(text) for text in csv["codes"]] == codes.to_list()
    assert not (folder / "replies.tex").exists()


def test_tables_of_numbers_are_written_for_latex(folder: Path) -> None:
    text = (folder / "scores.tex").read_text(encoding="utf-8")
    title = TABLES["scores"].title
    assert rf"\caption{{{title[:1].upper()}{title[1:]}. " in text
    scores = make_table(made_up_evaluation(), "scores")
    value, low, high = scores.select("alignment", "low", "high").row(0)
    assert f"& {value:.3f} {{[}}{low:.3f}, {high:.3f}] &" in text


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match=r"cannot write into .*; choose another place"):
        write_tables(tmp_path / "file", made_up_evaluation())
