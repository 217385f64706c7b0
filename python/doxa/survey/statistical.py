"""Files of SPSS and Stata: their columns, and the values that the file itself declares missing."""

from __future__ import annotations

from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl

from doxa.errors import MissingExtraError
from doxa.questionnaire.missing import MISSING_REASONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Declared", "contents", "read"]

Declared = tuple[tuple[float, float, str], ...]
"""Ranges of values that a file declares missing: lowest, highest, label ("" without one).

If two ranges hold a value, the first counts.
"""

StatisticalKind = Literal["sav", "dta"]

# Stata's missing values .a, .b, … become -101, -102, …: numbers that no questionnaire uses.
_LETTERS: Final = {letter: -101.0 - i for i, letter in enumerate(ascii_lowercase)}
# The meaning of .a to .d in files of the World Values Survey, which do not label them.
_UNLABELLED: Final = dict(zip("abcd", MISSING_REASONS.values(), strict=False))


def contents(path: Path, kind: StatisticalKind) -> tuple[list[str], dict[str, Declared]]:
    """List a file's columns, and the values that each declares missing.

    Parameters
    ----------
    path : Path
        The file.
    kind : str
        "sav" for SPSS, "dta" for Stata.

    Returns
    -------
    columns : list of str
        All of them, in the file's order.
    declared : dict of str to Declared
        By column, for the columns that may declare missing values.

    Raises
    ------
    MissingExtraError
        pyreadstat is not installed.
    """
    meta = _reader(kind)(str(path), metadataonly=True, user_missing=True, output_format="dict")[1]
    labels: dict[str, dict[Any, str]] = meta.variable_value_labels
    if kind == "dta":
        return meta.column_names, {
            name: _letters(labels.get(name, {})) for name in meta.column_names
        }
    return meta.column_names, {
        name: _ranges(ranges, labels.get(name, {})) for name, ranges in meta.missing_ranges.items()
    }


def read(
    path: Path, kind: StatisticalKind, columns: Sequence[str], n_rows: int | None
) -> pl.DataFrame:
    """Read some columns; values declared missing keep their codes.

    Parameters
    ----------
    path, kind
        As for `contents`.
    columns : sequence of str
        Their names.
    n_rows : int or None
        How many rows to read from the top; None for all.

    Raises
    ------
    MissingExtraError
        pyreadstat is not installed.
    """
    values, _ = _reader(kind)(
        str(path),
        usecols=list(columns),
        user_missing=True,
        row_limit=n_rows or 0,
        disable_datetime_conversion=True,
        output_format="dict",
    )
    return pl.DataFrame({name: _plain(array) for name, array in values.items()})


def _ranges(ranges: list[dict[str, Any]], labels: dict[Any, str]) -> Declared:
    """List what an SPSS variable declares missing: values with a label first, then the ranges."""
    whole = [(r["lo"], r["hi"], "") for r in ranges if not isinstance(r["lo"], str)]
    labelled = [
        (value, value, label)
        for value, label in labels.items()
        if not isinstance(value, str) and any(low <= value <= high for low, high, _ in whole)
    ]
    return (*labelled, *whole)


def _letters(labels: dict[Any, str]) -> Declared:
    return tuple(
        (number, number, labels.get(letter, _UNLABELLED.get(letter, "")))
        for letter, number in _LETTERS.items()
    )


def _plain(array: NDArray[Any] | list[Any]) -> pl.Series:
    """Convert a column to a series, with Stata's letters for missing values as numbers."""
    if isinstance(array, np.ndarray) and array.dtype != object:
        return pl.Series(array)
    values = [_LETTERS.get(v, v) if isinstance(v, str) else v for v in array]
    if all(value is None or isinstance(value, int | float) for value in values):
        return pl.Series(values, dtype=pl.Float64, strict=False)
    return pl.Series([None if v is None else str(v) for v in array], dtype=pl.String)


def _reader(kind: StatisticalKind) -> Any:
    try:
        import pyreadstat
    except ImportError:
        raise MissingExtraError("pyreadstat", "survey") from None
    return pyreadstat.read_sav if kind == "sav" else pyreadstat.read_dta
