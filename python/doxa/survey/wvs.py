"""The official files of the World Values Survey, and the joint file with the European one.

Each `…_layout` function gives the layout of one kind of file; `doxa.survey.known` lists what
identifies it. The time series and the joint file use the same variables, listed in
``time_series.toml``; the files of single waves, of all countries or of one, use others.
"""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from doxa.survey.columns import columns_table, fits, found_by_header, label_of
from doxa.survey.country_column import COUNTRY_COLUMNS, choose_country
from doxa.survey.layout import Layout, Variable
from doxa.survey.waves import DATE_COLUMNS, WAVE_COLUMNS, WAVES, decide_wave, wave_variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire.item import Item
    from doxa.survey.source import Source

__all__ = [
    "holds_time_series",
    "holds_wave",
    "joint_layout",
    "time_series_layout",
    "time_series_places",
    "time_series_table",
    "wave_layout",
]

_CLUSTER: Final = "I_PSU"
_WEIGHTS: Final = {4: ("V245", "S017"), 5: ("V259", "S017"), 6: ("V258", "S017"),
                   7: ("W_WEIGHT", "S017")}  # fmt: skip
_RESPONDENTS: Final = ("D_INTERVIEW", "UNIQID", "V3", "S007", "S006")
_HEAD_ROWS: Final = 50


def holds_wave(source: Source, items: Mapping[str, Item]) -> bool:
    """Tell whether a file has a column of countries, and items of one of the waves."""
    places = {place for wave in WAVES for place in wave_variables(items, wave).values()}
    return bool(source.headers.keys() & set(COUNTRY_COLUMNS) and source.headers.keys() & places)


def holds_time_series(source: Source, items: Mapping[str, Item]) -> bool:
    """Tell whether a file has the time series' column of waves, and not the items of one wave."""
    places = {place.name for place in _among(items).values()}
    return "S002VS" in source.headers and bool(
        source.headers.keys() & places or not holds_wave(source, items)
    )


def wave_layout(source: Source, items: Mapping[str, Item], wave: int | None = None) -> Layout:
    """Give the layout of a file of one wave, of all countries or of some.

    Raises
    ------
    SurveyError
        It can't be told of which wave the file is, or no column names the country.
    """
    headers = source.headers
    when = [name for name in (*WAVE_COLUMNS, *DATE_COLUMNS) if name not in source.repeated]
    looked_at = [name for name in (*COUNTRY_COLUMNS, *when) if name in headers]
    head = source.read(looked_at, n_rows=_HEAD_ROWS)
    country, differing = choose_country(head, source.name)
    wave, found, notes = decide_wave(headers, head, items, source.name, wave)
    places = wave_variables(items, wave)
    if wave == 4:
        places |= found_by_header(headers, set(columns_table()["by_header"]["wave_4"]) & set(items))
    wrong = {
        name: f"{place} is headed {label_of(headers[place])!r}"
        for name, place in places.items()
        if place in headers and not fits(label_of(headers[place]), name)
    }
    stated = next((name for name in WAVE_COLUMNS if f"from {name} " in found), "")
    return Layout(
        title=f"World Values Survey, wave {wave}",
        survey="WVS",
        wave=wave,
        country=country,
        weight=_weight(source, _WEIGHTS[wave]),
        respondent=next(
            (name for name in _RESPONDENTS if name in headers and name not in source.repeated), None
        ),
        items=items,
        variables={name: Variable(place) for name, place in places.items()},
        wave_variable=stated,
        wrong_headers=wrong,
        kind=f"wave_{wave}",
        notes=(
            f"wave {wave} {found}; the country from {country}",
            *notes,
            *differing,
            *_not_weights(source, _WEIGHTS[wave]),
        ),
        cluster=_cluster(source) if wave == 7 else None,
    )


def time_series_layout(source: Source, items: Mapping[str, Item]) -> Layout:
    """Give the layout of the time series of all waves."""
    return Layout(
        title="World Values Survey, time series",
        survey="WVS",
        wave=_first(source, "S002VS", "S002"),
        country=_first(source, "COUNTRY_ALPHA", "S003"),
        weight=_weight(source, ("S017",)),
        respondent=_first(source, "S007", "S006"),
        items=items,
        variables=_among(items),
        kind="time_series",
    )


def joint_layout(source: Source, items: Mapping[str, Item]) -> Layout:
    """Give the layout of the joint file of the European and the World Values Survey."""
    return Layout(
        title="Joint EVS/WVS 2017-2022",
        survey="EVS/WVS",
        wave=7,
        country="cntry",
        weight=_weight(source, ("gwght",)),
        respondent="uniqid",
        items=items,
        variables=_among(items),
        complete=False,
        kind="joint",
    )


def _first(source: Source, *candidates: str) -> str:
    """Choose the first variable that the file has; the first candidate if it has none."""
    return next((name for name in candidates if name in source.headers), candidates[0])


def _weight(source: Source, candidates: tuple[str, ...]) -> str | None:
    """Choose the weight; the same variable holds something else in other waves."""
    for name in candidates:
        label = label_of(source.headers.get(name, ""))
        if name in source.headers and (not label or "weight" in label.lower()):
            return name
    return None


def _cluster(source: Source) -> str | None:
    """Find the primary sampling unit, which files of wave 7 may have."""
    label = label_of(source.headers.get(_CLUSTER, "")).lower()
    fit = _CLUSTER in source.headers and _CLUSTER not in source.repeated
    return _CLUSTER if fit and (not label or "sampling unit" in label) else None


def _not_weights(source: Source, candidates: tuple[str, ...]) -> list[str]:
    """Say which columns would be the weight, were they headed so."""
    if _weight(source, candidates) is not None:
        return []
    return [
        f"{name} is headed {label_of(source.headers[name])!r}: it is not taken for the weight"
        for name in candidates
        if name in source.headers
    ]


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
