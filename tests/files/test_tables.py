from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

import doxa
from doxa.errors import FileError
from doxa.files import tables
from doxa.files.tables import (
    is_parquet,
    parquet_batches,
    parquet_columns,
    parquet_rows,
    parquet_schema,
    read_csv,
    read_parquet,
    scan_parquet,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGE = Path(doxa.__file__).parent
NAMES = ["h[1]", "h1", "*", "a", "?", "{a,b}", "**", "x#y%20", "~"]
FOLDERS = ["plain", "dir[x]", "dirx", "s*", "~", "a=1", "file:"]
READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "csv": (".csv", lambda path: read_csv(path)["n"][0]),
    "some columns": (".csv", lambda path: read_csv(path, columns=["n"], n_rows=1)["n"][0]),
    "parquet": (".parquet", lambda path: read_parquet(path)["n"][0]),
    "lazily": (".parquet", lambda path: scan_parquet(path).collect()["n"][0]),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("relative", [False, True])
def test_a_name_is_never_a_pattern_a_home_folder_or_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str, relative: bool
) -> None:
    ending, read = READERS[reader]
    monkeypatch.chdir(tmp_path)
    for folder in FOLDERS:
        (tmp_path / folder).mkdir()
        for name in NAMES:
            with Path(folder, name + ending).open("wb") as file:
                frame = pl.DataFrame({"n": [f"{folder} {name}"], "m": ["1"]})
                frame.write_csv(file) if ending == ".csv" else frame.write_parquet(file)
    start = Path() if relative else tmp_path
    for folder in FOLDERS:
        for name in NAMES:
            path = start / folder / (name + ending)
            assert read(path) == f"{folder} {name}"
            if ending == ".parquet":
                assert parquet_columns(path) == ["n", "m"]
                assert parquet_schema(path).names() == ["n", "m"]
                assert parquet_rows(path) == sum(b.height for b in parquet_batches(path, 1))
                assert is_parquet(path)


def test_a_missing_file_beside_one_that_its_pattern_matches_is_missing(tmp_path: Path) -> None:
    pl.DataFrame({"n": [1], "m": [2]}).write_csv(tmp_path / "h1.csv")
    with pytest.raises(FileError, match=r"h\[1\]\.csv: cannot be read \(no such file"):
        read_csv(tmp_path / "h[1].csv")


def test_everything_is_text_unless_a_type_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a;b\n1;x\n;-\n", encoding="utf-8")
    frame = read_csv(path, separator=";", types={"a": pl.Int64}, null_values=["-"])
    assert frame.rows() == [(1, "x"), (None, None)]
    with pytest.raises(FileError, match="damaged"):
        read_csv(path, separator=";", types={"b": pl.Int64})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x1f\x8b\x08\x00", "compressed \\(gzip\\): unpack it"),
        (b"\x28\xb5\x2f\xfd", "compressed \\(Zstandard\\): unpack it"),
        (b"x\x9c\x00", "compressed \\(zlib\\): unpack it"),
        (b"", "damaged"),
        (b"a,b\n\xff\xfe,1\n", "damaged"),
        (b"PAR1", "damaged"),
    ],
)
def test_a_damaged_file_is_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(FileError, match=said) as raised:
        read_parquet(path) if is_parquet(path) else read_csv(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)


def test_a_parquet_of_some_kilobytes_that_claims_billions_of_cells_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    rows = pl.select(pl.repeat(1, 1 << 20, dtype=pl.Int8)).to_series()
    pl.DataFrame({f"c{n}": rows for n in range(8)}).write_parquet(path)
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(tables, "_MOST_CELLS", 4 << 20)
    with pytest.raises(FileError, match="claims 1048576 rows of 8 columns"):
        read_parquet(path)
    assert read_parquet(path, columns=["c1"], n_rows=3)["c1"].to_list() == [1, 1, 1]
    assert read_parquet(path, columns=["c1"]).height == 1 << 20


SOURCES = [path for path in PACKAGE.rglob("*.py") if "node_modules" not in path.parts]


def test_only_this_file_gives_paths_to_the_readers_of_polars() -> None:
    found = {
        str(path.relative_to(PACKAGE))
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr.startswith(("read_", "scan_"))
        and isinstance(node.value, ast.Name)
        and node.value.id in ("pl", "polars")
    }
    in_memory = {"files/zstandard.py", "cluster/asking/batch.py"}
    allowed = {"files/tables.py", *in_memory}
    assert found == allowed


def test_some_rows_of_a_file_are_read_in_batches(tmp_path: Path) -> None:
    path = tmp_path / "numbers.parquet"
    pl.DataFrame({"n": range(1_000), "m": range(1_000)}).write_parquet(path, row_group_size=300)
    assert parquet_rows(path) == 1_000
    found = list(parquet_batches(path, 100, columns=["n"], first_row=250, n_rows=400))
    assert max(batch.height for batch in found) <= 100
    assert pl.concat(found)["n"].to_list() == list(range(250, 650))
    path.write_bytes(path.read_bytes()[:-4])
    for read in (parquet_rows, parquet_schema, lambda path: next(parquet_batches(path, 1))):
        with pytest.raises(FileError, match="cut short or damaged"):
            read(path)
