from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.recorded import read_recording
from doxa.store.export import export_replies

from .made import BANK, read, study_row

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "csv"])
def test_exported_replies_come_back(tmp_path: Path, ending: str) -> None:
    replies = read(tmp_path, pl.DataFrame([study_row(), study_row(response="no")])).replies
    path = export_replies(replies, tmp_path / f"replies.{ending}")
    assert read_recording(path, bank=BANK).replies.equals(replies)
