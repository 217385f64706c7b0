from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import RecordingError
from doxa.recorded import FORMATS, read_recording

from .made import BANK, inspect_log, inspect_sample, read, sample_line, study_row

if TYPE_CHECKING:
    from pathlib import Path


def test_an_unknown_format_lists_the_accepted_ones(tmp_path: Path) -> None:
    with pytest.raises(RecordingError) as caught:
        read(tmp_path, "a,b\n1,2\n")
    assert all(kind.name in str(caught.value) for kind in FORMATS)
    assert "holds a, b" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PAR1" + bytes(40), "cut short or damaged"),
        (json.dumps(inspect_log(inspect_sample()))[:-40], "cut short or damaged"),
        (json.dumps(sample_line()) + "\n" + json.dumps(sample_line())[:50], "line 2"),
        ("[1, 2]", "no JSON objects"),
        ("", "cut short or damaged"),
        (b"GGUF" + bytes(40), "neither text, Parquet nor a zip archive"),
        ("question,choice_keys,response\n", "no rows"),
    ],
)
def test_damaged_files(tmp_path: Path, content: bytes | str, says: str) -> None:
    with pytest.raises(RecordingError, match=says) as caught:
        read(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such file"):
        read_recording(tmp_path / "none.csv", bank=BANK)


def test_replies_steered_elsewhere_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    pl.DataFrame([study_row(), study_row(country="Japan")]).write_csv(path)
    kept = read_recording(path, bank=BANK, targets=["JPN"]).replies
    assert kept["target"].to_list() == ["JPN"]
