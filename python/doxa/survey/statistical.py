"""Files of SPSS and Stata: their columns, and the values that the file itself declares missing."""

from __future__ import annotations

from contextlib import contextmanager
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl

from doxa.files import reason
from doxa.outside.extras import require
from doxa.questionnaire.missing import MISSING_REASONS
from doxa.survey.budget import MOST_COLUMNS, Budget

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Declared", "contents", "read", "words"]

Declared = tuple[tuple[float, float, str], ...]
"""Ranges of values that a file declares missing: lowest, highest, label ("" without one).

If two ranges hold a value, the first counts.
"""

StatisticalKind = Literal["sav", "dta"]

_CELLS_AT_ONCE: Final = 1_000_000

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
    ValueError
        The file is damaged, or too large.
    MissingExtraError
        pyreadstat is not installed.
    """
    reader = _reader(kind)
    with _failing():
        meta = reader(str(path), metadataonly=True, user_missing=True, output_format="dict")[1]
    if None in meta.column_names:
        raise ValueError("a column has no name")
    if len(meta.column_names) > MOST_COLUMNS:
        raise ValueError(f"it claims {len(meta.column_names)} columns")
    labels: dict[str, dict[Any, str]] = meta.variable_value_labels
    if kind == "dta":
        return meta.column_names, {
            name: _letters(labels.get(name, {})) for name in meta.column_names
        }
    return meta.column_names, {
        name: _ranges(ranges, labels.get(name, {})) for name, ranges in meta.missing_ranges.items()
    }


def words(path: Path, kind: StatisticalKind) -> tuple[dict[str, str], dict[str, dict[float, str]]]:
    """Give the labels of a file's columns, and those of the numbers in each.

    Parameters
    ----------
    path, kind
        As for `contents`.

    Raises
    ------
    ValueError
        The file is damaged.
    MissingExtraError
        pyreadstat is not installed.
    """
    with _failing():
        meta = _reader(kind)(str(path), metadataonly=True, user_missing=True, output_format="dict")[
            1
        ]
    named = {name: label for name, label in meta.column_names_to_labels.items() if label}
    values = {
        name: {
            float(value): str(label)
            for value, label in labels.items()
            if not isinstance(value, str)
        }
        for name, labels in meta.variable_value_labels.items()
    }
    return named, values


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
    ValueError
        The file is damaged, or too large.
    MissingExtraError
        pyreadstat is not installed.
    """
    reader, budget = _reader(kind), Budget(path)
    # In pieces: the library doesn't hear Ctrl-C, and reads whatever number of rows a file claims.
    piece = max(1_000, _CELLS_AT_ONCE // max(1, len(columns)))
    frames: list[pl.DataFrame] = []
    done = 0
    while n_rows is None or done < n_rows:
        asked = piece if n_rows is None else min(piece, n_rows - done)
        with _failing():
            values, meta = reader(
                str(path),
                usecols=list(columns),
                user_missing=True,
                row_limit=asked,
                row_offset=done,
                disable_datetime_conversion=True,
                output_format="dict",
            )
        kinds = meta.readstat_variable_types
        frame = pl.DataFrame(
            {name: _plain(values[name], text=kinds.get(name) == "string") for name in columns}
        )
        budget.hold(frame.height, 0)
        budget.spend(int(frame.estimated_size()))
        if frame.height or not frames:
            frames.append(frame)
        done += frame.height
        if frame.height < asked:
            break
    return pl.concat(frames, how="vertical_relaxed")


@contextmanager
def _failing() -> Iterator[None]:
    """Raise a ValueError for whatever the library raises for a damaged file."""
    try:
        yield
    except (OSError, MemoryError):
        raise
    except Exception as error:  # it has classes of its own, and raises others
        raise ValueError(reason(error)) from None


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


def _plain(array: NDArray[Any] | list[Any], *, text: bool) -> pl.Series:
    """Convert a column to a series, with Stata's letters for missing values as numbers."""
    if text:
        return pl.Series([None if v is None else str(v) for v in array], dtype=pl.String)
    if isinstance(array, np.ndarray) and array.dtype != object:
        return pl.Series(array)
    values = [_LETTERS.get(v, v) if isinstance(v, str) else v for v in array]
    return pl.Series(values, dtype=pl.Float64, strict=False)


def _reader(kind: StatisticalKind) -> Any:
    require("pyreadstat")
    import pyreadstat

    return pyreadstat.read_sav if kind == "sav" else pyreadstat.read_dta
