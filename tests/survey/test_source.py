from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from contextlib import nullcontext
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


def test_of_several_columns_of_one_name_none_is_chosen(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("w,Q1: a,x,Q1: b,w\n1,2,3,4,5\n", encoding="utf-8")
    with open_source(tmp_path / "a.csv") as source:
        assert source.repeated == {"w", "Q1"}
        assert source.read(["x"]).rows() == [("3",)]
        for name in ("w", "Q1"):
            with pytest.raises(SurveyError, match=f"a.csv: has several columns {name}: keep the"):
                source.read([name])


def test_a_column_without_a_header_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,,: b,,c\n1,2,3,4,5\n", encoding="utf-8")
    with open_source(tmp_path / "a.csv") as source:
        assert list(source.headers) == ["a", "c"]
        assert source.read(["c", "a"]).rows() == [("5", "1")]


_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"content.xml": "", "mimetype": ""}, "is a file of LibreOffice .ods.: save it as xlsx"),
        ({"xl/workbook.bin": ""}, "is a file of Excel in binary .xlsb.: save it as xlsx or CSV"),
        ({"Index/Document.iwa": ""}, "is a file of Numbers: save it as xlsx or CSV"),
        ({"word/document.xml": ""}, "a zip must hold one data file; it holds none: unpack it"),
        (
            {f"{n}.csv": "" for n in range(9)},
            "a zip must hold one data file; it holds 0.csv, .*, 4.csv, …: un",
        ),
        (_OLE + bytes(99), "is a file of Excel before 2007 .xls.: save it as xlsx or CSV"),
        (_OLE + "EncryptedPackage".encode("utf-16-le"), "is locked with a password: save it"),
        (b"PK\x03\x04" + bytes(40), "the archive is cut short or damaged"),
        (b"", "the file is empty"),
    ],
)
def test_files_of_other_kinds_are_named(
    tmp_path: Path, members: dict[str, str] | bytes, message: str
) -> None:
    path = tmp_path / "a.xlsx"
    if isinstance(members, bytes):
        path.write_bytes(members)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    with pytest.raises(SurveyError, match=f"^{path}: {message}"), open_source(path):
        pass


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_zip_packed_in_another_way_is_told(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    with (
        pytest.raises(SurveyError, match=r"a.zip: a.csv is packed in a way that is not read"),
        open_source(tmp_path / "a.zip"),
    ):
        pass


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"a,b\n" + bytes(80 << 20))
    with (
        pytest.raises(SurveyError, match=r"a.zip: unpacks to more than 64 MiB"),
        open_source(tmp_path / "a.zip"),
    ):
        pass


def test_a_parquet_file_is_told_from_its_content(tmp_path: Path) -> None:
    pl.DataFrame({"Q1": [1, 2], "w": [0.5, 1.5]}).write_parquet(tmp_path / "a.csv")
    with open_source(tmp_path / "a.csv") as source:
        assert source.kind == "parquet"
        assert source.read(["w"], n_rows=1).rows() == [(0.5,)]


@pytest.mark.skipif(sys.platform == "win32", reason="the signal ends a process on Unix")
def test_a_process_that_is_ended_leaves_nothing_in_the_temporary_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "a,b\n" + "1,2\n" * 1000)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    program = (
        "import sys, time\n"
        "from doxa.survey.source import open_source\n"
        "with open_source(sys.argv[1]):\n"
        "    print('open', flush=True)\n"
        "    time.sleep(60)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "a.zip")],
        env=os.environ | {"TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with child, child.stdout or nullcontext() as lines:
        assert next(iter(lines or ())) == "open\n"
        child.terminate()
    assert child.returncode == -signal.SIGTERM
    assert not list(temporary.iterdir())
