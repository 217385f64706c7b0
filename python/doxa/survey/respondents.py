"""Who answered: the population and the weight of each row of a survey file, and repeated rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.errors import SurveyError
from doxa.questionnaire.missing import MISSING_REASONS
from doxa.survey.country_column import country_named
from doxa.survey.matching import missing_code
from doxa.survey.subpopulations import ready_names
from doxa.survey.waves import wave_named

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from doxa.survey.grouping import Grouping
    from doxa.survey.layout import Layout
    from doxa.survey.source import Source

__all__ = [
    "VERSION",
    "drawn_from",
    "first_appearances",
    "populations",
    "repeats_note",
    "required_variables",
    "sheet_row",
    "weights_of",
]

VERSION: Final = "version"
"""The variable in which files of the World Values Survey state their version."""

_NO_WEIGHTING: Final = r"^(no weight|not weighted|unweighted|without weight)"
_LEAST_WEIGHT: Final = 1e-9
_WAVE_NUMBER: Final = re.compile(r"(?<!\d)\d{1,4}(?!\d)")


def first_appearances(
    frame: pl.DataFrame,
    keys: pl.DataFrame,
    respondent: str | None,
    answers: NDArray[np.uint8],
) -> tuple[NDArray[np.bool_], int]:
    """Mark all rows but those that repeat another one: its number and all its answers.

    Parameters
    ----------
    frame : polars.DataFrame
        The rows of the file.
    keys : polars.DataFrame
        The population of each row, as `populations` gives it.
    respondent : str or None
        The variable with the respondent's number; if None, all rows are marked.
    answers : numpy.ndarray
        Shape (n_rows, n_items), uint8: the answers of each row.

    Returns
    -------
    keep : numpy.ndarray
        Shape (n_rows,), bool.
    n_shared : int
        How many marked rows have the number of an earlier one, but other answers.
    """
    if (
        respondent is None
        or respondent not in frame.columns
        or frame[respondent].n_unique() == frame.height
    ):
        return np.ones(frame.height, dtype=bool), 0
    numbered = keys.select("survey", "wave", "country", frame[respondent].alias("number"))
    repeated = numbered.select(
        ~(pl.struct(pl.all()).is_first_distinct() | pl.col("number").is_null())
    ).to_series()
    alike = numbered.with_columns(answers=pl.Series([row.tobytes() for row in answers]))
    keep = alike.select(
        pl.struct(pl.all()).is_first_distinct() | pl.col("number").is_null()
    ).to_series()
    return keep.to_numpy(), int((repeated & keep).sum())


def drawn_from(frame: pl.DataFrame, variable: str | None) -> pl.Series | None:
    """Give the cluster or stratum of each row, null where it is missing; None without a variable.

    Negative codes and the names of missing answers are missing.
    """
    if variable is None:
        return None
    cells = frame[variable].cast(pl.String).str.strip_chars()
    gone = [c for c in cells.unique() if c is None or c.startswith("-") or missing_code(c)]
    return cells.replace(dict.fromkeys(gone)) if gone else cells


def repeats_note(n_shared: int) -> list[str]:
    """Say how many respondents have the number of another one, but other answers."""
    if not n_shared:
        return []
    return [
        f"{n_shared:,} respondents have the number of another one, but other answers: all are kept"
    ]


def required_variables(
    source: Source, layout: Layout, groupings: tuple[Grouping, ...], *, weighted: bool
) -> list[str]:
    """List the variables of a file that say who answered.

    The respondent's number and the file's version are listed only where the file has them.

    Raises
    ------
    SurveyError
        The file lacks the country, the wave, the weight or a grouping variable.
    """
    needed = [] if layout.fixed_country else [("country", layout.country)]
    if isinstance(layout.wave, str):
        needed.append(("wave", layout.wave))
    elif layout.wave_variable:
        needed.append(("wave", layout.wave_variable))
    if weighted and layout.weight:
        needed.append(("weight", layout.weight))
    needed += [(f"grouping key {g.name}", name) for g in groupings for name in g.variables]
    drawn = (("cluster", layout.cluster), ("stratum", layout.stratum))
    needed += [(what, name) for what, name in drawn if name is not None]
    for what, name in needed:
        if name not in source.headers:
            remedy = ", or ask for unweighted counts" if what == "weight" else ""
            if what.startswith("grouping"):
                remedy = f", or name one of {', '.join(ready_names())}"
            raise SurveyError(
                f"{source.name}: no variable {name} for the {what}: use the complete file{remedy}"
            )
    optional = [name for name in (layout.respondent, VERSION) if name in source.headers]
    return list(dict.fromkeys([*(name for _, name in needed), *filter(None, optional)]))


def populations(
    frame: pl.DataFrame, layout: Layout, groupings: tuple[Grouping, ...], source: str
) -> pl.DataFrame:
    """Name the population of each row: `survey`, `wave`, `country`, then the groupings.

    Raises
    ------
    SurveyError
        A row has an unknown wave or country, or does not fit a grouping.
    """
    if layout.fixed_country:
        country = pl.Series([layout.fixed_country]).new_from_index(0, frame.height)
    else:
        country = _countries(frame[layout.country], layout.country, source)
    if isinstance(layout.wave, int):
        wave = pl.Series([layout.wave]).new_from_index(0, frame.height)
        if layout.wave_variable:
            _check_wave(frame[layout.wave_variable], layout, source)
    else:
        wave = _waves(frame[layout.wave], layout.wave, source)
    return pl.DataFrame(
        {
            "survey": pl.Series([layout.survey]).new_from_index(0, frame.height),
            "wave": wave.cast(pl.Int64),
            "country": country,
            **{g.name: g.values(frame, source) for g in groupings},
        }
    )


def _check_wave(column: pl.Series, layout: Layout, source: str) -> None:
    other = [value for value in column.unique().to_list() if wave_named(value) != layout.wave]
    if other:
        row = next(row for row, value in enumerate(column) if value in other)
        what = "is not a wave" if wave_named(column[row]) is None else "is another wave"
        raise SurveyError(
            f"{source}: row {sheet_row(row)}: {layout.wave_variable} {_cut(column[row])} {what}: "
            f"the file is of wave {layout.wave}"
        )


def _cut(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}…"


def _waves(column: pl.Series, name: str, source: str) -> pl.Series:
    text = column.cast(pl.String)
    # There are few distinct values: each is read once.
    found = {value: _WAVE_NUMBER.search(value) for value in text.unique().drop_nulls()}
    numbers = {value: int(number[0]) for value, number in found.items() if number}
    if text.null_count() or len(numbers) < len(found):
        row = (~text.is_in(list(numbers))).fill_null(value=True).arg_max() or 0
        raise SurveyError(f"{source}: row {sheet_row(row)}: {name} {_cut(text[row])} is not a wave")
    if len(numbers) == 1:
        return pl.Series(list(numbers.values())).new_from_index(0, len(text))
    return text.replace_strict(numbers, return_dtype=pl.Int64)


def _countries(column: pl.Series, name: str, source: str) -> pl.Series:
    if column.dtype.is_float():
        column = column.cast(pl.Int64, strict=False)
    text = column.cast(pl.String)
    found = {value: country_named(value, name) for value in text.unique().drop_nulls()}
    codes = {value: code for value, code in found.items() if code is not None}
    if text.null_count() or len(codes) < len(found):
        row = (~text.is_in(list(codes))).fill_null(value=True).arg_max() or 0
        raise SurveyError(
            f"{source}: row {sheet_row(row)}: {name} {_cut(text[row])} is not a country: "
            "use an ISO 3166-1 code or one of the survey's own"
        )
    if all(value == code for value, code in codes.items()):
        return text
    return text.replace_strict(codes, return_dtype=pl.String)


def sheet_row(row: int) -> int:
    """Give a row of the data its number in a spreadsheet, where the headers are row 1.

    Examples
    --------
    >>> sheet_row(0)
    2
    """
    return row + 2


def weights_of(
    frame: pl.DataFrame, countries: pl.Series, layout: Layout, source: str, *, weighted: bool
) -> tuple[pl.Series, bool]:
    """Give the weight of each row (Float64), and whether any is given.

    It is 1 where no weight is used, where words stand for it, and in a country of which no row has
    one; null where a row lacks the weight that others of its country have, or has a weight of 0.

    Raises
    ------
    SurveyError
        A weight is not a number above 0, or one so large or small that sums of it are not exact.
    """
    if not weighted or not layout.weight:
        return pl.Series([1.0]).new_from_index(0, frame.height), False
    column = frame[layout.weight]
    numbers = column.cast(pl.Float64) if column.dtype.is_numeric() else _weights_in_words(column)
    numbers = numbers.fill_nan(None)
    coded = numbers.is_in([float(code) for code in MISSING_REASONS]).fill_null(value=False)
    absent = coded | (numbers.is_null() & ~_other_words(column))
    if absent.all():  # a column of missing codes is no weight
        return pl.Series([1.0]).new_from_index(0, frame.height), False
    rows = pl.DataFrame({"country": countries, "absent": absent, "zero": numbers == 0.0})
    without = rows.select(
        none=pl.col("absent").all().over("country"),
        lacks=pl.col("absent") | (pl.col("zero") & ~pl.col("zero").all().over("country")),
    )
    good = numbers.is_between(_LEAST_WEIGHT, 1 / _LEAST_WEIGHT).fill_null(value=False)
    bad = ~(good | without["lacks"].fill_null(value=False))
    if bad.any():
        row = bad.arg_max() or 0
        raise SurveyError(
            f"{source}: row {sheet_row(row)}: weight {layout.weight} is {_cut(column[row])}: a "
            f"weight must be a number above 0, from {_LEAST_WEIGHT:g} to {1 / _LEAST_WEIGHT:g}; "
            "correct it, leave the row out, or ask for unweighted counts"
        )
    return pl.select(pl.when(without["none"]).then(1.0).when(good).then(numbers)).to_series(), True


def _weights_in_words(column: pl.Series) -> pl.Series:
    text = column.cast(pl.String).str.strip_chars()
    words = text.str.to_lowercase().str.contains(_NO_WEIGHTING)
    value = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    return pl.select(pl.when(words).then(1.0).otherwise(value)).to_series()


def _other_words(column: pl.Series) -> pl.Series:
    """Mark the cells of text that does not say that a weight is missing."""
    if column.dtype != pl.String:
        return pl.Series([False]).new_from_index(0, len(column))
    others = [text for text in column.unique().drop_nulls() if missing_code(text) is None]
    return column.is_in(others).fill_null(value=False)
