"""Who answered: the population and the weight of each row of a survey file, and repeated rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.errors import SurveyError
from doxa.survey.countries import alpha_3

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from doxa.survey.grouping import Grouping
    from doxa.survey.layout import Layout
    from doxa.survey.source import Source

__all__ = ["VERSION", "first_appearances", "populations", "required_variables", "weights_of"]

VERSION: Final = "version"
"""The variable in which files of the World Values Survey state their version."""

_NO_WEIGHTING: Final = "no weighting"


def first_appearances(
    frame: pl.DataFrame, keys: pl.DataFrame, respondent: str | None
) -> NDArray[np.bool_]:
    """Mark the first row of each respondent in a country and wave.

    Parameters
    ----------
    frame : polars.DataFrame
        The rows of the file.
    keys : polars.DataFrame
        The population of each row, as `populations` gives it.
    respondent : str or None
        The variable with the respondent's number; if None, all rows are marked.

    Returns
    -------
    numpy.ndarray
        Shape (n_rows,), bool.
    """
    if (
        respondent is None
        or respondent not in frame.columns
        or frame[respondent].n_unique() == frame.height
    ):
        return np.ones(frame.height, dtype=bool)
    numbered = keys.select("survey", "wave", "country", frame[respondent].alias("number"))
    first = pl.struct(pl.all()).is_first_distinct() | pl.col("number").is_null()
    return numbered.select(first).to_series().to_numpy()


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
    if weighted and layout.weight:
        needed.append(("weight", layout.weight))
    needed += [(f"grouping key {g.name}", name) for g in groupings for name in g.variables]
    for what, name in needed:
        if name not in source.headers:
            remedy = ", or ask for unweighted counts" if what == "weight" else ""
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


def _waves(column: pl.Series, name: str, source: str) -> pl.Series:
    text = column.cast(pl.String)
    # There are few distinct values: each is read once.
    found = {value: re.search(r"\d+", value) for value in text.unique().drop_nulls()}
    numbers = {value: int(number[0]) for value, number in found.items() if number}
    if text.null_count() or len(numbers) < len(found):
        row = (~text.is_in(list(numbers))).fill_null(value=True).arg_max() or 0
        raise SurveyError(f"{source}: row {row}: {name} {text[row]!r} is not a wave")
    if len(numbers) == 1:
        return pl.Series(list(numbers.values())).new_from_index(0, len(text))
    return text.replace_strict(numbers, return_dtype=pl.Int64)


def _countries(column: pl.Series, name: str, source: str) -> pl.Series:
    if column.dtype.is_float():
        column = column.cast(pl.Int64, strict=False)
    text = column.cast(pl.String)
    found = {value: alpha_3(value) for value in text.unique().drop_nulls()}
    codes = {value: code for value, code in found.items() if code is not None}
    if text.null_count() or len(codes) < len(found):
        row = (~text.is_in(list(codes))).fill_null(value=True).arg_max() or 0
        raise SurveyError(
            f"{source}: row {row}: {name} {text[row]!r} is not a country: use an ISO 3166-1 "
            "code or one of the survey's own"
        )
    if all(value == code for value, code in codes.items()):
        return text
    return text.replace_strict(codes, return_dtype=pl.String)


def weights_of(frame: pl.DataFrame, layout: Layout, source: str, *, weighted: bool) -> pl.Series:
    """Give the weight of each row (Float64); 1 if no weight is used.

    Raises
    ------
    SurveyError
        A weight is not a number above 0.
    """
    if not weighted or not layout.weight:
        return pl.Series([1.0]).new_from_index(0, frame.height)
    column = frame[layout.weight]
    if column.dtype == pl.Float64 and bool(
        (column.is_finite() & (column > 0)).all(ignore_nulls=False)
    ):
        return column
    text = column.cast(pl.String)
    unweighted = text.str.strip_chars().str.to_lowercase() == _NO_WEIGHTING
    numbers = pl.select(
        pl.when(unweighted).then(1.0).otherwise(text.cast(pl.Float64, strict=False))
    ).to_series()
    bad = ~(numbers.is_finite() & (numbers > 0)).fill_null(value=False)
    if bad.any():
        row = bad.arg_max() or 0
        value = column[row]
        raise SurveyError(
            f"{source}: row {row}: weight {layout.weight} is {value!r}: a weight must be a number "
            "above 0; correct it, leave the row out, or ask for unweighted counts"
        )
    return numbers
