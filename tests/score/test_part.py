from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from doxa.errors import InvalidArgumentError, InvalidDistributionError
from doxa.score import combine_parts, score_part
from doxa.score.part import merged
from score.made_pairs import METRICS, pairs

OPTIONS: dict[str, Any] = {
    "metrics": METRICS,
    "scale_column": "kind",
    "groups": ["country", "wave"],
    "items": "item",
}


@pytest.fixture(scope="module")
def block() -> pl.DataFrame:
    return pairs(400)


def arrow(frame: pl.DataFrame, kind: pa.DataType) -> pa.Table:
    table = frame.to_arrow()
    lists = [pa.field(name, pa.list_(kind)) for name in ("model", "human")]
    for field in lists:
        place = table.schema.get_field_index(field.name)
        table = table.set_column(place, field, table[field.name].cast(field.type))
    return table


def test_tables_of_other_libraries_are_read_where_they_lie(block: pl.DataFrame) -> None:
    expected = combine_parts([score_part(block, **OPTIONS)])
    table = arrow(block, pa.float64())
    chunked = pa.concat_tables([table[:150], table[150:150], table[150:]])
    batch = table.combine_chunks().to_batches()[0]
    for held in (table, chunked, batch):
        before = pa.total_allocated_bytes()
        part = score_part(held, **OPTIONS)
        assert pa.total_allocated_bytes() - before < table["model"].nbytes / 4
        assert combine_parts([part]).equals(expected)


def test_single_precision_is_read_as_such(block: pl.DataFrame) -> None:
    single = block.with_columns(pl.col("model", "human").cast(pl.List(pl.Float32)))
    found = combine_parts([score_part(arrow(block, pa.float32()), **OPTIONS)])
    assert found.equals(combine_parts([score_part(single, **OPTIONS)]))
    assert not found.equals(combine_parts([score_part(block, **OPTIONS)]))


def test_a_part_is_small_and_can_be_sent(block: pl.DataFrame) -> None:
    parts = [score_part(pairs(rows), groups=["country"]) for rows in (400, 4_000)]
    assert parts[0].cells.height == parts[1].cells.height == 5
    again = pickle.loads(pickle.dumps(score_part(block, **OPTIONS)))
    assert combine_parts([again]).equals(combine_parts([score_part(block, **OPTIONS)]))


def test_merging_in_any_order_gives_the_same_cells(block: pl.DataFrame) -> None:
    parts = [score_part(block[row : row + 90], **OPTIONS).after(row) for row in range(0, 400, 90)]
    names = parts[0].named
    whole = merged(parts).cells.sort(names)
    backward = merged([merged(parts[:1:-1]), merged(parts[1::-1])]).cells.sort(names)
    assert backward.select(whole.columns).equals(whole)
    assert merged(parts).n_rows == 400


def test_what_is_wrong_is_told(block: pl.DataFrame) -> None:
    bad = block.with_columns(model=pl.Series([*block["model"][:-1].to_list(), [0.5, 0.6]]))
    with pytest.raises(InvalidDistributionError, match=r"model row 399 ") as caught:
        score_part(bad)
    assert caught.value.row == 399
    with pytest.raises(InvalidArgumentError, match="the source has no column 'wave8'"):
        score_part(block, groups=["wave8"])
    with pytest.raises(InvalidArgumentError, match="a ndarray is no block of pairs"):
        score_part(np.zeros((2, 2)))
    with pytest.raises(InvalidArgumentError, match="scale 'cardinal' is neither"):
        score_part(block, scale="cardinal")
    hole = block.with_columns(item=pl.when(pl.int_range(pl.len()) != 3).then("item"))
    with pytest.raises(InvalidArgumentError, match="the item label of row 3 is null"):
        score_part(hole, items="item")
    with pytest.raises(InvalidArgumentError, match="different groups, items or metrics"):
        merged([score_part(block), score_part(block, items="item")])
    numbers = block.with_columns(wave=pl.Series([[7]] * 400))
    with pytest.raises(InvalidArgumentError, match="not the same type in all blocks"):
        merged([score_part(one, groups=["wave"]) for one in (block, numbers)])
