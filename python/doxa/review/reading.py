"""Reading a sheet that a reviewer filled in; whatever does not fit is an error with its row."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import QuestionnaireError
from doxa.outside.quoting import from_cell
from doxa.review.sheet import FILLED
from doxa.survey.source import open_source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Row", "read_sheet"]

_NEEDED: Final = ("Id", "Language", *FILLED, "Hash")
_ANSWERS: Final = {"yes": "yes", "y": "yes", "unsure": "unsure", "no": "no", "n": "no", "": ""}
# what a spreadsheet may put in where writing changes its direction
_DIRECTION_MARKS: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_OPTION: Final = re.compile(r"\s*(\S+?)\s*[=:＝：]\s*(.*\S)\s*")


@dataclass(frozen=True, slots=True)
class Row:
    """What a reviewer wrote into a row; a row that was not read is none.

    Parameters
    ----------
    place : str
        The file and the line, for messages.
    id, hash : str
        Which text was read, and the hash of the words that the sheet showed.
    right : {"yes", "unsure", ""}
        What the reviewer says of it; "" where better words say it.
    text : str
        The better text; "" for none.
    options : mapping of str to str
        The better options by code.
    comment, reviewer : str
        What else they say, and who they are.
    """

    place: str
    id: str
    hash: str
    right: str
    text: str
    options: Mapping[str, str]
    comment: str
    reviewer: str


def read_sheet(path: Path, reviewer: str = "") -> tuple[str, list[Row]]:
    """Read a sheet that was filled in.

    Parameters
    ----------
    path : pathlib.Path
        The sheet, xlsx or CSV (separated by commas, semicolons or tabs).
    reviewer : str, optional
        Who read the rows that name nobody.

    Returns
    -------
    language : str
        The code of the sheet's language.
    rows : list of Row
        The rows that were read.

    Raises
    ------
    QuestionnaireError
        The file is no sheet, or a row does not say enough; the message names the row and remedy.
    SurveyError
        The file cannot be read.
    """
    with open_source(path) as source:
        missing = [name for name in _NEEDED if name not in source.headers]
        if missing:
            raise QuestionnaireError(
                f"{path}: has no column {', '.join(missing)}: "
                "fill in a sheet that  doxa prompts sheet  wrote, and save it as xlsx or CSV"
            )
        frame = source.read(_NEEDED, types=dict.fromkeys(_NEEDED, pl.String))
    found: list[Row] = []
    codes: set[str] = set()
    seen: set[str] = set()
    for number, cells in enumerate(frame.iter_rows(named=True), start=2):
        row = {name: _clean(cell) for name, cell in cells.items()}
        if not row["Id"] and not any(row.values()):
            continue
        place = f"{path}, row {number} ({row['Id']})"
        if row["Id"] in seen:
            raise QuestionnaireError(f"{place}: is there twice: remove one")
        seen.add(row["Id"])
        codes.add(row["Language"])
        if any(row[name] for name in FILLED if name != "Reviewer"):
            found.append(_row(place, row, reviewer))
    if len(codes) != 1:
        named = ", ".join(sorted(codes)) or "none"
        raise QuestionnaireError(f"{path}: a sheet is of one language, this is of {named}")
    return codes.pop(), found


def _clean(cell: str | None) -> str:
    text = _DIRECTION_MARKS.sub("", from_cell(unicodedata.normalize("NFC", cell or "")))
    return "\n".join(" ".join(line.split()) for line in text.splitlines()).strip()


def _row(place: str, row: Mapping[str, str], reviewer: str) -> Row:
    right = _ANSWERS.get(row["Right?"].casefold())
    options = _options(place, row["Better options"])
    text = " ".join(row["Better text"].split())
    if right is None:
        raise QuestionnaireError(f"{place}: Right? is {row['Right?']!r}: write yes or unsure")
    if right in ("no", "") and not text and not options:
        raise QuestionnaireError(
            f"{place}: says how it should not read: write better words, or unsure under Right?"
        )
    if right == "yes" and (text or options):
        raise QuestionnaireError(f"{place}: is right and has better words: keep one of the two")
    if right == "unsure" and not row["Comment"]:
        raise QuestionnaireError(f"{place}: is unsure: say why under Comment")
    name = row["Reviewer"] or reviewer
    if not name:
        raise QuestionnaireError(f"{place}: names no reviewer: fill that column, or give one name")
    right = "" if right == "no" else right
    comment = " ".join(row["Comment"].split())
    return Row(place, row["Id"], row["Hash"], right, text, options, comment, name)


def _options(place: str, cell: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for line in filter(None, cell.splitlines()):
        found = _OPTION.fullmatch(line)
        code = found[1] if found else ""
        if code.isdecimal():
            code = str(int(code))  # also written in the digits of another script
        if not found or code in options:
            raise QuestionnaireError(
                f"{place}: the better option {line!r} has no number of its own: "
                "write it as  2 = Rather important"
            )
        options[code] = found[2]
    return options
