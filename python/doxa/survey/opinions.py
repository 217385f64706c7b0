"""GlobalOpinionQA: shares of answers by country, without respondents.

The data set (Durmus et al. 2023, *Towards Measuring the Representation of Subjective Global
Opinions in Language Models*) has one row per question: its text, the options, and for each country
the shares of the options. It does not say how many people were asked, or how the options are
ordered, so its items are nominal and their effective number of respondents is unknown.
"""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path
from typing import Final, TypeVar

import polars as pl

from doxa.errors import SurveyError
from doxa.questionnaire.item import Item
from doxa.questionnaire.missing import DONT_KNOW
from doxa.questionnaire.scale import Scale
from doxa.survey.countries import alpha_3
from doxa.survey.counts import check_counts
from doxa.survey.published import PublishedShares
from doxa.survey.source import first_line, open_source

__all__ = ["holds_global_opinions", "read_global_opinions"]

_T = TypeVar("_T")
_COLUMNS: Final = ("question", "selections", "options")
_NO_ANSWER: Final = re.compile(r"(dk|don'?t know|refused|no answer|missing)", re.IGNORECASE)
_SAMPLE_NOTE: Final = re.compile(r"\s*\((current|old|non|2\d|19)[^()]*\)\s*$", re.IGNORECASE)

TITLE: Final = "GlobalOpinionQA (Durmus et al. 2023)"
POLICY: Final = (
    "shares as published, without numbers of respondents; options without an order; answers "
    "such as DK/Refused are excluded from shares"
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


def read_global_opinions(path: str | Path) -> PublishedShares:
    """Read GlobalOpinionQA's CSV.

    Parameters
    ----------
    path : str or Path
        The file, with the columns `question`, `selections` and `options`.

    Returns
    -------
    PublishedShares
        Items are nominal and named by a hash of their words. Their codes are 1, 2, … in the order
        of the options; options such as "DK/Refused" all become the missing code -1. Questions with
        fewer than two answers, shares that do not fit the options, and samples of more than one
        country are left out.

    Raises
    ------
    SurveyError
        The file cannot be read, lacks a column, or has a cell that is not a dictionary or list.
    """
    with open_source(path) as source:
        for name in _COLUMNS:
            if name not in source.headers:
                raise SurveyError(f"{path}: no column {name!r}: is it GlobalOpinionQA?")
        frame = source.read(list(_COLUMNS))
    rows: dict[tuple[str, str, int], float] = {}
    items: dict[str, Item] = {}
    wording: dict[str, tuple[str, tuple[tuple[int, str], ...]]] = {}
    left_out = {"question with fewer than two answers": 0, "shares unlike the options": 0}
    left_out["sample of no single country"] = 0
    for number, (text, selections, listed) in enumerate(frame.iter_rows()):
        options = [str(option) for option in _literal(listed, list, path, number)]
        codes = _codes(options)
        if sum(code > 0 for code in codes) < 2:
            left_out["question with fewer than two answers"] += 1
            continue
        name = "G" + hashlib.sha256(f"{text}{options}".encode()).hexdigest()[:10]
        answers = tuple(code for code in codes if code > 0)
        items[name] = Item(name, "", "", Scale("nominal", answers), {})
        answered = [(c, o) for c, o in zip(codes, options, strict=True) if c > 0]
        wording[name] = (text, tuple(answered))
        for label, shares in _literal(selections, dict, path, number).items():
            country = alpha_3(_SAMPLE_NOTE.sub("", str(label)))
            if country is None:
                left_out["sample of no single country"] += 1
            elif len(shares) != len(options) or not sum(shares) > 0:
                left_out["shares unlike the options"] += 1
            else:
                for code, share in zip(codes, shares, strict=True):
                    key = (country, name, code)
                    rows[key] = rows.get(key, 0.0) + float(share)
    if not rows:
        raise SurveyError(f"{path}: no question has shares for a country: is it GlobalOpinionQA?")
    counts = pl.DataFrame(
        [(*key, share) for key, share in rows.items()],
        schema=["country", "question", "code", "weighted_n"],
        orient="row",
    ).with_columns(wave=1, n=pl.lit(None, pl.Float64), n_effective=pl.lit(None, pl.Float64))
    return PublishedShares(
        TITLE,
        POLICY,
        check_counts(counts, str(path), survey="GlobalOpinionQA"),
        items,
        wording,
        {reason: number for reason, number in left_out.items() if number},
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
        value = ast.literal_eval(inner.group(1) if inner else (cell or ""))
    except (ValueError, SyntaxError):
        value = None
    if not isinstance(value, kind):
        raise SurveyError(f"{path}: row {row}: {str(cell)[:40]!r} is not a {kind.__name__}")
    return value
