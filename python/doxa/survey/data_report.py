"""The data report: what a survey file with respondents holds, and what was done with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from doxa.questionnaire.missing import MISSING_REASONS
from doxa.survey.described import describe_survey
from doxa.survey.known import shares_reader
from doxa.survey.reading import read_survey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey.published import OpinionsReport
    from doxa.survey.reading import SurveyFile
    from doxa.survey.xlsx import ReadProgress

__all__ = ["DataReport", "describe", "describe_file"]


@dataclass(frozen=True, slots=True)
class DataReport:
    """What a survey file with respondents holds, and what was done with it.

    Attributes
    ----------
    file, kind, title, version : str
        The name of the file, its format, its survey, and the version it states.
    n_rows, n_respondents : int
        Rows in the file, and respondents kept.
    excluded : mapping of str to int
        Rows left out, by reason.
    populations : mapping of str to int
        Respondents by country and wave, such as "JPN wave 7".
    items_found, items_missing : tuple of str
        Items the file has, and those it lacks.
    missing_shares : mapping of str to float
        The share of missing answers among all answers to the items found, in [0, 1], by reason.
    impossible : mapping of str to int
        How many values are neither an answer nor a missing code, by item. They are left out.
    weights : tuple of float
        The smallest weight, the mean and the largest.
    policy : str
        How missing answers and weights were treated.
    """

    file: str
    kind: str
    title: str
    version: str
    n_rows: int
    n_respondents: int
    excluded: Mapping[str, int]
    populations: Mapping[str, int]
    items_found: tuple[str, ...]
    items_missing: tuple[str, ...]
    missing_shares: Mapping[str, float]
    impossible: Mapping[str, int]
    weights: tuple[float, float, float]
    policy: str = field(
        default="missing answers are counted by reason and excluded from shares; weights are the "
        "survey's own"
    )

    def as_dict(self) -> dict[str, object]:
        """Give the report as plain values, for JSON."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Give the report as lines to print."""
        low, mean, high = self.weights
        shares = "; ".join(f"{reason} {share:.2%}" for reason, share in self.missing_shares.items())
        excluded = "; ".join(f"{reason}: {n:,}" for reason, n in self.excluded.items())
        impossible = ", ".join(f"{name} {n:,}" for name, n in self.impossible.items())
        populations = ", ".join(f"{name} ({n:,})" for name, n in self.populations.items())
        found = f"{len(self.items_found)} found"
        lacking = ", ".join(self.items_missing)
        return [
            f"file         {self.file} ({self.kind})",
            f"survey       {self.title}" + (f", {self.version}" if self.version else ""),
            f"respondents  {self.n_respondents:,} of {self.n_rows:,} rows",
            f"left out     {excluded or 'none'}",
            f"populations  {populations}",
            f"items        {found}" + (f", missing: {lacking}" if lacking else ", none missing"),
            f"missing      {shares or 'none'}",
            f"impossible   {impossible or 'none'}",
            f"weights      {low:.4g} to {high:.4g}, mean {mean:.4g}",
            f"policy       {self.policy}",
        ]


def describe(survey: SurveyFile, counts: pl.DataFrame | None = None) -> DataReport:
    """Describe a survey file that was read.

    Parameters
    ----------
    survey : SurveyFile
        As `doxa.survey.read_survey` gives it.
    counts : polars.DataFrame, optional
        Its counts. Default: computed here.
    """
    microdata = survey.microdata
    counts = microdata.counts() if counts is None else counts
    n_cells = microdata.n_respondents * len(microdata.items)
    by_code = dict(counts.group_by("code").agg(pl.col("n").sum()).iter_rows())
    shares = {reason: by_code.get(code, 0.0) / n_cells for code, reason in MISSING_REASONS.items()}
    # Every respondent has a value for every item: those that were not counted are impossible.
    counted = dict(counts.group_by("question").agg(pl.col("n").sum()).iter_rows())
    impossible = {
        item.id: microdata.n_respondents - int(counted.get(item.id, 0)) for item in microdata.items
    }
    sizes = microdata.populations.group_by("country", "wave", maintain_order=True).agg(
        n=(pl.col("stop") - pl.col("start")).sum()
    )
    weights = microdata.weights
    return DataReport(
        file=survey.name,
        kind=survey.kind,
        title=survey.layout.title,
        version=survey.version,
        n_rows=survey.n_rows,
        n_respondents=microdata.n_respondents,
        excluded=dict(survey.excluded),
        populations={f"{c} wave {w}": n for c, w, n in sizes.iter_rows()},
        items_found=tuple(item.id for item in microdata.items),
        items_missing=survey.missing_items,
        missing_shares={reason: share for reason, share in shares.items() if share > 0},
        impossible={name: number for name, number in impossible.items() if number},
        weights=(float(weights.min()), float(weights.mean()), float(weights.max())),
    )


def describe_file(
    path: Path,
    items: Mapping[str, Item],
    *,
    described: Path | None = None,
    progress: ReadProgress | None = None,
) -> DataReport | OpinionsReport:
    """Read a survey file of any kind and describe it.

    Parameters
    ----------
    path : pathlib.Path
        The file, with respondents or with published shares.
    items : mapping of str to Item
        The items to look for.
    described : pathlib.Path, optional
        A TOML file that describes the survey, with items of its own.
    progress : callable, optional
        As `doxa.survey.read_survey` takes it.

    Raises
    ------
    SurveyError
        The file cannot be read.
    QuestionnaireError
        The description is wrong.
    """
    read_shares = shares_reader(path) if described is None else None
    if read_shares is not None:
        return read_shares(path).report(path)
    if described is None:
        return describe(read_survey(path, items, progress=progress))
    layout = describe_survey(described).layout
    return describe(read_survey(path, layout.items, layout=layout, progress=progress))
