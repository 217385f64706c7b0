from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.survey import read_survey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item


def notes(path: Path, items: Mapping[str, Item], *cells: str) -> list[str]:
    column = "Q46: Feeling of happiness"
    frame = pl.DataFrame({"A_WAVE": "7", "B_COUNTRY": "Japan", column: cells})
    frame.write_csv(path)
    found = read_survey(path, items).notes
    return [note for note in found if "counts as" in note]


def test_a_label_in_words_of_its_own_is_told_where_it_takes_much_of_an_item(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    answers = ["Very happy", "Quite happy", "Not very happy", "Not at all happy"]
    odd = ["No answer given at the door"]
    assert notes(tmp_path / "a.csv", items, *answers * 10, *odd * 10) == [
        "'No answer given at the door' counts as 'no answer': Q46 (10); if it is an answer, say "
        "so with --labels"
    ]
    assert notes(tmp_path / "b.csv", items, *answers * 10, *odd) == []
    assert len(notes(tmp_path / "c.csv", items, *answers[:3] * 10, *odd)) == 1
    assert notes(tmp_path / "d.csv", items, *answers[:3] * 10, *["No answer; Missing"] * 9) == []
