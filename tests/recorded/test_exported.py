from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import RecordingError
from doxa.recorded import read_recording, read_statuses
from doxa.store.export import export_replies

from .made import BANK, read, study_row

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "csv"])
def test_exported_replies_come_back(tmp_path: Path, ending: str) -> None:
    replies = read(
        tmp_path, pl.DataFrame([study_row(), study_row(response="no"), study_row(response="'=1+1")])
    ).replies
    path = export_replies(replies, tmp_path / f"replies.{ending}")
    assert read_recording(path, bank=BANK).replies.equals(replies)


def test_statuses_are_counted_in_what_doxa_exports(tmp_path: Path) -> None:
    replies = read(tmp_path, pl.DataFrame([study_row(), study_row(response="no")])).replies
    for ending in ("parquet", "jsonl", "csv"):
        path = export_replies(replies, tmp_path / f"replies.{ending}")
        assert read_statuses(path, BANK).rows() == [("Aya23", "ok", 1), ("Aya23", "refused", 1)]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "fine"},
        {"status": None},
        {"probabilities": None},
        {"probabilities": [0.5, 0.5, 0.5, 0.5]},
        {"probabilities": [0.5, 0.5]},
        {"probabilities": [1.5, -0.5, 0.0, 0.0]},
        {"probabilities": [float("nan"), 0.5, 0.5, 0.0]},
        {"probabilities": [None, 0.5, 0.5, 0.0]},
        {"codes": None},
        {"lower": [0.1]},
        {"upper": [0.1, 0.2, 0.3, 1.5]},
    ],
)
def test_what_doxa_does_not_export_is_named(tmp_path: Path, changes: dict[str, object]) -> None:
    replies = read(tmp_path, pl.DataFrame([study_row(), study_row()])).replies
    second = replies.slice(1).with_columns(
        pl.Series(name, [value], dtype=replies.schema[name]) for name, value in changes.items()
    )
    path = export_replies(pl.concat([replies.head(1), second]), tmp_path / "replies.parquet")
    with pytest.raises(RecordingError, match=r"row 2: .*: export again"):
        read_recording(path, bank=BANK)


def test_that_an_export_names_no_examples_is_told(tmp_path: Path) -> None:
    """The score of a run leaves the items out that it showed as examples; its export cannot."""
    replies = read(tmp_path, pl.DataFrame([study_row()])).replies
    found = read_recording(export_replies(replies, tmp_path / "replies.csv"), bank=BANK)
    assert "an export does not name them" in found.unknown["items shown as examples"]
