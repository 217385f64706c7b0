from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import StoreError
from doxa.store.export import export_replies

if TYPE_CHECKING:
    from pathlib import Path

REPLIES = pl.DataFrame(
    {
        "question": ["Q1", "Q2"],
        "codes": [[1, 2], [1, 2]],
        "probabilities": [[0.25, 0.75], None],
        "text": ['say "yes", or\nno', "日本"],
    },
    schema_overrides={"codes": pl.List(pl.Int64), "probabilities": pl.List(pl.Float64)},
)


def test_parquet_and_jsonl_keep_everything(tmp_path: Path) -> None:
    assert pl.read_parquet(export_replies(REPLIES, tmp_path / "r.parquet")).equals(REPLIES)
    lines = export_replies(REPLIES, tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == REPLIES.to_dicts()


def test_csv_writes_lists_as_json(tmp_path: Path) -> None:
    read = pl.read_csv(export_replies(REPLIES, tmp_path / "new" / "r.csv"))
    assert [json.loads(codes) for codes in read["codes"]] == REPLIES["codes"].to_list()
    assert json.loads(read["probabilities"][0]) == [0.25, 0.75]
    assert read["probabilities"][1] is None
    assert read["text"].to_list() == REPLIES["text"].to_list()


def test_a_file_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/r\.csv cannot be written"):
        export_replies(REPLIES, tmp_path / "file" / "r.csv")
    with pytest.raises(StoreError, match=r"name a file ending in"):
        export_replies(REPLIES, tmp_path / "r.xls")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
