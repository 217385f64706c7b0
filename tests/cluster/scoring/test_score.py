"""Scoring on a real Ray cluster of several nodes, to which this process is connected."""

from __future__ import annotations

import doctest
import os
import signal
import subprocess
import threading
import time
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from score.made_pairs import METRICS, pairs

import doxa
from doxa.cluster.connection import connected
from doxa.errors import DoxaError, InvalidArgumentError, InvalidDistributionError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cluster.conftest import Nodes

pytestmark = [pytest.mark.alone, pytest.mark.cluster]

OPTIONS: dict[str, Any] = {
    "metrics": METRICS,
    "scale_column": "kind",
    "groups": ["country", "wave"],
    "items": "item",
    "resample": "items",
    "n_resamples": 50,
    "replicates": True,
}


@pytest.fixture(scope="module", autouse=True)
def ray(cluster: Nodes) -> Iterator[Any]:
    with connected(cluster.address) as ray, warnings.catch_warnings():
        # Ray's own defaults warn of themselves
        warnings.simplefilter("ignore", DeprecationWarning)
        import ray.data

        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        yield ray


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pairs")
    frame = pairs(4_000)
    for number, (start, rows) in enumerate([(0, 1_500), (1_500, 0), (1_500, 2_499), (3_999, 1)]):
        frame[start : start + rows].write_parquet(folder / f"{number}.parquet", row_group_size=400)
    return folder


def same_bits(a: pl.DataFrame, b: pl.DataFrame) -> bool:
    return repr(a.to_dict(as_series=False)) == repr(b.to_dict(as_series=False))


def test_a_folder_gives_the_bits_of_one_machine(folder: Path) -> None:
    expected = doxa.score_parquet(folder, **OPTIONS)
    for block_rows, batch_rows in ((300, 70), (10_000, 100_000)):
        found = doxa.cluster.score(folder, block_rows=block_rows, batch_rows=batch_rows, **OPTIONS)
        assert same_bits(found, expected)


@pytest.mark.parametrize("kind", [pl.Float64, pl.Float32])
def test_a_dataset_gives_the_bits_of_one_machine(ray: Any, kind: Any) -> None:
    lists = pl.col("model", "human").cast(pl.List(kind))
    frame = pairs(1_000, seed=3).with_columns(lists)
    cut = [frame[:1].to_arrow(), frame[1:1].to_arrow(), frame[1:777].to_arrow()]
    dataset = ray.data.from_arrow([*cut, frame[777:].to_arrow()])
    kept = dataset.context.execution_options.preserve_order
    assert same_bits(
        doxa.cluster.score(dataset, **OPTIONS), doxa.score_parquet(frame.lazy(), **OPTIONS)
    )
    assert dataset.context.execution_options.preserve_order == kept


def test_arrays_in_a_dataset_are_rows_too(ray: Any) -> None:
    rows = np.random.default_rng(0).dirichlet(np.ones(4), 100)
    dataset = ray.data.from_numpy(rows).map_batches(
        lambda batch: {"model": batch["data"], "human": batch["data"][::-1]}, batch_size=25
    )
    assert doxa.cluster.score(dataset)["n"].to_list() == [100]


def test_a_bad_row_is_told_as_on_one_machine(ray: Any, folder: Path, tmp_path: Path) -> None:
    for file in folder.glob("*.parquet"):
        (tmp_path / file.name).symlink_to(file)
    frame = pl.read_parquet(folder / "2.parquet")
    model = frame["model"].to_list()
    model[1_717] = [0.5, 0.6]
    frame = frame.with_columns(model=pl.Series(model))
    (tmp_path / "2.parquet").unlink()
    frame.write_parquet(tmp_path / "2.parquet")
    with pytest.raises(InvalidDistributionError) as wanted:
        doxa.score_parquet(tmp_path)
    with pytest.raises(InvalidDistributionError) as found:
        doxa.cluster.score(tmp_path, block_rows=300)
    assert str(found.value) == str(wanted.value)
    assert "2.parquet: model row 1717 sums to 1.1" in str(found.value)
    assert found.value.row == 1_717
    dataset = ray.data.from_arrow([frame[:1_000].to_arrow(), frame[1_000:].to_arrow()])
    with pytest.raises(InvalidDistributionError, match=r"^model row 1717 sums to 1\.1") as found:
        doxa.cluster.score(dataset)
    assert found.value.row == 1_717


def test_a_worker_killed_in_the_middle_changes_nothing(tmp_path: Path) -> None:
    frame = pairs(2_000, seed=5)
    large = pl.concat([frame] * 100)
    for number in range(4):
        large.write_parquet(tmp_path / f"{number}.parquet", row_group_size=20_000)
    expected = doxa.score_parquet(tmp_path, **OPTIONS)
    killed: list[int] = []
    ended = threading.Event()

    def kill() -> None:
        while not ended.wait(0.02) and len(killed) < 2:
            shown = subprocess.run(
                ["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True
            )
            for line in shown.stdout.splitlines():
                pid, _, name = line.strip().partition(" ")
                if "ray::doxa.cluster.score" in name and int(pid) not in killed:
                    os.kill(int(pid), signal.SIGKILL)
                    killed.append(int(pid))
                    time.sleep(0.2)
                    break

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        found = doxa.cluster.score(tmp_path, block_rows=20_000, **OPTIONS)
    finally:
        ended.set()
        killer.join()
    assert killed
    assert same_bits(found, expected)


def test_what_cannot_be_scored_is_told(ray: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="a LazyFrame is no folder, file or Ray Dataset"):
        doxa.cluster.score(pl.LazyFrame())

    def broken(_: Any) -> Any:
        raise ZeroDivisionError("no block")

    with pytest.raises(DoxaError, match=r"the Dataset could not be read: .*no block"):
        doxa.cluster.score(ray.data.range(3).map_batches(broken))
    with pytest.raises(InvalidArgumentError, match="the source has no column 'model'"):
        doxa.cluster.score(ray.data.range(3))
    with pytest.raises(InvalidArgumentError, match="cpus_per_task=0"):
        doxa.cluster.score("pairs", cpus_per_task=0)


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (doxa.cluster.score.__doc__ or "").replace("  # doctest: +SKIP", "")
    example = doctest.DocTestParser().get_doctest(text, {}, "score", None, None)
    assert doctest.DocTestRunner().run(example) == (0, 5)
