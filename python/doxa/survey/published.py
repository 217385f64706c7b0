"""Published shares: tables of answers by country, without respondents."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import polars as pl

from doxa.questionnaire.question_records import json_lines, question_record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item

__all__ = ["OpinionsReport", "PublishedShares"]


@dataclass(frozen=True, slots=True)
class OpinionsReport:
    """What a file of published shares holds, and what was done with it.

    Attributes
    ----------
    file, title, version : str
        The name of the file, its survey, and the version it states.
    n_questions : int
        The number of questions kept.
    countries : mapping of str to int
        The number of questions that each country answered.
    left_out : mapping of str to int
        What was left out, and how many times.
    policy : str
        How missing answers and weights were treated.
    names : str
        How the names of countries were read; "" where there is nothing to say.
    """

    file: str
    n_questions: int
    countries: Mapping[str, int]
    left_out: Mapping[str, int]
    title: str
    version: str
    policy: str
    names: str

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
            *([f"names        {self.names}"] if self.names else []),
        ]


@dataclass(frozen=True, slots=True)
class PublishedShares:
    """The contents of a file of published shares.

    Attributes
    ----------
    title, policy : str
        The survey, and how missing answers and weights were treated.
    counts : polars.DataFrame
        Human counts: `share` holds the shares.
    items : mapping of str to Item
        The items by name.
    wording : mapping of str to tuple
        By item: the question's text, then its answers as pairs of code and label.
    left_out : mapping of str to int
        What was left out, and how many times.
    names : str
        How the names of countries were read; "" where there is nothing to say.
    """

    title: str
    policy: str
    counts: pl.DataFrame
    items: Mapping[str, Item]
    wording: Mapping[str, tuple[str, tuple[tuple[int, str], ...]]]
    left_out: Mapping[str, int]
    names: str = ""

    def report(self, path: str | Path) -> OpinionsReport:
        """Describe the file at `path`, which holds these shares."""
        asked = self.counts.group_by("country").agg(pl.col("question").n_unique()).sort("country")
        return OpinionsReport(
            file=str(path),
            n_questions=len(self.items),
            countries=dict(asked.iter_rows()),
            left_out=self.left_out,
            title=self.title,
            version="",
            policy=self.policy,
            names=self.names,
        )

    def questions(self) -> str:
        """Give the wording of the items as JSON Lines, in the format of `doxa prompts export`."""
        return json_lines(
            question_record(name, text, answers, self.items[name].scale.kind)
            for name, (text, answers) in self.wording.items()
        )
