"""GlobalOpinionQA: shares of answers by country, without respondents.

The data set (Durmus et al. 2023, *Towards Measuring the Representation of Subjective Global
Opinions in Language Models*) has one row per question: its text, the options, for each country
the shares of the options, and the survey that asked it, WVS or GAS. It does not say how many people
were asked, or how the options are ordered, so its items are nominal and their effective number of
respondents is unknown.

In its WVS part the first countries of the list carry the name of another: `shifted_labels` corrects
them.
"""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import polars as pl

from doxa.errors import SurveyError
from doxa.outside.documents import literal_of
from doxa.questionnaire.item import Item
from doxa.questionnaire.missing import DONT_KNOW
from doxa.questionnaire.scale import Scale
from doxa.survey.countries import alpha_3
from doxa.survey.counts import SUM_TOLERANCE, check_counts
from doxa.survey.published import PublishedShares
from doxa.survey.shifted_labels import POOLED, UNKNOWN_LABEL, country_of
from doxa.survey.source import first_line, open_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["holds_global_opinions", "read_global_opinions"]

_T = TypeVar("_T")
_COLUMNS: Final = ("question", "selections", "options")
_SURVEY: Final = "source"
_NO_ANSWER: Final = re.compile(r"(dk|don'?t know|refused|no answer|missing)", re.IGNORECASE)
_SAMPLE_NOTE: Final = re.compile(r"\s*\((current|old|non|2\d|19)[^()]*\)\s*$", re.IGNORECASE)
_TOO_FEW: Final = "question with fewer than two answers"
_UNLIKE: Final = "shares unlike the options"
_NO_COUNTRY: Final = "sample of no single country"
_SECOND: Final = "further sample of a country"
_NATIONAL: Final = ("", "current")
_FINEST: Final = 6
"""Shares with more decimals than this are not rounded ones."""

TITLE: Final = "GlobalOpinionQA (Durmus et al. 2023)"
POLICY: Final = (
    "shares as published, weighted, without numbers of respondents; options without an order; "
    "answers such as DK/Refused are excluded from shares"
)
CORRECTED: Final = (
    "of the WVS part, shifted in the file for the first countries of its list, are corrected, and "
    "cells that pool it with the European Values Study left out"
)
AS_LABELLED: Final = "as the file has them"
UNTOLD: Final = (
    "as the file has them: without a column 'source' the WVS part, whose names are shifted for the "
    "first countries of its list, cannot be told"
)


def holds_global_opinions(path: str | Path) -> bool:
    """Tell whether a file has the columns of GlobalOpinionQA.

    Raises
    ------
    SurveyError
        The file cannot be read.
    """
    header = first_line(Path(path)).replace('"', "")
    return set(_COLUMNS) <= {name.strip() for name in header.split(",")}


def read_global_opinions(path: str | Path, *, as_labelled: bool = False) -> PublishedShares:
    """Read GlobalOpinionQA's CSV.

    Parameters
    ----------
    path : str or Path
        The file, with the columns `question`, `selections` and `options`, and `source`, which tells
        the WVS part.
    as_labelled : bool
        Whether to take the country names of the WVS part as they stand, though they are shifted for
        the first countries of the list, and keep the cells in which two surveys are pooled.

    Returns
    -------
    PublishedShares
        Items are nominal and named by a hash of their words. Their codes are 1, 2, … in the order
        of the options; options such as "DK/Refused" all become the missing code -1. Questions with
        fewer than two answers, shares that do not fit the options, samples of more than one
        country, and all but one sample of a country (a national one) are left out.

    Raises
    ------
    SurveyError
        The file cannot be read, lacks a column, or has a cell that is not a dictionary or list.
    """
    with open_source(path) as source:
        for name in _COLUMNS:
            if name not in source.headers:
                raise SurveyError(f"{path}: no column {name!r}: is it GlobalOpinionQA?")
        told = _SURVEY in source.headers
        frame = source.read([*_COLUMNS, _SURVEY] if told else list(_COLUMNS))
    shares: list[tuple[str, str, int, float, float | None]] = []
    items: dict[str, Item] = {}
    wording: dict[str, tuple[str, tuple[tuple[int, str], ...]]] = {}
    left_out = dict.fromkeys((_TOO_FEW, _UNLIKE, _NO_COUNTRY, _SECOND, POOLED, UNKNOWN_LABEL), 0)
    for number, (text, selections, listed, *survey) in enumerate(frame.iter_rows()):
        options = [str(option) for option in _literal(listed, list, path, number)]
        codes = _codes(options)
        if sum(code > 0 for code in codes) < 2:
            left_out[_TOO_FEW] += 1
            continue
        name = "G" + hashlib.sha256(f"{text}{options}".encode()).hexdigest()[:10]
        answers = tuple(code for code in codes if code > 0)
        items[name] = Item(name, "", "", Scale("nominal", answers), {})
        answered = [(c, o) for c, o in zip(codes, options, strict=True) if c > 0]
        wording[name] = (text, tuple(answered))
        cells = _literal(selections, dict, path, number)
        corrected = not as_labelled and survey == ["WVS"]
        rows: dict[str, dict[int, float]] = {}
        for country, of_country in _by_country(cells, corrected, left_out):
            if not _are_shares(of_country, len(options)):
                left_out[_UNLIKE] += 1
            elif country in rows:
                left_out[_SECOND] += 1
            else:
                rows[country] = dict.fromkeys(codes, 0.0)
                for code, share in zip(codes, of_country, strict=True):
                    rows[country][code] += float(share)
        rounding = _rounding(share for of_country in rows.values() for share in of_country.values())
        shares += [
            (country, name, code, share, rounding)
            for country, of_country in rows.items()
            for code, share in of_country.items()
        ]
    if not shares:
        raise SurveyError(f"{path}: no question has shares for a country: is it GlobalOpinionQA?")
    counts = pl.DataFrame(
        shares, schema=["country", "question", "code", "share", "rounding"], orient="row"
    ).with_columns(wave=1, weighted=True, source=pl.lit("GlobalOpinionQA"))
    return PublishedShares(
        TITLE,
        POLICY,
        check_counts(counts, str(path), survey="GlobalOpinionQA"),
        items,
        wording,
        {reason: number for reason, number in left_out.items() if number},
        AS_LABELLED if as_labelled else CORRECTED if told else UNTOLD,
    )


def _by_country(
    cells: Mapping[str, list[float]], corrected: bool, left_out: dict[str, int]
) -> Iterable[tuple[str, list[float]]]:
    """Give the shares of each country, by its alpha-3 code, its national sample first."""
    labels = {label: _SAMPLE_NOTE.sub("", str(label)) for label in cells}
    notes = {label: _SAMPLE_NOTE.search(str(label)) for label in cells}
    kinds = {label: note[1].casefold() if note else "" for label, note in notes.items()}
    for label, shares in sorted(cells.items(), key=lambda cell: kinds[cell[0]] not in _NATIONAL):
        country = alpha_3(labels[label])
        reason = None if country else _NO_COUNTRY
        if country and corrected:
            country, reason = country_of(country, {alpha_3(name) for name in labels.values()})
        if country is None:
            left_out[reason or _NO_COUNTRY] += 1
        else:
            yield country, shares


def _rounding(shares: Iterable[float]) -> float | None:
    """Give half the last digit of a question's shares; None if they are not rounded."""
    exponents = [Decimal(repr(share)).as_tuple().exponent for share in shares]
    digits = max((-exponent for exponent in exponents if isinstance(exponent, int)), default=0)
    return 0.5 * 10.0**-digits if 0 < digits <= _FINEST else None


def _are_shares(shares: object, n_options: int) -> bool:
    """Tell whether these are shares of the answers, one for each option."""
    return (
        isinstance(shares, list)
        and len(shares) == n_options
        and all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares)
        and 0 < sum(shares) <= 1 + SUM_TOLERANCE
    )


def _codes(options: list[str]) -> list[int]:
    """Give the answers codes from 1, and options such as "DK/Refused" a missing code."""
    codes: list[int] = []
    for option in options:
        missing = _NO_ANSWER.match(option.strip())
        codes.append(DONT_KNOW if missing else 1 + sum(code > 0 for code in codes))
    return codes


def _literal(cell: str | None, kind: type[_T], path: str | Path, row: int) -> _T:
    """Read a list, a dictionary or a defaultdict as Python prints it."""
    inner = re.fullmatch(r"\s*defaultdict\(.*?, (\{.*\})\)\s*", cell or "", re.DOTALL)
    try:
        value = literal_of(inner.group(1) if inner else (cell or ""))
    except ValueError:
        value = None
    if not isinstance(value, kind):
        raise SurveyError(f"{path}: row {row + 2}: {str(cell)[:40]!r} is not a {kind.__name__}")
    return value
