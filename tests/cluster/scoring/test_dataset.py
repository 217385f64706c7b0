from __future__ import annotations

import pickle
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from score.made_pairs import pairs

from cluster.scoring.test_worker import OPTIONS, job
from doxa.cluster.scoring.dataset import parts_of_dataset
from doxa.errors import DoxaError, InvalidArgumentError, InvalidDistributionError
from doxa.score import combine_parts, score_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa


class MadeUpDataset:
    """Scores its tables in this process; `test_score.py` has a real Dataset."""

    def __init__(self, *tables: pa.Table) -> None:
        self._tables = tables
        self.context = SimpleNamespace(execution_options=SimpleNamespace(preserve_order=False))

    def map_batches(self, function: Any, *, fn_kwargs: dict[str, Any], **options: Any) -> Any:
        assert options == {"batch_format": "pyarrow", "batch_size": None, "num_cpus": 1}
        self._answer = lambda table: function(table, **fn_kwargs)
        return self

    def iter_batches(self, **options: Any) -> Iterator[pa.Table]:
        assert options == {"batch_format": "pyarrow", "batch_size": None}
        assert self.context.execution_options.preserve_order
        for table in self._tables:
            answer = self._answer(table)
            assert pickle.loads(answer["part"][0].as_py()) is not None
            yield answer


class FailedError(Exception):
    """What Ray raises when a task of a Dataset does."""


RAY = SimpleNamespace(exceptions=SimpleNamespace(RayError=FailedError))


def test_blocks_come_with_their_places() -> None:
    frame = pairs(100)
    dataset = MadeUpDataset(frame[:30].to_arrow(), frame[30:30].to_arrow(), frame[30:].to_arrow())
    found = list(parts_of_dataset(RAY, dataset, job()))
    assert [place for place, _ in found] == [0, 1, 2]
    expected = combine_parts([score_part(frame, **OPTIONS)])
    assert combine_parts(part for _, part in found).equals(expected)
    assert not dataset.context.execution_options.preserve_order


def test_rows_are_counted_from_the_first_of_the_dataset() -> None:
    frame = pairs(100)
    model = frame["model"].to_list()
    model[70] = [0.5, 0.6]
    bad = frame.with_columns(model=pl.Series(model))
    dataset = MadeUpDataset(bad[:30].to_arrow(), bad[30:].to_arrow())
    with pytest.raises(InvalidDistributionError, match=r"^model row 70 sums to 1\.1") as caught:
        list(parts_of_dataset(RAY, dataset, job()))
    assert caught.value.row == 70
    assert not dataset.context.execution_options.preserve_order
    hole = frame.with_columns(item=pl.when(pl.int_range(pl.len()) != 99).then("item"))
    dataset = MadeUpDataset(hole[:30].to_arrow(), hole[30:].to_arrow())
    with pytest.raises(InvalidArgumentError, match="the item label of row 99 is null"):
        list(parts_of_dataset(RAY, dataset, job()))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            [
                "ray::task (pid=7)\n  File x, line 3\nOSError: no file\n\nThe above exception was\n"
                "ray.exceptions.UserCodeException: UDF failed."
            ],
            "OSError: no file",
        ),
        ([], "FailedError"),
    ],
)
def test_a_dataset_that_cannot_be_read_is_one_line(
    monkeypatch: pytest.MonkeyPatch, said: list[str], why: str
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise FailedError(*said)

    dataset = MadeUpDataset()
    monkeypatch.setattr(dataset, "iter_batches", fail)
    with pytest.raises(DoxaError, match=f"^the Dataset could not be read: {why}$"):
        list(parts_of_dataset(RAY, dataset, job()))
