"""Which file of which survey this is, and where it keeps what."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from doxa.errors import SurveyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire.item import Item
    from doxa.survey.source import Source

__all__ = ["Layout", "Variable", "recognise", "time_series_places", "time_series_table"]


@dataclass(frozen=True, slots=True)
class Variable:
    """Where a file keeps an item.

    Parameters
    ----------
    name : str
        The variable.
    codes : mapping of int to int
        Codes in the file, and the item's own; empty where they are the same. Codes that are
        not among them are missing or impossible.
    missing : mapping of int to int
        Codes of missing answers in the file, and the survey's own from -1 to -5, for files that
        code them otherwise.
    labels : mapping of str to int
        Labels of the item's codes, for files whose cells hold labels and that doxa's own table
        does not cover.
    """

    name: str
    codes: Mapping[int, int] = field(default_factory=dict, hash=False)
    missing: Mapping[int, int] = field(default_factory=dict, hash=False)
    labels: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a survey's file is laid out.

    Parameters
    ----------
    title : str
        What the file is.
    survey : str
        The survey's name in the counts.
    wave : int or str
        The wave, or the variable that holds it.
    country : str
        The variable that holds the country, as a code or a name.
    weight : str or None
        The variable that holds the weight; None for a survey without weights.
    respondent : str or None
        The variable that holds the respondent's number.
    items : mapping of str to Item
        The items looked for.
    variables : mapping of str to Variable
        Where each item is.
    fixed_country : str
        The alpha-3 code, for a survey of one country; `country` is then "".
    complete : bool
        Whether every such file has all of `variables`, so that one without is a part of a file.
    """

    title: str
    survey: str
    wave: int | str
    country: str
    weight: str | None
    respondent: str | None
    items: Mapping[str, Item] = field(hash=False)
    variables: Mapping[str, Variable] = field(hash=False)
    fixed_country: str = ""
    complete: bool = True


def recognise(source: Source, items: Mapping[str, Item]) -> Layout:
    """Tell which official file a source is, from the names of its variables.

    Parameters
    ----------
    source : Source
        The file.
    items : mapping of str to Item
        The items to look for, by their wave-7 names.

    Raises
    ------
    SurveyError
        It is none that is known.
    """
    names = source.headers

    def first(*candidates: str) -> str:
        return next((name for name in candidates if name in names), candidates[0])

    if "B_COUNTRY" in names or "B_COUNTRY_ALPHA" in names:
        return Layout(
            "World Values Survey, wave 7",
            "WVS",
            "A_WAVE" if "A_WAVE" in names else 7,
            first("B_COUNTRY_ALPHA", "B_COUNTRY"),
            "W_WEIGHT",
            first("D_INTERVIEW", "UNIQID"),
            items,
            _wave_variables(items, 7),
        )
    if "S002VS" in names:
        return Layout(
            "World Values Survey, time series",
            "WVS",
            "S002VS",
            first("COUNTRY_ALPHA", "S003"),
            "S017",
            first("S007", "S006"),
            items,
            _time_series_variables(items),
        )
    if "cntry" in names and "gwght" in names:
        return Layout(
            "Joint EVS/WVS 2017-2022",
            "EVS/WVS",
            7,
            "cntry",
            "gwght",
            "uniqid",
            items,
            _time_series_variables(items),
            complete=False,
        )
    if "V2" in names and "V4" in names:
        wave = _wave_of_v_file(source)
        return Layout(
            f"World Values Survey, wave {wave}",
            "WVS",
            wave,
            first("B_COUNTRY_ALPHA", "V2"),
            "V258" if wave == 6 else "V259",
            "V3",
            items,
            _wave_variables(items, wave),
        )
    shown = ", ".join(list(names)[:4])
    raise SurveyError(
        f"{source.name}: no survey file that doxa knows (its variables begin {shown}): "
        "describe it in a TOML file"
    )


def _wave_of_v_file(source: Source) -> int:
    """Tell wave 5 from wave 6, which both name their variables V1, V2, …."""
    if "V1" in source.headers:
        values = source.read(["V1"], n_rows=1)["V1"].to_list()
        found = re.search(r"\d", str(values[0])) if values else None
        if found and int(found.group()) in (5, 6):
            return int(found.group())
    return 6 if "V203A" in source.headers else 5


def _wave_variables(items: Mapping[str, Item], wave: int) -> dict[str, Variable]:
    return {
        name: Variable(item.variables[wave])
        for name, item in items.items()
        if wave in item.variables
    }


def _time_series_variables(items: Mapping[str, Item]) -> dict[str, Variable]:
    return {name: place for name, place in time_series_places().items() if name in items}


@functools.cache
def time_series_table() -> dict[str, Any]:
    """Read what is known about the items in the time series, table by table."""
    text = files("doxa.survey").joinpath("time_series.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@functools.cache
def time_series_places() -> dict[str, Variable]:
    """Tell where the time series keeps each item."""
    table = time_series_table()
    others = {item: _codes(entry) for item, entry in table["others"].items()}
    places = {
        item: Variable(name, missing=others.get(item, {}))
        for item, name in table["variables"].items()
    }
    for item, entry in table["recoded"].items():
        places[item] = Variable(entry["variable"], _codes(entry["codes"]))
    return places


def _codes(entry: Mapping[str, int]) -> dict[int, int]:
    return {int(there): here for there, here in entry.items()}
