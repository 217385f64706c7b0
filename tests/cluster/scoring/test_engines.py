"""The programs of docs/how-to/scoring.md run as they stand, and give the bits of one machine."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from score.made_pairs import pairs

import doxa

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "scoring.md"
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    frame = pairs(600)
    for number, (start, rows) in enumerate([(0, 250), (250, 350)]):
        frame[start : start + rows].write_parquet(
            tmp_path / f"{number}.parquet", row_group_size=100
        )
    return tmp_path


def check(engine: str, folder: Path, **given: Any) -> None:
    [program] = [text for text in PROGRAMS if engine in text]
    assert len([line for line in program.splitlines() if line]) <= 10
    names: dict[str, Any] = {"folder": folder, **given}
    exec(compile(program, str(PAGE), "exec"), names)
    expected = doxa.score_parquet(folder, groups=["country"], items="item", resample="items")
    assert isinstance(names["table"], pl.DataFrame)
    assert names["table"].equals(expected)


def test_duckdb(folder: Path) -> None:
    check("duckdb", folder)


def test_dask(folder: Path) -> None:
    check("dask", folder)


@pytest.fixture
def spark(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not here")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    session = sql.SparkSession.builder.master("local[2]").getOrCreate()
    yield session
    session.stop()


@pytest.mark.alone
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")
def test_spark(folder: Path, spark: Any) -> None:
    check("spark", folder, spark=spark)


@pytest.mark.alone
@pytest.mark.cluster
@pytest.mark.usefixtures("cluster")
def test_ray(folder: Path) -> None:
    check("doxa.cluster", folder)
