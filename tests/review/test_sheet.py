from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from doxa.errors import QuestionnaireError
from doxa.questionnaire import QuestionBank
from doxa.review.places import places
from doxa.review.record import record_folder
from doxa.review.sheet import COLUMNS, HOW, write_sheet
from doxa.survey.source import open_source

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_sheet_holds_every_text_beside_the_english(tmp_path: Path, ending: str) -> None:
    path, folder = tmp_path / f"ar.{ending}", record_folder()
    assert folder is not None
    n = write_sheet(path, BANK, "ar", record=folder / "ar.csv")
    with open_source(path) as source:
        assert list(source.headers) == list(COLUMNS)
        rows = {row["Id"]: row for row in source.read(list(COLUMNS)).iter_rows(named=True)}
    assert rows.keys() == places(BANK, "ar").keys()
    assert len(rows) == n
    god = rows["Q164"]
    assert god["English options"] == "1 = Not at all important\n10 = Very important"
    assert god["Translation"] == BANK.question("Q164", "ar").text
    assert "God" in god["Back-translation"]
    assert not god["Better text"]


def test_a_page_to_print_shows_each_language_in_its_direction(tmp_path: Path) -> None:
    path = tmp_path / "ar.html"
    write_sheet(path, BANK, "ar")
    page = path.read_text(encoding="utf-8")
    assert page.count('<td lang="ar" dir="rtl">') == len(places(BANK, "ar"))
    assert BANK.question("Q164", "ar").text in page
    assert all(line.split(":")[0] in page for line in HOW)
    assert not re.search(r"(src|href)=|url\(|<script", page)


def test_a_sheet_of_another_kind_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(QuestionnaireError, match=r"a sheet is \.csv, \.xlsx, \.html: end its name"):
        write_sheet(tmp_path / "ar.ods", BANK, "ar")
    with pytest.raises(QuestionnaireError, match="no language 'xx'"):
        write_sheet(tmp_path / "xx.csv", BANK, "xx")
    assert not list(tmp_path.iterdir())
