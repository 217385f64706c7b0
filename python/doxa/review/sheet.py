"""Writing the sheet of a language: one row a text, for a reviewer who need not know programs."""

from __future__ import annotations

import csv
import io
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from doxa.errors import QuestionnaireError
from doxa.files import replacing
from doxa.outside.extras import require
from doxa.outside.quoting import to_cell
from doxa.review.places import places
from doxa.review.record import back_translations, read_record

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire import Language, QuestionBank

__all__ = ["COLUMNS", "FILLED", "HOW", "write_sheet"]

COLUMNS: Final = {
    "Id": 12, "Language": 6, "What is measured": 24, "Scale": 24, "English": 40,
    "English options": 30, "Translation": 40, "Options": 30, "Back-translation": 40,
    "Author's doubt": 24, "Right?": 10, "Better text": 40, "Better options": 30, "Comment": 30,
    "Reviewer": 14, "Hash": 8,
}  # fmt: skip
"""The columns, with their widths in characters."""

FILLED: Final = ("Right?", "Better text", "Better options", "Comment", "Reviewer")
"""The columns that a reviewer fills in."""

HOW: Final = (
    "Read each row as somebody would who is asked in this language. What counts is what is "
    "measured, not that the words are the English ones.",
    "Right?: write yes if the row says what it should; unsure (and why, under Comment) if you "
    "cannot tell. Leave the row empty if you have not read it.",
    "Better text: the whole text as it should read. Better options: only the options that should "
    "change, each on a line of its own, with its number, as: 2 = Rather important",
    "Options belong to the scale: the first must stay the first. Words in {braces} stay as they "
    "are. No digits in questions and options.",
    "Reviewer: your name, or whatever you want to be called in the record, which is public.",
    "Use your own words: please do not copy the survey's own questionnaire.",
)
"""How to fill in a sheet, a sentence or two each."""

_TARGET: Final = ("Translation", "Options", "Better text", "Better options")


def write_sheet(path: Path, bank: QuestionBank, code: str, *, record: Path | None = None) -> int:
    """Write the sheet of a language.

    Parameters
    ----------
    path : pathlib.Path
        Where to, ending in .xlsx, .csv, or .html for a page to read and print.
    bank : QuestionBank
        The question bank, with English.
    code : str
        One of its languages.
    record : pathlib.Path, optional
        The record of reviews, which holds the back-translations.

    Returns
    -------
    int
        The number of rows.

    Raises
    ------
    QuestionnaireError
        The language or the ending is unknown.
    MissingExtraError
        The library that writes xlsx is not installed.
    """
    writers = {".csv": _csv, ".xlsx": _xlsx, ".html": _html}
    if path.suffix not in writers:
        raise QuestionnaireError(f"{path}: a sheet is {', '.join(writers)}: end its name in one")
    if path.suffix == ".xlsx":
        require("xlsxwriter")
    rows = _rows(bank, code, record)
    with replacing(path) as partial:
        writers[path.suffix](partial, rows, bank.language(code))
    return len(rows)


def _rows(bank: QuestionBank, code: str, record: Path | None) -> list[dict[str, str]]:
    back = back_translations(read_record(record))
    return [
        {
            "Id": place.id,
            "Language": code,
            "What is measured": place.measures,
            "Scale": place.scale,
            "English": place.english,
            "English options": _lines(place.english_options),
            "Translation": place.text,
            "Options": _lines(place.options),
            "Back-translation": back.get(place.id, ""),
            "Author's doubt": place.doubt,
            "Hash": place.hash,
        }
        for place in places(bank, code).values()
    ]


def _lines(options: Any) -> str:
    return "\n".join(f"{code} = {label}" for code, label in options.items())


def _csv(path: Path, rows: list[dict[str, str]], _: Language) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(COLUMNS), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: to_cell(cell) for name, cell in row.items()} for row in rows)
    # spreadsheets take a file for UTF-8 by its mark
    path.write_text(text.getvalue(), encoding="utf-8-sig")


def _xlsx(path: Path, rows: list[dict[str, str]], language: Language) -> None:
    xlsxwriter: Any = import_module("xlsxwriter")
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(language.code)
    common = {"text_wrap": True, "valign": "top", "num_format": "@"}
    head = book.add_format(common | {"bold": True, "bottom": 1})
    styles = {}
    for name in COLUMNS:
        to_fill = {"bg_color": "#FFF8DC", "border": 1, "border_color": "#D0C8A0"}
        aside = {"reading_order": 2} if name in _TARGET and language.direction == "rtl" else {}
        styles[name] = book.add_format(common | aside | (to_fill if name in FILLED else {}))
    for place, (name, width) in enumerate(COLUMNS.items()):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, name, head)
        for number, row in enumerate(rows, start=1):
            text = row.get(name, "")
            if text:
                sheet.write_string(number, place, text, styles[name])
            else:
                sheet.write_blank(number, place, None, styles[name])
    right = list(COLUMNS).index("Right?")
    sheet.data_validation(
        1, right, len(rows), right, {"validate": "list", "source": ["yes", "unsure"]}
    )
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    how = book.add_worksheet("How to fill it in")
    how.set_column(0, 0, 100)
    for number, line in enumerate(HOW):
        how.write_string(number, 0, line, book.add_format(common))
    book.close()


def _html(path: Path, rows: list[dict[str, str]], language: Language) -> None:
    import jinja2

    template = files(__package__).joinpath("sheet.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    page = environment.from_string(template).render(language=language, rows=rows, how=HOW)
    path.write_text(page, encoding="utf-8")
