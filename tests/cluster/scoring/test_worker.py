from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from score.made_pairs import METRICS, pairs

from doxa.cluster.scoring.worker import FROM, Job, score_block, score_rows
from doxa.errors import DoxaError, FileError, InvalidDistributionError
from doxa.score import ScorePart, combine_parts, score_part
from doxa.score.part import PairColumns

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS: dict[str, Any] = {"metrics": METRICS, "groups": ["country"], "items": "item"}


def job(**options: Any) -> Job:
    usual = {"model": "model", "human": "human", "scale": "ordinal", "scale_column": None}
    columns = PairColumns.of(**{**usual, "positions": None, "n_threads": 1, **OPTIONS, **options})
    return Job.of(columns, 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    pairs(300).write_parquet(tmp_path / "pairs.parquet", row_group_size=70)
    return tmp_path / "pairs.parquet"


def test_rows_of_a_file_and_blocks_in_memory_give_the_same_part(file: Path) -> None:
    parts: list[Any] = [
        score_rows(job(), str(file), "", 120, 100, 30),
        score_block(job(), pl.read_parquet(file)[120:220].to_arrow()),
    ]
    expected = combine_parts([score_part(pl.read_parquet(file)[120:220], **OPTIONS)])
    for part in parts:
        assert isinstance(part, ScorePart)
        assert part.n_rows == 100
        assert combine_parts([part]).equals(expected)


def test_no_rows_give_an_empty_part(file: Path) -> None:
    pl.read_parquet(file).clear().write_parquet(file)
    part = score_rows(job(), str(file), "", 0, 0, 30)
    assert isinstance(part, ScorePart)
    assert part.n_rows == 0


def test_what_is_wrong_comes_back_as_a_value(file: Path) -> None:
    frame = pl.read_parquet(file)
    model = frame["model"].to_list()
    model[130] = [0.5, 0.6]
    frame = frame.with_columns(model=pl.Series(model))
    frame.write_parquet(file)
    error = score_rows(job(), str(file), "pairs.parquet", 120, 100, 30)
    assert isinstance(error, InvalidDistributionError)
    assert (str(error)[:28], error.row) == ("pairs.parquet: model row 130", 130)
    error = score_block(job(), frame.to_arrow())
    assert isinstance(error, InvalidDistributionError)
    assert error.row == FROM + 130
    error = score_rows(job(), str(file.with_name("none.parquet")), "", 0, 9, 9)
    assert isinstance(error, FileError)
    assert "no such file or directory) (on " in str(error)


def test_another_version_is_refused() -> None:
    other = job()._replace(version="0.0.1")
    error = score_block(other, None)
    assert type(error) is DoxaError
    assert "and this process 0.0.1: install the same" in str(error)


def test_nothing_that_starts_threads_is_loaded_before_a_task_says_how_many() -> None:
    code = (
        "import sys, doxa.cluster.scoring.worker, doxa.cluster.scoring.dataset\n"
        "print({'polars', 'numpy', 'ray', 'doxa._core'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    frame = pairs(50_000).select("country", "model", "human")
    large = tmp_path / "large.parquet"
    pl.concat([frame] * 40).write_parquet(large, row_group_size=20_000)
    code = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from doxa.score.parquet import ParquetFile, part_of_rows\n"
        "from doxa.score.part import PairColumns\n"
        "columns = PairColumns.of(model='model', human='human', metrics='alignment',\n"
        "    scale='ordinal', scale_column=None, positions=None, groups=['country'], items=None,\n"
        "    n_threads=1)\n"
        "file = ParquetFile(Path(sys.argv[1]), '')\n"
        "for rows in (500_000, 2_000_000):\n"
        "    part_of_rows(file, columns, 0, rows, 20_000)\n"
        "    status = Path('/proc/self/status').read_text()\n"
        "    print(int(re.search(r'VmHWM:\\s+(\\d+)', status)[1]) * 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(large)],
        check=True, capture_output=True, text=True,
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
    )  # fmt: skip
    few, many = map(int, done.stdout.split())
    assert many - few < frame.estimated_size() * 30 / 4
