"""Tasks in flight, with a Ray that this file makes up; `test_score.py` has the real one."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from score.made_pairs import pairs

from cluster.scoring.test_worker import OPTIONS, job
from doxa.cluster.scoring.files import parts_of_files
from doxa.errors import DoxaError, InvalidArgumentError
from doxa.score import score_parquet
from doxa.score.combine import Resampling, Total
from doxa.score.parquet import parquet_files
from doxa.score.part import PairColumns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class LostError(Exception):
    """What Ray raises when a process is gone."""


class RaisedError(LostError):
    """What Ray raises when a task does."""

    cause = ZeroDivisionError("0 / 0")


class MadeUpRay:
    """Runs tasks in this process, and gives their results in any order."""

    exceptions = SimpleNamespace(RayError=LostError, RayTaskError=RaisedError)

    def __init__(self, seed: int, failing: dict[int, Exception] | None = None) -> None:
        self._random = random.Random(seed)
        self._failing = failing or {}
        self.sent: list[Any] = []
        self.most, self.cancelled = 0, 0
        self._open: set[int] = set()

    def remote(self, function: Callable[..., Any]) -> Any:
        def send(*arguments: Any) -> int:
            number = len(self.sent)
            self.sent.append((function, arguments))
            self._open.add(number)
            self.most = max(self.most, len(self._open))
            return number

        return SimpleNamespace(options=lambda **_: SimpleNamespace(remote=send))

    def put(self, value: Any) -> Any:
        return value

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 3.0}

    def wait(self, refs: list[int]) -> tuple[list[int], list[int]]:
        return [self._random.choice(refs)], []

    def get(self, ref: int) -> Any:
        self._open.discard(ref)
        if ref in self._failing:
            raise self._failing[ref]
        function, arguments = self.sent[ref]
        return function(*arguments)

    def cancel(self, ref: int, *, force: bool) -> None:
        assert force
        self._open.discard(ref)
        self.cancelled += 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    frame = pairs(500)
    for number, (start, rows) in enumerate([(0, 200), (200, 0), (200, 290), (490, 10)]):
        frame[start : start + rows].write_parquet(tmp_path / f"{number}.parquet")
    return tmp_path


def table(ray: MadeUpRay, folder: Path, block_rows: int = 60) -> pl.DataFrame:
    columns = PairColumns.of(
        model="model", human="human", scale="ordinal", scale_column=None, positions=None,
        n_threads=1, **OPTIONS,
    )  # fmt: skip
    total, files = Total(), parquet_files(folder)
    for place, part in parts_of_files(
        ray, files, columns, job(), block_rows=block_rows, batch_rows=37
    ):
        total.add(place, part)
    return Resampling("items", n_resamples=40).table(total.whole())


def spoil(file: Path, row: int) -> None:
    frame = pl.read_parquet(file)
    model = frame["model"].to_list()
    model[row] = [0.5, 0.6]
    frame.with_columns(model=pl.Series(model)).write_parquet(file)


@pytest.mark.parametrize("block_rows", [7, 60, 1_000])
@pytest.mark.parametrize("seed", range(3))
def test_tasks_in_any_order_give_the_table_of_one_machine(
    folder: Path, seed: int, block_rows: int
) -> None:
    ray = MadeUpRay(seed)
    found = table(ray, folder, block_rows)
    assert found.equals(score_parquet(folder, resample="items", n_resamples=40, **OPTIONS))
    assert ray.most <= 6
    assert ray.cancelled == 0


@pytest.mark.parametrize("seed", range(5))
def test_the_first_bad_row_is_told_as_one_machine_tells_it(folder: Path, seed: int) -> None:
    spoil(folder / "2.parquet", 123)
    spoil(folder / "2.parquet", 250)
    spoil(folder / "3.parquet", 5)
    pl.read_parquet(folder / "3.parquet").drop("country").write_parquet(folder / "9.parquet")
    with pytest.raises(DoxaError) as wanted:
        score_parquet(folder, **OPTIONS)
    ray = MadeUpRay(seed)
    with pytest.raises(DoxaError) as found:
        table(ray, folder)
    assert str(found.value) == str(wanted.value)
    assert "2.parquet: model row 123 sums to" in str(found.value)
    assert not ray._open


def test_a_file_without_a_column_waits_for_what_stands_before_it(folder: Path) -> None:
    pl.read_parquet(folder / "3.parquet").drop("country").write_parquet(folder / "3.parquet")
    with pytest.raises(InvalidArgumentError, match=r"3\.parquet has no column 'country'"):
        table(MadeUpRay(0), folder)
    spoil(folder / "2.parquet", 289)
    with pytest.raises(DoxaError, match="row 289"):
        table(MadeUpRay(0), folder)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (LostError(), r"4 processes that tried were lost \(LostError\): lower batch_rows, or "),
        (RaisedError(), r"ZeroDivisionError\('0 / 0'\)"),
    ],
)
def test_a_block_that_cannot_be_scored_is_one_line(
    folder: Path, error: Exception, why: str
) -> None:
    match = rf"^rows 60 to 119 of \S+0\.parquet could not be scored: {why}"
    ray = MadeUpRay(1, {1: error})
    with pytest.raises(DoxaError, match=match):
        table(ray, folder)
    assert not ray._open
