"""The official files of the World Values Survey, and the joint file with the European one.

Each `…_layout` function gives the layout of one kind of file; `doxa.survey.known` lists the
variables that identify it. The time series and the joint file use the same variables, listed in
``time_series.toml``.
"""

from __future__ import annotations

import functools
import re
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from doxa.survey.layout import Layout, Variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire.item import Item
    from doxa.survey.source import Source

__all__ = [
    "joint_layout",
    "time_series_layout",
    "time_series_places",
    "time_series_table",
    "wave_7_layout",
    "waves_5_and_6_layout",
]


def wave_7_layout(source: Source, items: Mapping[str, Item]) -> Layout:
    """Give the layout of the file of wave 7."""
    return Layout(
        title="World Values Survey, wave 7",
        survey="WVS",
        wave="A_WAVE" if "A_WAVE" in source.headers else 7,
        country=_first(source, "B_COUNTRY_ALPHA", "B_COUNTRY"),
        weight="W_WEIGHT",
        respondent=_first(source, "D_INTERVIEW", "UNIQID"),
        items=items,
        variables=_wave_places(items, 7),
    )


def time_series_layout(source: Source, items: Mapping[str, Item]) -> Layout:
    """Give the layout of the time series of all waves."""
    return Layout(
        title="World Values Survey, time series",
        survey="WVS",
        wave="S002VS",
        country=_first(source, "COUNTRY_ALPHA", "S003"),
        weight="S017",
        respondent=_first(source, "S007", "S006"),
        items=items,
        variables=_among(items),
    )


def joint_layout(_: Source, items: Mapping[str, Item]) -> Layout:
    """Give the layout of the joint file of the European and the World Values Survey."""
    return Layout(
        title="Joint EVS/WVS 2017-2022",
        survey="EVS/WVS",
        wave=7,
        country="cntry",
        weight="gwght",
        respondent="uniqid",
        items=items,
        variables=_among(items),
        complete=False,
    )


def waves_5_and_6_layout(source: Source, items: Mapping[str, Item]) -> Layout:
    """Give the layout of the file of wave 5 or 6; both name their variables V1, V2, …."""
    wave = _wave_of(source)
    return Layout(
        title=f"World Values Survey, wave {wave}",
        survey="WVS",
        wave=wave,
        country=_first(source, "B_COUNTRY_ALPHA", "V2"),
        weight="V258" if wave == 6 else "V259",
        respondent="V3",
        items=items,
        variables=_wave_places(items, wave),
    )


def _first(source: Source, *candidates: str) -> str:
    """Choose the first variable that the file has; the first candidate if it has none."""
    return next((name for name in candidates if name in source.headers), candidates[0])


def _wave_of(source: Source) -> int:
    """Tell wave 5 from wave 6."""
    if "V1" in source.headers:
        values = source.read(["V1"], n_rows=1)["V1"].to_list()
        found = re.search(r"\d", str(values[0])) if values else None
        if found and int(found.group()) in (5, 6):
            return int(found.group())
    return 6 if "V203A" in source.headers else 5


def _wave_places(items: Mapping[str, Item], wave: int) -> dict[str, Variable]:
    return {
        name: Variable(item.variables[wave])
        for name, item in items.items()
        if wave in item.variables
    }


def _among(items: Mapping[str, Item]) -> dict[str, Variable]:
    return {name: place for name, place in time_series_places().items() if name in items}


@functools.cache
def time_series_table() -> dict[str, Any]:
    """Read ``time_series.toml``, which says where the time series keeps each item."""
    text = files("doxa.survey").joinpath("time_series.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@functools.cache
def time_series_places() -> dict[str, Variable]:
    """Give the variable of each item in the time series."""
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
