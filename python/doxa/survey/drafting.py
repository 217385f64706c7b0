"""A first draft of the description of a survey file, from its columns and labels.

The draft says what was guessed, and leaves to the user what cannot be.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.outside.written import toml_key, toml_value
from doxa.questionnaire.own import HIGHEST_CODE
from doxa.survey import statistical
from doxa.survey.countries import alpha_3
from doxa.survey.labels import plain
from doxa.survey.matching import missing_code
from doxa.survey.source import open_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from doxa.questionnaire import Item, QuestionBank
    from doxa.survey.source import Source

__all__ = ["draft_description"]

_ROWS: Final = 100_000
_MOST_OPTIONS: Final = 11
_NEAR: Final = 0.75
"""How alike the label of a column and the text of an item must be (difflib's ratio)."""

_WEIGHT: Final = re.compile(r"(?i)^(w|wt|wgt|.*weight.*|.*wght.*|.*_wt|wt_.*|pond.*|gewicht)$")
_RESPONDENT: Final = re.compile(r"(?i)^(id|.*_id|id_.*|idno|case.?id|resp.*id|respondent.*)$")
_WAVE: Final = re.compile(r"(?i)^(wave|round|year|essround|ronda|welle|ola)$")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the file: its label, and its values with their labels."""

    name: str
    label: str
    values: pl.Series
    labels: Mapping[float, str]
    declared: frozenset[float] = frozenset()
    found: Mapping[object, int] = field(default_factory=dict)

    @property
    def missing(self) -> dict[int, int]:
        """The codes of missing answers, with the reason of each."""
        found = {v: missing_code(label) for v, label in self.labels.items()}
        said = {int(v): code for v, code in found.items() if code is not None and v == int(v)}
        others = {int(v): -5 for v in self.declared if v == int(v) and int(v) not in said}
        return said | others

    @property
    def codes(self) -> list[int]:
        """The codes of answers: those labelled or found, but for missing ones."""
        numbers = {int(v) for v in self.labels if v == int(v)} | {
            int(v) for v in self.found if isinstance(v, int | float) and v == int(v)
        }
        return sorted(c for c in numbers if c not in self.missing and 0 <= c <= HIGHEST_CODE)

    @property
    def words(self) -> list[str]:
        """The answers of a column of text, the most frequent first."""
        texts = [str(v) for v in self.found if isinstance(v, str)]
        return [text for text in texts if missing_code(text) is None]


def draft_description(path: Path, questionnaire: QuestionBank | None = None) -> str:
    """Draft the file that describes a survey file, as `doxa.survey.describe_survey` reads it.

    Parameters
    ----------
    path : pathlib.Path
        The survey file, of any kind that `doxa.survey.open_source` opens.
    questionnaire : QuestionBank, optional
        The questionnaire whose items are looked for, by the names and labels of the columns.
        Default: every column with 2 to 11 answers becomes an item.

    Returns
    -------
    str
        TOML, in which comments say what is to be checked.

    Raises
    ------
    SurveyError
        The file cannot be read.
    """
    with open_source(path) as source:
        columns = _columns(source)
    roles, rest = _roles(columns)
    lines = [
        f"# A draft that describes {path.name} to doxa: check each line, then",
        f"#   doxa survey import {path.name} --described THIS_FILE"
        + (f" --questionnaire {questionnaire.path.name}" if questionnaire is not None else "")
        + " --out human",
        f"survey = {toml_value(path.stem.upper())}",
        f"title = {toml_value(path.stem)}",
        *_head(roles),
    ]
    items = [*_free_items(rest)] if questionnaire is None else [*_known_items(rest, questionnaire)]
    missing = _missing(rest)
    if missing:
        lines += [
            "",
            "[missing]  # -1 don't know, -2 no answer, -3 not applicable, -4 not asked, -5 missing",
        ]
        lines += [f"{code} = {reason}" for code, reason in sorted(missing.items())]
    return "\n".join([*lines, *items]) + "\n"


def _columns(source: Source) -> list[_Column]:
    named: Mapping[str, str] = {}
    values: Mapping[str, Mapping[float, str]] = {}
    if source.kind in ("sav", "dta"):
        named, values = statistical.words(source.path, "dta" if source.kind == "dta" else "sav")
    names = [name for name in source.headers if name not in source.repeated]
    frame = source.read(names, n_rows=_ROWS)
    columns = []
    for name in names:
        column = frame[name].drop_nulls()
        if column.dtype == pl.String:
            numbers = column.str.strip_chars().cast(pl.Float64, strict=False)
            if column.len() and numbers.null_count() == 0:
                column = numbers
        if column.dtype.is_numeric():
            column = column.cast(pl.Float64)
        few = (
            column.value_counts(sort=True)
            if column.n_unique() <= 60
            else column.head(0).value_counts()
        )
        header = source.headers[name]
        label = named.get(name, "") or header.partition(":")[2].strip()
        declared = {
            float(value)
            for low, high, _ in source.declared.get(name, ())
            for value in few[name]
            if not isinstance(value, str) and low <= value <= high
        }
        columns.append(
            _Column(
                name,
                label,
                column,
                values.get(name, {}),
                frozenset(declared),
                dict(few.iter_rows()),
            )
        )
    return columns


def _roles(columns: Sequence[_Column]) -> tuple[dict[str, _Column], list[_Column]]:
    """Find the columns of country, wave, weight and respondent."""
    roles: dict[str, _Column] = {}
    rest = []
    for column in columns:
        role = _role(column)
        if role and role not in roles:
            roles[role] = column
        else:
            rest.append(column)
    return roles, rest


def _role(column: _Column) -> str:
    values = column.values
    if _WEIGHT.match(column.name) and values.dtype.is_numeric() and values.n_unique() > 2:
        return "weight"
    if _RESPONDENT.match(column.name) and values.n_unique() == values.len():
        return "respondent"
    if _WAVE.match(column.name) and values.dtype.is_numeric():
        return "wave"
    if values.dtype == pl.String and values.len():
        cells = values.unique().to_list()
        if all(len(cell.strip()) > 1 and alpha_3(cell) for cell in cells):
            return "country"
    return ""


def _head(roles: Mapping[str, _Column]) -> Iterator[str]:
    wave, country = roles.get("wave"), roles.get("country")
    if wave is None:
        yield "wave = 1                     # a number for this round of the survey"
    else:
        yield f"wave = {{ column = {toml_value(wave.name)} }}"
    if country is None:
        yield '# country = "USA"            # TO DO: an alpha-3 code, or { column = … }'
    else:
        yield f"country = {{ column = {toml_value(country.name)} }}"
    for role, absent in (
        ("weight", "no weights were found: every respondent counts once"),
        ("respondent", "no numbers of respondents were found: repeated ones stay"),
    ):
        column = roles.get(role)
        if column is None:
            yield f'# {role} = {{ column = "…" }}  # {absent}'
        else:
            yield f"{role} = {{ column = {toml_value(column.name)} }}"


def _missing(columns: Iterable[_Column]) -> dict[int, int]:
    """Collect the missing codes of all columns; where they differ, the most frequent reason."""
    votes: dict[int, dict[int, int]] = {}
    for column in columns:
        for code, reason in column.missing.items():
            if code >= 0:
                votes.setdefault(code, {}).setdefault(reason, 0)
                votes[code][reason] += 1
    return {code: max(of_it, key=of_it.__getitem__) for code, of_it in votes.items()}


def _free_items(columns: Iterable[_Column]) -> Iterator[str]:
    """Describe every column that may hold an item."""
    left = []
    for column in columns:
        codes, words = column.codes, column.words
        name = re.sub(r"[^\w-]", "_", column.name)
        if 2 <= len(codes) <= _MOST_OPTIONS and not words:
            labels = [column.labels.get(code, "") for code in codes]
            options = codes
        elif 2 <= len(words) <= _MOST_OPTIONS and len(column.found) <= _MOST_OPTIONS + 4:
            labels, options = words, [*range(1, len(words) + 1)]
        else:
            left.append(column.name)
            continue
        yield ""
        if column.label:
            yield f"# {' '.join(column.label.split())}"
        yield f"[items.{toml_key(name)}]"
        yield f"column = {toml_value(column.name)}"
        yield 'scale = "ordinal"            # or "nominal", if the answers have no order'
        if words:
            yield "# the answers by their frequency: put them in the order of the scale"
        yield f"codes = {toml_value(options)}"
        if any(labels):
            words = [label or str(code) for label, code in zip(labels, options, strict=True)]
            yield f"labels = {toml_value(words)}"
    yield from _left(left)


def _known_items(columns: Sequence[_Column], bank: QuestionBank) -> Iterator[str]:
    """Describe the columns of a questionnaire's items; tell which items have none."""
    left = {column.name: column for column in columns}
    for name, item in bank.items.items():
        column, how = _column_of(item, bank, left.values())
        yield ""
        if column is None:
            yield f"# [items.{toml_key(name)}]  # TO DO: no column was found"
            yield '# column = "…"'
            continue
        del left[column.name]
        yield f"# {how}"
        yield f"[items.{toml_key(name)}]"
        yield f"column = {toml_value(column.name)}"
        if strange := [code for code in column.codes if code not in item.known_codes]:
            known = toml_value(item.known_codes)
            yield f"# TO DO: the file has {toml_value(column.codes)}, the item {known}"
            yield "# write the item's code for each of the file's:"
            yield f"# recode = {{ {strange[0]} = {item.scale.codes[0]} }}"
    yield from _left(left)


def _column_of(
    item: Item, bank: QuestionBank, columns: Iterable[_Column]
) -> tuple[_Column | None, str]:
    texts = [
        plain(bank.language(language).questions[item.id].text)
        for language in bank.languages
        if item.id in bank.language(language).questions
    ]
    best, like = None, _NEAR
    for column in columns:
        if column.name.casefold() == item.id.casefold():
            return column, "found by its name" + (f": {column.label}" if column.label else "")
        for text in texts:
            ratio = difflib.SequenceMatcher(None, plain(column.label), text).ratio()
            if column.label and ratio >= like:
                best, like = column, ratio
    return best, "" if best is None else f"found by its label: {best.label}"


def _left(names: Iterable[str]) -> Iterator[str]:
    listed = ", ".join(names)
    if listed:
        yield ""
        yield f"# Columns that are in no item: {listed}"
