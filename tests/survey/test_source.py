from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import SurveyError
from doxa.survey import read_survey
from doxa.survey.source import first_line, open_source

from .truth import assert_true, tabulated

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey import Synthetic


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_zip_is_read_as_it_is(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, kind: str
) -> None:
    getattr(made, f"write_{kind}")(tmp_path / f"a.{kind}")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / f"a.{kind}", f"folder/a.{kind}")
        archive.writestr("readme.pdf", b"terms of use")
    assert_true(tabulated(tmp_path / "a.zip", some_items), made.truth)


@pytest.mark.parametrize("kind", ["csv", "sav", "dta", "xlsx", "parquet"])
def test_a_truncated_file_is_an_error(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, kind: str
) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "parquet":
        made.frame.write_parquet(path)
    else:
        getattr(made, f"write_{kind}")(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 - 7])
    with pytest.raises(SurveyError, match=r"cut short or damaged|download it again"):
        read_survey(path, some_items)


def test_zips_with_no_or_several_data_files(some_items: dict[str, Item], tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "x,y\n")
        archive.writestr("b.sav", "")
    with pytest.raises(SurveyError, match=r"it holds a.csv, b.sav: unpack it"):
        read_survey(tmp_path / "a.zip", some_items)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("readme.pdf", "")
    with pytest.raises(SurveyError, match="it holds none"):
        read_survey(tmp_path / "b.zip", some_items)


def test_headers_may_continue_after_the_name(tmp_path: Path) -> None:
    pl.DataFrame({"Q1: Family": [1, 2], "w": [0.5, 1.5]}).write_csv(tmp_path / "a.txt")
    with open_source(tmp_path / "a.txt") as source:
        assert (source.kind, source.name) == ("csv", str(tmp_path / "a.txt"))
        assert source.headers == {"Q1": "Q1: Family", "w": "w"}
        frame = source.read(["w", "Q1"], types={"w": pl.Float64, "Q1": pl.Int8}, n_rows=1)
    assert frame.columns == ["w", "Q1"]
    assert frame.rows() == [(0.5, 1)]


def test_the_first_line_of_a_file_or_of_the_one_in_a_zip(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\ufeffa,b\n1,2\n", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "a.csv", "a.csv")
    assert first_line(tmp_path / "a.csv") == first_line(tmp_path / "a.zip") == "a,b"
    with pytest.raises(SurveyError, match="cannot be read"):
        first_line(tmp_path / "absent.csv")
