from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import RecordingError

from .made import cell_rows, read

if TYPE_CHECKING:
    from pathlib import Path


def test_a_cell_is_a_reply_of_a_persona(tmp_path: Path) -> None:
    people = cell_rows(0.25, 0.25, 0.25, 0.25, source="survey")
    rows = pl.DataFrame(cell_rows(0.1, 0.2, 0.3, 0.4)[::-1] + people)
    row = read(tmp_path, rows).replies.row(0, named=True)
    assert (row["model"], row["target"], row["steering"]) == ("m", "VNM", "persona")
    assert row["probabilities"] == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_modes_and_replicates(tmp_path: Path) -> None:
    rows = pl.DataFrame([
        *cell_rows(0.1, 0.2, 0.3, 0.4, mode="ntp", replicate=1),
        *cell_rows(0.4, 0.3, 0.2, 0.1, mode="ntp", replicate=2),
        *cell_rows(1.0, 0.0, 0.0, 0.0, mode="fa", replicate=1),
    ])  # fmt: skip
    found = read(tmp_path, rows).replies
    assert found["elicitation"].to_list() == ["logprobs", "logprobs", "sampling"]
    assert found["draw"].to_list() == [0, 1, 0]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (cell_rows(0.5, 0.5, 0.5, 0.5), "cell Vietnam, Q46: shares .* do not sum to 1"),
        (cell_rows(1.0, 0.0, 0.0, 0.0, cell_id="Female|18-29"), "no country 'Female|18-29'"),
        (cell_rows(1.0, 0.0, 0.0, 0.0)[:3], "are not the item's 1, 2, 3, 4, each once"),
        (cell_rows(1.0, 0.0, 0.0, 0.0, question="ideo5"), "no item of the questionnaire"),
        (cell_rows(1.0, 0.0, 0.0, 0.0, source="survey"), "no item of the questionnaire"),
    ],
)
def test_faults(tmp_path: Path, rows: list[dict[str, object]], says: str) -> None:
    with pytest.raises(RecordingError, match=says):
        read(tmp_path, pl.DataFrame(rows))
