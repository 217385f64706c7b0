"""A questionnaire of one's own as a table: one row an option.

===================  ===========================================================================
column               what it holds
===================  ===========================================================================
``item``             the item's name; it may be left empty below its first row
``text:<language>``  the question, on the item's first row; one column for each language, as text:en
``label:<language>`` the option's words; empty for a bare step between two that have words
``code``             the option's code: a whole number from 0 to 126
``scale``            ordinal (the default) or nominal, on the item's first row
``off_scale``        yes for an option without a place on the scale, such as "hard to say"
``position``         where the option lies on the scale; 1, 2, 3, … by default
``topic``            the item's topic, on its first row
===================  ===========================================================================

Only ``item``, ``code`` and the columns of one language are needed. Options stand in the order in
which they are shown; those on the scale in its order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from doxa.errors import FileError, QuestionnaireError
from doxa.files.tables import read_csv

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["own_table"]

_PLAIN: Final = ("item", "code", "scale", "off_scale", "position", "topic")
_WORDED: Final = ("text", "label")
_TRUTH: Final = {
    "yes": True,
    "true": True,
    "1": True,
    "": False,
    "no": False,
    "false": False,
    "0": False,
}


def own_table(path: Path) -> dict[str, Any]:
    """Read a questionnaire from a CSV file into the tables that a TOML file has.

    Parameters
    ----------
    path : pathlib.Path
        The file, in UTF-8, with the columns named above, separated by commas or semicolons.

    Raises
    ------
    QuestionnaireError
        The file cannot be read, lacks a column, or a value is wrong; the message names its line.
    """
    rows = _rows(path)
    languages = _languages(path, rows[0])
    items: dict[str, dict[str, Any]] = {}
    name = ""
    for line, row in enumerate(rows, 2):
        if not any(row.values()):
            continue
        place = f"{path}: line {line}"
        fresh = bool(row["item"]) and row["item"] != name
        name = row["item"] or name
        if not name:
            raise QuestionnaireError(f"{place}: no item: write its name in the column item")
        if fresh and name in items:
            raise QuestionnaireError(
                f"{place}: {name} has rows further up: put all options of an item together"
            )
        _add(items.setdefault(name, _item(languages)), row, languages, place)
    if not items:
        raise QuestionnaireError(f"{path}: holds no items: give each option a row")
    return {
        "questionnaire": {"name": path.stem},
        "items": {n: _finished(i) for n, i in items.items()},
    }


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        frame = read_csv(path)
        if len(frame.columns) == 1 and ";" in frame.columns[0]:
            frame = read_csv(path, separator=";")
    except FileError as error:
        raise QuestionnaireError(str(error)) from None
    frame = frame.rename({column: column.strip().lower() for column in frame.columns})
    for column in ("item", "code"):
        if column not in frame.columns:
            raise QuestionnaireError(
                f"{path}: no column {column!r}: there are {', '.join(frame.columns)}"
            )
    found = frame.fill_null("").rows(named=True)
    if not found:
        raise QuestionnaireError(f"{path}: holds no items: give each option a row")
    return [{name: value.strip() for name, value in row.items()} for row in found]


def _languages(path: Path, row: dict[str, str]) -> list[str]:
    """List the languages that the columns name."""
    found: dict[str, set[str]] = {}
    for column in row:
        kind, colon, language = column.partition(":")
        if column in _PLAIN:
            continue
        if kind not in _WORDED:
            known = ", ".join((*_PLAIN, *(f"{one}:<language>" for one in _WORDED)))
            raise QuestionnaireError(f"{path}: unknown column {column!r}: there are {known}")
        if not colon or not language:
            raise QuestionnaireError(f"{path}: column {column!r}: name its language, as {kind}:en")
        found.setdefault(language, set()).add(kind)
    for language, kinds in found.items():
        for kind in _WORDED:
            if kind not in kinds:
                raise QuestionnaireError(f"{path}: no column {f'{kind}:{language}'!r}: add it")
    if not found:
        raise QuestionnaireError(f"{path}: no column 'text:en', or of another language: add it")
    return [*found]


def _item(languages: list[str]) -> dict[str, Any]:
    return {
        "scale": "", "topic": "", "text": {},
        "labels": {one: [] for one in languages},
        "codes": [], "off_scale": [], "listed": [], "labelled": [], "positions": [],
    }  # fmt: skip


def _add(item: dict[str, Any], row: dict[str, str], languages: list[str], place: str) -> None:
    """Add an option to an item."""
    for name in ("scale", "topic"):
        _once(item, name, row.get(name, ""), name, place)
    for language in languages:
        _once(item["text"], language, row[f"text:{language}"], f"text:{language}", place)
    try:
        code = int(row["code"])
    except ValueError:
        raise QuestionnaireError(
            f"{place}, column 'code': {row['code']!r} is not a whole number"
        ) from None
    off = _TRUTH.get(row.get("off_scale", "").lower())
    if off is None:
        raise QuestionnaireError(
            f"{place}, column 'off_scale': {row['off_scale']!r}: write yes or no"
        )
    item["off_scale" if off else "codes"].append(code)
    item["listed"].append(code)
    position = row.get("position", "")
    if position and not off:
        try:
            item["positions"].append(float(position))
        except ValueError:
            raise QuestionnaireError(
                f"{place}, column 'position': {position!r} is not a number"
            ) from None
    labels = {language: row[f"label:{language}"] for language in languages}
    if any(labels.values()):
        item["labelled"].append(code)
        for language, label in labels.items():
            item["labels"][language].append(label)


def _once(table: dict[str, Any], key: str, value: str, column: str, place: str) -> None:
    """Keep a value of an item, which stands on its first row or on all of them alike."""
    if not value or table.get(key) == value:
        return
    if table.get(key):
        raise QuestionnaireError(
            f"{place}, column {column!r}: {value!r}, and {table[key]!r} further up: an item has one"
        )
    table[key] = value


def _finished(item: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is empty: languages that lack the item, and what the file does not say."""
    item["scale"] = item["scale"] or "ordinal"
    item["labels"] = {one: words for one, words in item["labels"].items() if any(words)}
    return {name: value for name, value in item.items() if value}
