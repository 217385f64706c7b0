"""Sheets as reviewers send them back."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from doxa.questionnaire import QuestionBank
from doxa.review.sheet import write_sheet

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()


def filled(folder: Path, code: str, *rows: dict[str, str], everywhere: str = "") -> Path:
    """Write a sheet, and fill in some rows; the others get `everywhere` under Right?."""
    path = folder / f"{code}-sheet.csv"
    write_sheet(path, BANK, code)
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = {row["Id"]: row | {"Right?": everywhere} for row in csv.DictReader(file)}
    for row in rows:
        cells.setdefault(row["Id"], dict.fromkeys(next(iter(cells.values())), ""))
        cells[row["Id"]] |= {"Right?": "", "Language": code} | row
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(cells["Q1"]), delimiter=";")
        writer.writeheader()
        writer.writerows(cells.values())
    return path
