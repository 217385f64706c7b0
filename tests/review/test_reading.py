from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.errors import QuestionnaireError
from doxa.review.reading import read_sheet

from .filled import filled

if TYPE_CHECKING:
    from pathlib import Path


def test_rows_that_nobody_filled_in_are_left_out(tmp_path: Path) -> None:
    path = filled(tmp_path, "fr", {"Id": "Q1", "Right?": "Yes"}, {"Id": "Q2", "Reviewer": "Me"})
    language, [row] = read_sheet(path, "Aisha")
    assert (language, row.id, row.right, row.reviewer) == ("fr", "Q1", "yes", "Aisha")


def test_what_a_spreadsheet_puts_in_is_taken_out(tmp_path: Path) -> None:
    marked = {
        "Id": "Q1",
        "Better text": "\u200fما   أهمية\n العائلة؟\u202c ",
        "Better options": "١ = مهمة\u200f\n 4：ليست  مهمة",
        "Reviewer": " Aisha ",
        "Right?": "no",
    }
    _, [row] = read_sheet(filled(tmp_path, "ar", marked))
    assert row.text == "ما أهمية العائلة؟"
    assert row.options == {"1": "مهمة", "4": "ليست مهمة"}
    assert (row.reviewer, row.right) == ("Aisha", "")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"Right?": "perhaps"}, r"row \d+ \(Q6\): Right\? is 'perhaps': write yes or unsure"),
        ({"Right?": "no"}, "write better words, or unsure"),
        ({"Comment": "hm"}, "write better words, or unsure"),
        ({"Right?": "yes", "Better text": "x"}, "keep one of the two"),
        ({"Right?": "unsure"}, "say why under Comment"),
        ({"Right?": "yes", "Reviewer": ""}, "names no reviewer"),
        ({"Better options": "Very important"}, "has no number of its own"),
        ({"Better options": "1 = A\n1 = B"}, "has no number of its own"),
        ({"Right?": "yes", "Language": "es"}, "is of es, fr"),
    ],
)
def test_a_row_that_does_not_say_enough_is_an_error(
    tmp_path: Path, row: dict[str, str], message: str
) -> None:
    path = filled(tmp_path, "fr", {"Id": "Q6", "Reviewer": "Me"} | row)
    with pytest.raises(QuestionnaireError, match=message) as caught:
        read_sheet(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_sheet_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("Id,Language\nQ1,fr\n", encoding="utf-8")
    with pytest.raises(QuestionnaireError, match=r"has no column Right\?, Better text"):
        read_sheet(path)
