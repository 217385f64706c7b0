from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import RecordingError
from doxa.recorded import FORMATS, read_recording, read_statuses

from .made import BANK, LOGS, inspect_log, inspect_sample, read, sample_line, study_row

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


CODES = "['1', '2', '3', '4']"
BROKEN = '{"1": 10,\n"2": 20,\n\n"3": 30, "4": 40}'


@pytest.mark.parametrize("separator", [",", ", ", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_whole_table_with_line_breaks_in_its_cells(
    tmp_path: Path, separator: str, end: str
) -> None:
    """Such a table with a space after the comma, or semicolons, was called cut short."""
    quoted = [f'"{CODES}"', '"' + BROKEN.replace('"', '""') + '"']
    rows = [["question", "choice_keys", "response"], ["Q46", *quoted], ["Q46", *quoted]]
    text = end.join(separator.join(row) for row in rows) + end
    replies = read(tmp_path, text.encode()).replies
    assert replies["status"].to_list() == ["ok", "ok"]
    assert replies["probabilities"].to_list() == [[0.1, 0.2, 0.3, 0.4]] * 2


def test_a_cell_that_is_not_quoted_is_named_with_its_line(tmp_path: Path) -> None:
    text = 'question,choice_keys,response\nQ46,"a","b\nc"\nQ46,a "b\nc",d\n'
    with pytest.raises(RecordingError, match="line 4 ends a row of 2 cells, the first line has 3"):
        read(tmp_path, text.encode())


def test_statuses_of_any_log_and_of_what_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(inspect_log(inspect_sample(), inspect_sample(id="mmlu_1"))))
    assert read_statuses(path, BANK).rows() == [
        ("openai/m", "ok", 1),
        ("", "left out: on items that are not in the questionnaire (mmlu_1)", 1),
    ]
    killed = read_statuses(LOGS / "killed.eval", BANK).rows()
    assert killed[0] == ("mockllm/model", "ok", 3)
    assert killed[1][1].endswith("it was killed or is still running: 3 of 6 samples are here")
