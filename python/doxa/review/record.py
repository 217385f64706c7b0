"""The record of reviews: one row a text and a reading, in ``<language>.csv``."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from doxa.errors import QuestionnaireError
from doxa.files import reason
from doxa.questionnaire.bank import SHIPPED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["FIELDS", "back_translations", "read_record", "record_folder", "record_text"]

FIELDS: Final = ("item", "back_translation", "verdict", "change", "reviewer", "date")
"""The columns of a record. A reading that translated nothing back leaves the second empty."""

_WORDS_CHANGED: Final = ("changed", "reworded")


def record_folder() -> Path | None:
    """Give the folder of the records in a checkout of the project; None in an installed package."""
    folder = SHIPPED.parents[2] / "data" / "questionnaire" / "review"
    return folder if folder.is_dir() else None


def read_record(path: Path | None) -> list[dict[str, str]]:
    """Read a record; a file that is not there has no rows.

    Raises
    ------
    QuestionnaireError
        The file cannot be read.
    """
    if path is None or not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = reason(error) if isinstance(error, OSError) else "is no CSV in UTF-8"
        raise QuestionnaireError(f"{path}: cannot be read ({why})") from None
    return [{name: row.get(name) or "" for name in FIELDS} for row in rows]


def back_translations(rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Give what each text was last translated back as; words that changed since are marked."""
    found: dict[str, str] = {}
    for row in rows:
        if row["back_translation"]:
            found[row["item"]] = row["back_translation"]
        if row["verdict"] in _WORDS_CHANGED and row["item"] in found:
            before = found[row["item"]].removeprefix("(before a change) ")
            found[row["item"]] = f"(before a change) {before}"
    return found


def record_text(rows: Iterable[Mapping[str, str]]) -> str:
    """Write a record."""
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
