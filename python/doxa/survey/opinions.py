"""GlobalOpinionQA: shares of answers by country, without respondents.

The data set (Durmus et al. 2023, *Towards Measuring the Representation of Subjective Global
Opinions in Language Models*) has one row a question: its text, the options, and for each country
the shares of the options. It does not say how many people were asked, nor in what order the
options lie, so its items are nominal and have no effective number of respondents.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import polars as pl

from doxa.errors import SurveyError
from doxa.questionnaire.item import Item
from doxa.questionnaire.scale import Scale
from doxa.survey.countries import alpha_3
from doxa.survey.counts import check_counts
from doxa.survey.source import first_line, open_source

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["GlobalOpinions", "OpinionsReport", "holds_global_opinions", "read_global_opinions"]

_T = TypeVar("_T")
_COLUMNS: Final = ("question", "selections", "options")
_NO_ANSWER: Final = re.compile(r"(dk|don'?t know|refused|no answer|missing)", re.IGNORECASE)
_SAMPLE_NOTE: Final = re.compile(r"\s*\((current|old|non|2\d|19)[^()]*\)\s*$", re.IGNORECASE)


TITLE: Final = "GlobalOpinionQA (Durmus et al. 2023)"


@dataclass(frozen=True, slots=True)
class OpinionsReport:
    """What a GlobalOpinionQA file holds, and what was done with it.

    Attributes
    ----------
    file, title, version : str
        Its name, what it is, and a version, which it does not state.
    n_questions : int
        Questions kept.
    countries : mapping of str to int
        How many questions each country answered.
    left_out : mapping of str to int
        What was left out, and how many times.
    policy : str
        How missing answers and weights were treated.
    """

    file: str
    n_questions: int
    countries: Mapping[str, int]
    left_out: Mapping[str, int]
    title: str = TITLE
    version: str = ""
    policy: str = (
        "shares as published, without numbers of respondents; options without an order; answers "
        "such as DK/Refused are excluded from shares"
    )

    def as_dict(self) -> dict[str, object]:
        """Give the report as plain values, for JSON."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Give the report as lines to print."""
        countries = ", ".join(f"{name} ({n:,})" for name, n in self.countries.items())
        left_out = "; ".join(f"{reason}: {n:,}" for reason, n in self.left_out.items())
        return [
            f"file         {self.file} (csv)",
            f"survey       {self.title}",
            f"questions    {self.n_questions:,}",
            f"left out     {left_out or 'none'}",
            f"countries    {countries}",
            f"policy       {self.policy}",
        ]


@dataclass(frozen=True, slots=True)
class GlobalOpinions:
    """What a GlobalOpinionQA file held.

    Attributes
    ----------
    counts : polars.DataFrame
        Human counts, with `weighted_n` the shares, and `n` and `n_effective` null.
    items : mapping of str to Item
        The items, by a name made from the question's words: `codes` 1, 2, … in the order of
        the options, all nominal. Options such as "DK/Refused" are the missing code -1.
    wording : mapping of str to tuple of str
        The question's text, then its options.
    left_out : mapping of str to int
        What was left out, and how many times: questions with fewer than two options, shares
        that do not fit the options, samples of no single country.
    """

    counts: pl.DataFrame
    items: Mapping[str, Item]
    wording: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, int]

    def report(self, path: str | Path) -> OpinionsReport:
        """Describe the file at `path`, from which this was read."""
        asked = self.counts.group_by("country").agg(pl.col("question").n_unique()).sort("country")
        return OpinionsReport(str(path), len(self.items), dict(asked.iter_rows()), self.left_out)

    def questions(self) -> str:
        """Give the wording of the items as JSON lines, such as `doxa prompts export` writes."""
        lines = []
        for name, (text, *options) in self.wording.items():
            listed = zip(_codes(options), options, strict=True)
            answers = [(code, label) for code, label in listed if code > 0]
            record = {
                "id": name,
                "question": text,
                "choices": [label for _, label in answers],
                "choice_keys": [str(code) for code, _ in answers],
                "answer": "",
                "type": "nominal",
            }
            lines.append(json.dumps(record, ensure_ascii=False) + "\n")
        return "".join(lines)


def holds_global_opinions(path: str | Path) -> bool:
    """Say whether a file has the columns of GlobalOpinionQA.

    Raises
    ------
    SurveyError
        The file cannot be read.
    """
    header = first_line(Path(path)).replace('"', "")
    return set(_COLUMNS) <= {name.strip() for name in header.split(",")}


def read_global_opinions(path: str | Path) -> GlobalOpinions:
    """Read GlobalOpinionQA's CSV.

    Parameters
    ----------
    path : str or Path
        The file, with the columns `question`, `selections` and `options`.

    Raises
    ------
    SurveyError
        The file cannot be read, lacks a column, or a cell is no dictionary or list.
    """
    with open_source(path) as source:
        for name in _COLUMNS:
            if name not in source.headers:
                raise SurveyError(f"{path}: no column {name!r}: is it GlobalOpinionQA?")
        frame = source.read(list(_COLUMNS))
    rows: dict[tuple[str, str, int], float] = {}
    items: dict[str, Item] = {}
    wording: dict[str, tuple[str, ...]] = {}
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
        wording[name] = (text, *options)
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
        raise SurveyError(f"{path}: no question has shares of a country")
    counts = pl.DataFrame(
        [(*key, share) for key, share in rows.items()],
        schema=["country", "question", "code", "weighted_n"],
        orient="row",
    ).with_columns(wave=1, n=pl.lit(None, pl.Float64), n_effective=pl.lit(None, pl.Float64))
    return GlobalOpinions(
        check_counts(counts, str(path), survey="GlobalOpinionQA"),
        items,
        wording,
        {reason: number for reason, number in left_out.items() if number},
    )


def _codes(options: list[str]) -> list[int]:
    """Give the options codes from 1; those that are no answer share the code -1."""
    codes: list[int] = []
    for option in options:
        missing = _NO_ANSWER.match(option.strip())
        codes.append(-1 if missing else 1 + sum(code > 0 for code in codes))
    return codes


def _literal(cell: str | None, kind: type[_T], path: str | Path, row: int) -> _T:
    """Read a Python literal, such as a dictionary that was printed as a defaultdict."""
    inner = re.fullmatch(r"\s*defaultdict\(.*?, (\{.*\})\)\s*", cell or "", re.DOTALL)
    try:
        value = ast.literal_eval(inner.group(1) if inner else (cell or ""))
    except (ValueError, SyntaxError):
        value = None
    if not isinstance(value, kind):
        raise SurveyError(f"{path}: row {row}: {str(cell)[:40]!r} is no {kind.__name__}")
    return value
