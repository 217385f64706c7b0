"""Which column of a file names the country, and what its cells say.

The survey's files have several such columns, and some hold only the code of a missing value. Those
of the Correlates of War project (COW) use other codes than ISO 3166-1, some for other countries:
AUS is Austria there; ``cow.csv`` lists them.
"""

from __future__ import annotations

import csv
import functools
import re
import reprlib
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from doxa.errors import SurveyError
from doxa.survey.countries import alpha_3

if TYPE_CHECKING:
    import polars as pl

__all__ = ["COUNTRY_COLUMNS", "choose_country", "country_named"]

COUNTRY_COLUMNS: Final = (
    "B_COUNTRY_ALPHA",
    "COUNTRY_ALPHA",
    "B_COUNTRY",
    "S003",
    "V2",
    "V2A",
    "COW",
    "C_COW_NUM",
    "C_COW_ALPHA",
)
"""The variables that may name the country, in the order tried."""

_COW: Final = frozenset({"COW", "C_COW_NUM", "C_COW_ALPHA"})
_LONGEST: Final = 200
_NOTE: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_TITLES: Final = re.compile(r"\b(PRC|ROC|ROU|SAR|China|(the )?Republic of|State of)\b")
_MISSING: Final = re.compile(r"\s*(-\d+(\.0+)?|missing.*|n/?a|)\s*", re.IGNORECASE)


def choose_country(head: pl.DataFrame, source: str) -> tuple[str, list[str]]:
    """Choose the column that names the country.

    Parameters
    ----------
    head : polars.DataFrame
        The first rows of those of `COUNTRY_COLUMNS` that the file has.
    source : str
        The file, for messages.

    Returns
    -------
    variable : str
        The first of which a cell names a country.
    notes : list of str
        What other columns say that differs.

    Raises
    ------
    SurveyError
        No column names a country, or there are no rows.
    """
    if head.is_empty():
        raise SurveyError(f"{source}: holds no respondents: is it the complete file?")
    named: dict[str, set[str]] = {}
    for name in COUNTRY_COLUMNS:
        if name in head.columns:
            found = {country_named(value, name) for value in head[name].unique()}
            if found - {None}:
                named[name] = {country for country in found if country is not None}
    if not named:
        shown = [f"{name} {reprlib.repr(head[name][0])}" for name in head.columns[:3]]
        seen = f" ({', '.join(shown)})" if shown else ""
        raise SurveyError(
            f"{source}: no column names the country{seen}: use the complete file, or describe it "
            "in a TOML file"
        )
    chosen, countries = next(iter(named.items()))
    return chosen, [
        f"the country is {_shown(countries)}, from {chosen}; {name} says {_shown(found)}"
        for name, found in named.items()
        if found.isdisjoint(countries)
    ]


def _shown(countries: set[str]) -> str:
    return ", ".join(sorted(countries))


@functools.cache
def country_named(value: object, variable: str) -> str | None:
    """Find the country that a cell names.

    Parameters
    ----------
    value : object
        A cell of the file: a name or a code, as text or as a number.
    variable : str
        The variable, which decides what a code stands for.

    Returns
    -------
    str or None
        The alpha-3 code; None where the cell names no country.

    Examples
    --------
    >>> [country_named(value, "V2") for value in ("Korea, South", "392", 840.0, "-4", "Taiwan ROC")]
    ['KOR', 'JPN', 'USA', None, 'TWN']
    >>> country_named("AUS", "C_COW_ALPHA"), country_named("AUS", "B_COUNTRY_ALPHA")
    ('AUT', 'AUS')
    """
    text = "" if value is None else str(value).strip()
    if len(text) > _LONGEST or _MISSING.fullmatch(text):
        return None
    text = re.sub(r"\.0+$", "", text)
    if variable in _COW and (text.isdecimal() or re.fullmatch("[A-Z]{3}", text)):
        return _cow().get(text.lstrip("0"))
    bare = " ".join(_NOTE.sub(" ", text).split())
    around = ", ".join(reversed([part.strip() for part in bare.split(",")])).replace(", ", " ")
    untitled = _TITLES.sub(" ", bare).strip(" ,")
    names = (text, bare, around, " ".join(untitled.split()).strip(" ,"))
    return next((code for name in names if (code := alpha_3(name)) is not None), None)


@functools.cache
def _cow() -> dict[str, str]:
    text = files("doxa.survey").joinpath("cow.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return {row[key]: row["alpha_3"] for row in rows for key in ("cow", "numeric")}
