"""The data report: what a survey file with respondents holds, and what was done with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.questionnaire.missing import LOWEST_NONRESPONSE, MISSING_REASONS, UNKNOWN_LABEL
from doxa.survey.described import describe_survey
from doxa.survey.grouping import NO_GROUP
from doxa.survey.known import shares_reader
from doxa.survey.own_labels import write_labels
from doxa.survey.reading import read_survey, refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire import QuestionBank
    from doxa.questionnaire.item import Item
    from doxa.survey.own_labels import UnknownLabel
    from doxa.survey.published import OpinionsReport
    from doxa.survey.reading import SurveyFile
    from doxa.survey.xlsx import ReadProgress

__all__ = ["DataReport", "describe", "describe_file"]


_MOST_SHOWN: Final = 30


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
    groups : mapping of str to mapping
        Respondents by group, for each grouping; those in no group are under "missing".
    items_found, items_missing, items_elsewhere : tuple of str
        Items the file has, those it lacks, and those that such files do not have.
    items_unasked : tuple of str
        Items of the file that nobody was asked: nobody answered or refused to.
    missing_shares : mapping of str to float
        The share of missing answers among all answers to the items found, in [0, 1], by reason.
    unknown : tuple of UnknownLabel
        The labels and codes that no table knows; these answers count as missing.
    items_left_out : mapping of str to str
        Items that the file has and that were not read, with the reason.
    unweighted : tuple of str
        The populations of which every respondent counts once.
    weight : str
        The variable of the weights; "" where none is used.
    weights : tuple of float
        The smallest weight, the mean and the largest.
    notes : tuple of str
        How the wave and the country were found, and what else was noticed.
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
    groups: Mapping[str, Mapping[str, int]]
    items_found: tuple[str, ...]
    items_missing: tuple[str, ...]
    items_elsewhere: tuple[str, ...]
    items_unasked: tuple[str, ...]
    missing_shares: Mapping[str, float]
    unknown: tuple[UnknownLabel, ...]
    items_left_out: Mapping[str, str]
    unweighted: tuple[str, ...]
    weight: str
    weights: tuple[float, float, float]
    notes: tuple[str, ...]
    policy: str

    def as_dict(self) -> dict[str, object]:
        """Give the report as plain values, for JSON."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Give the report as lines to print."""
        shares = "; ".join(f"{reason} {share:.2%}" for reason, share in self.missing_shares.items())
        excluded = "; ".join(f"{reason}: {n:,}" for reason, n in self.excluded.items())
        populations = ", ".join(f"{name} ({n:,})" for name, n in self.populations.items())
        found = f"{len(self.items_found)} found"
        elsewhere = len(self.items_elsewhere)
        lacking = ", ".join(self.items_missing)
        unasked = ", ".join(self.items_unasked)
        left_out = "; ".join(f"{name}: {why}" for name, why in self.items_left_out.items())
        return [
            f"file         {self.file} ({self.kind})",
            f"survey       {self.title}" + (f", {self.version}" if self.version else ""),
            f"respondents  {self.n_respondents:,} of {self.n_rows:,} rows",
            f"left out     {excluded or 'none'}",
            f"populations  {populations}",
            *(f"groups       {_counted(name, sizes)}" for name, sizes in self.groups.items()),
            f"items        {found}"
            + (f", missing: {lacking}" if lacking else ", none missing")
            + (f"; {elsewhere} are not in files of this kind" if elsewhere else ""),
            *([f"not asked    nobody was asked: {unasked}"] if unasked else []),
            *([f"not read     {left_out}"] if left_out else []),
            f"missing      {shares or 'none'}",
            *(f"unknown      {one}" for one in self._unknown()),
            f"weights      {self._weights()}",
            f"policy       {self.policy}",
            *(f"note         {note}" for note in self.notes),
        ]

    def _unknown(self) -> list[str]:
        """Show the unknown labels, the most frequent first."""
        shown = [str(one) for one in sorted(self.unknown, key=lambda one: -one.n)]
        more = [f"and {len(shown) - _MOST_SHOWN} more"] if len(shown) > _MOST_SHOWN else []
        return [*shown[:_MOST_SHOWN], *more] or ["none"]

    def _weights(self) -> str:
        low, mean, high = self.weights
        shown = f"{low:.4g} to {high:.4g}, mean {mean:.4g}"
        if not self.unweighted:
            return shown
        if len(self.unweighted) == len(self.populations):
            same = f" ({self.weight} is 1 for all)" if self.weight else ""
            return f"none{same}: every respondent counts once"
        return f"{shown}; none for {', '.join(self.unweighted)}"


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
    reasons = {**MISSING_REASONS, UNKNOWN_LABEL: "unknown label"}
    shares = {reason: by_code.get(code, 0.0) / n_cells for code, reason in reasons.items()}
    put = (pl.col("code") >= LOWEST_NONRESPONSE) | (pl.col("code") == UNKNOWN_LABEL)
    asked = set(counts.filter(put, pl.col("n") > 0)["question"])
    sizes: dict[str, int] = {}
    weighted: dict[str, bool] = {}
    for row in microdata.populations.iter_rows(named=True):
        name = f"{row['country']} wave {row['wave']}"
        weights = microdata.weights[row["start"] : row["stop"]]
        sizes[name] = sizes.get(name, 0) + len(weights)
        weighted[name] = weighted.get(name, False) or bool((weights != 1.0).any())
    unweighted = tuple(name for name, of_it in weighted.items() if not of_it)
    weights = microdata.weights
    return DataReport(
        file=survey.name,
        kind=survey.kind,
        title=survey.layout.title,
        version=survey.version,
        n_rows=survey.n_rows,
        n_respondents=microdata.n_respondents,
        excluded=dict(survey.excluded),
        populations=sizes,
        groups=_group_sizes(microdata.populations),
        items_found=tuple(item.id for item in microdata.items if item.id in asked),
        items_missing=survey.missing_items,
        items_elsewhere=tuple(
            name for name in survey.layout.items if name not in survey.layout.variables
        ),
        items_unasked=tuple(item.id for item in microdata.items if item.id not in asked),
        missing_shares={reason: share for reason, share in shares.items() if share > 0},
        unknown=survey.unknown,
        items_left_out=dict(survey.left_out),
        unweighted=unweighted,
        weight=survey.weight,
        weights=(float(weights.min()), float(weights.mean()), float(weights.max())),
        notes=survey.notes,
        policy="missing answers are counted by reason and excluded from shares; "
        + ("weights are the survey's own" if len(unweighted) < len(sizes) else "no weights"),
    )


def _group_sizes(populations: pl.DataFrame) -> dict[str, dict[str, int]]:
    names = populations.drop("survey", "wave", "country", "start", "stop").columns
    size = (pl.col("stop") - pl.col("start")).sum()
    return {
        name: dict(populations.group_by(name).agg(size).sort(name).iter_rows()) for name in names
    }


def _counted(name: str, sizes: Mapping[str, int]) -> str:
    """List the groups with their sizes, those in no group last."""
    told = [f"{group} {n:,}" for group, n in sizes.items() if group != NO_GROUP]
    if len(told) > _MOST_SHOWN:
        told = [*told[:_MOST_SHOWN], f"and {len(told) - _MOST_SHOWN} more"]
    n_without = sizes.get(NO_GROUP, 0)
    return f"{name}: {'; '.join(told) or 'none'}" + (
        f"; in no group {n_without:,}" if n_without else ""
    )


def describe_file(
    path: Path,
    items: Mapping[str, Item],
    *,
    described: Path | None = None,
    questionnaire: QuestionBank | None = None,
    wave: int | None = None,
    labels: Path | None = None,
    to_settle: Path | None = None,
    strict: bool = False,
    keep_repeated: bool = False,
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
    questionnaire : QuestionBank, optional
        The questionnaire of the items that it describes.
    wave, labels, strict, keep_repeated, progress
        As `doxa.survey.read_survey` takes them.
    to_settle : pathlib.Path, optional
        As `doxa.survey.import_files` takes it.

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
    layout = describe_survey(described, questionnaire).layout if described is not None else None
    chosen = layout.items if layout is not None else items
    survey = read_survey(
        path,
        chosen,
        layout=layout,
        wave=wave,
        labels=labels,
        keep_repeated=keep_repeated,
        progress=progress,
    )
    unknown = [(survey.name, one) for one in survey.unknown]
    if to_settle is not None and unknown:
        write_labels(to_settle, unknown, chosen)
    if strict:
        refuse_unknown(unknown)
    return describe(survey)
