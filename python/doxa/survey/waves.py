"""Which wave a file is of: as its wave column says, its dates, or its variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from doxa.errors import SurveyError
from doxa.survey.columns import columns_table, fits, label_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from doxa.questionnaire.item import Item

__all__ = [
    "DATE_COLUMNS",
    "FIELDWORK",
    "WAVES",
    "WAVE_COLUMNS",
    "decide_wave",
    "wave_named",
    "wave_variables",
]

WAVES: Final = (4, 5, 6, 7)
"""The waves whose own files are known."""

WAVE_COLUMNS: Final = ("A_WAVE", "V1", "S002VS", "S002")
DATE_COLUMNS: Final = ("FW_START", "FW_END", "A_YEAR", "S020", "V262", "V260", "V246", "V261",
                       "J_INTDATE")  # fmt: skip
"""The variables that may hold the dates of interviews, in the order tried."""

FIELDWORK: Final = {
    1: (1981, 1984),
    2: (1989, 1993),
    3: (1994, 1999),
    4: (1999, 2004),
    5: (2004, 2009),
    6: (2010, 2016),
    7: (2017, 2024),
}
"""The years in which each wave was in the field somewhere; 1999 and 2004 belong to two of them."""

# Variables that only one of the waves' files have, for files without any labels.
_MARKS: Final = {
    4: {"V245A", "V220_LOCAL", "V225R", "V225R2", "V226CS"},
    5: {"V259A", "V1B", "V237R2", "V231_LOCAL", "V238CS"},
    6: {"V203A", "V207A", "V144G", "V125REG", "V228A", "V242A", "V74B", "V248CS"},
}
_HEADERS: Final = "the headers of its items"
_WAVE: Final = re.compile(r"\s*(?:wave\s*|wvs\s*|w)?([1-9])(?:\.0+)?\s*", re.IGNORECASE)
_PERIOD: Final = re.compile(r"\s*(\d{4})\s*[-\u2013/]\s*(\d{4})\s*")
_DATE: Final = re.compile(r"\s*((?:19|20)\d\d)(?:-?\d\d){0,2}(?:\.0+)?\s*")


def wave_named(value: object) -> int | None:
    """Read the wave in a cell, such as "7", "2005-2009" or "Wave 6"; None for anything else.

    Examples
    --------
    >>> [wave_named(value) for value in (7, "2005-2009", "1999-2004", "-4", "7" * 25)]
    [7, 5, 4, None, None]
    """
    text = "" if value is None else str(value)
    if found := _WAVE.fullmatch(text):
        return int(found[1])
    if found := _PERIOD.fullmatch(text):
        middle = (int(found[1]) + int(found[2])) // 2
        return next((w for w, (a, b) in FIELDWORK.items() if a < middle < b), None)
    return None


def wave_variables(items: Mapping[str, Item], wave: int) -> dict[str, str]:
    """Give the variable of each item that a wave's file has."""
    if wave == 4:
        places: dict[str, str] = columns_table()["wave_4"]
        return {name: places[name] for name in items if name in places}
    return {name: item.variables[wave] for name, item in items.items() if wave in item.variables}


def decide_wave(
    headers: Mapping[str, str],
    head: pl.DataFrame,
    items: Mapping[str, Item],
    source: str,
    asked: int | None = None,
) -> tuple[int, str, list[str]]:
    """Decide of which wave a file is.

    The wave column decides; without one the dates of the interviews, unless only the headers of
    another wave's items fit; without those the variables and what their headers say.

    Parameters
    ----------
    headers : mapping of str to str
        The header of each variable of the file.
    head : polars.DataFrame
        The first rows of those of `WAVE_COLUMNS` and `DATE_COLUMNS` that the file has.
    items : mapping of str to Item
        The items to look for.
    source : str
        The file, for messages.
    asked : int, optional
        The wave, where the user says it.

    Returns
    -------
    wave : int
        The wave.
    found : str
        What it was told from.
    notes : list of str
        What speaks for another wave.

    Raises
    ------
    SurveyError
        Nothing decides, or the wave is not one of `WAVES`.
    """
    told = [
        told
        for told in (
            _from_column(headers, head),
            _from_dates(head),
            _from_variables(headers, items),
        )
        if told[0]
    ]
    if asked is not None:
        wave, found = asked, "as asked"
    else:
        column = _from_column(headers, head)
        if len(column[0]) > 1:
            raise SurveyError(
                f"{source}: {column[1].split()[0]} says waves {_either(column[0], ' and ')}: use "
                "files of one wave, or the time series"
            )
        single = next(((waves, how) for waves, how in told if len(waves) == 1), None)
        if single is None:
            raise SurveyError(
                f"{source}: nothing in it says of which wave it is: name it with --wave (or wave=)"
            )
        words = told[-1]
        from_dates = single[1] not in {column[1], words[1]}
        if words[1] == _HEADERS and from_dates and len(words[0]) == 1:
            # Dates may be wrong: no item of their wave may be headed as in this file.
            fitting = _fitting(headers, items)[next(iter(single[0]))]
            single = single if fitting else words
        wave, found = next(iter(single[0])), f"from {single[1]}"
    if wave not in WAVES:
        raise SurveyError(
            f"{source}: is of wave {wave} ({found}): use a file of the waves 4 to 7, or the time "
            "series for the earlier ones"
        )
    others = [(waves, how) for waves, how in told if wave not in waves]
    return (
        wave,
        found,
        [
            f"wave {wave} {found}, though {how} would make it wave {_either(waves)}"
            + (_compared(_fitting(headers, items), wave, waves) if how == _HEADERS else "")
            for waves, how in others
        ],
    )


def _either(waves: Iterable[int], between: str = " or ") -> str:
    return between.join(str(wave) for wave in sorted(waves))


def _from_column(headers: Mapping[str, str], head: pl.DataFrame) -> tuple[set[int], str]:
    for name in WAVE_COLUMNS:
        label = label_of(headers.get(name, ""))
        if name not in head.columns or (label and "wave" not in label.lower()):
            continue
        waves = {value: wave_named(value) for value in head[name].unique(maintain_order=True)}
        told = {wave for wave in waves.values() if wave is not None}
        if told:
            first = next(value for value, wave in waves.items() if wave is not None)
            return told, f"{name} ({first})"
    return set(), ""


def _from_dates(head: pl.DataFrame) -> tuple[set[int], str]:
    for name in DATE_COLUMNS:
        if name not in head.columns:
            continue
        values = head[name].unique().to_list()
        dates = [_DATE.fullmatch(str(value)) for value in values]
        years = [int(date[1]) for date in dates if date]
        if len(years) == len(values):
            possible = [{w for w, (a, b) in FIELDWORK.items() if a <= year <= b} for year in years]
            waves = set.intersection(*possible)
            if waves:
                return waves, f"{name} ({values[0]})"
    return set(), ""


def _compared(fitting: Mapping[int, int], wave: int, others: Iterable[int]) -> str:
    most = max(fitting[other] for other in others)
    return f": {most} items are headed as there, {fitting[wave]} as in wave {wave} (see --wave)"


def _fitting(headers: Mapping[str, str], items: Mapping[str, Item]) -> dict[int, int]:
    """Count for each wave the items whose variable is headed with the right words."""
    labelled = {name: label_of(header) for name, header in headers.items()}
    return {
        wave: sum(
            bool(labelled.get(place)) and fits(labelled[place], item)
            for item, place in wave_variables(items, wave).items()
        )
        for wave in WAVES
    }


def _from_variables(headers: Mapping[str, str], items: Mapping[str, Item]) -> tuple[set[int], str]:
    """Tell the waves whose variables the file has, with the right words where it has words."""
    fitting = _fitting(headers, items)
    most = max(fitting.values())
    if most:
        return {w for w, n in fitting.items() if n == most}, _HEADERS
    if any(place in headers for place in wave_variables(items, 7).values()):
        return {7}, "its variables"
    names = {name.upper() for name in headers}
    return {wave for wave, marks in _MARKS.items() if marks & names}, "its variables"
