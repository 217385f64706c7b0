"""Reading a survey file: from its columns to microdata."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.errors import SurveyError
from doxa.survey.codes import UNKNOWN_VALUE, answer_codes, encode
from doxa.survey.design import design_of
from doxa.survey.grouping import parse_groupings
from doxa.survey.known import recognise
from doxa.survey.microdata import Microdata
from doxa.survey.own_labels import OwnLabels, UnknownLabel, read_labels
from doxa.survey.respondents import (
    VERSION,
    drawn_from,
    first_appearances,
    populations,
    repeats_note,
    required_variables,
    weights_of,
)
from doxa.survey.source import open_source
from doxa.survey.subpopulations import ready_groupings
from doxa.survey.worded import WordedMissing, worded_missing, worded_notes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from doxa.questionnaire.item import Item
    from doxa.survey.grouping import Grouping
    from doxa.survey.layout import Layout, Variable
    from doxa.survey.source import Source
    from doxa.survey.xlsx import ReadProgress

__all__ = ["LoadedSurvey", "SurveyFile", "load_survey", "read_survey", "refuse_unknown"]

_MOST_SHOWN: Final = 20
_MOST_UNKNOWN: Final = 0.01
"""The largest share of an item's answers that may be unknown labels, for the item to be kept."""


@dataclass(frozen=True, slots=True)
class SurveyFile:
    """The contents of a survey file.

    Attributes
    ----------
    name : str
        The file.
    kind : str
        "csv", "parquet", "sav", "dta" or "xlsx".
    layout : Layout
        The layout of the file, which names the survey.
    version : str
        The version that the file states; "" if it states none.
    microdata : Microdata
        The respondents.
    missing_items : tuple of str
        Items whose variable the file lacks; not those that such files do not have.
    n_rows : int
        Rows in the file.
    excluded : mapping of str to int
        Rows left out, by reason.
    weight : str
        The variable of the weights; "" where none is used.
    unknown : tuple of UnknownLabel
        The labels and codes of answers that no table knows.
    left_out : mapping of str to str
        Items that the file has and that were not read, with the reason.
    notes : tuple of str
        What else was decided or noticed.
    """

    name: str
    kind: str
    layout: Layout = field(repr=False)
    version: str
    microdata: Microdata
    missing_items: tuple[str, ...]
    n_rows: int
    excluded: Mapping[str, int]
    weight: str
    unknown: tuple[UnknownLabel, ...]
    left_out: Mapping[str, str]
    notes: tuple[str, ...]


def read_survey(
    path: str | Path,
    items: Mapping[str, Item],
    *,
    layout: Layout | None = None,
    by: Sequence[Grouping | str] = (),
    weighted: bool = True,
    wave: int | None = None,
    labels: Path | None = None,
    strict: bool = False,
    keep_repeated: bool = False,
    progress: ReadProgress | None = None,
) -> SurveyFile:
    """Read a survey file.

    Parameters
    ----------
    path : str or Path
        CSV, Parquet, SPSS, Stata, xlsx, or a zip that holds one. The kind is told from the
        content.
    items : mapping of str to Item
        The items to look for; `QuestionBank.items` for the World Values Survey.
    layout : Layout, optional
        The layout of the file. Default: recognised by its variables.
    by : sequence of Grouping or str
        Further groupings of the respondents: ready names such as "sex,age", which
        `doxa.survey.subpopulations.ready_names` lists, or text such as "age=Q262:30,50", which
        `Grouping.parse` reads.
    weighted : bool
        Whether to use the survey's weights; otherwise every respondent counts once.
    wave : int, optional
        The wave of a file of one wave. Default: as its wave column, its dates or its variables
        say.
    labels : pathlib.Path, optional
        A TOML file with labels that the user settled; see `doxa.survey.own_labels`.
    strict : bool
        Whether a label or code that no table knows is an error. Otherwise such answers count as
        missing, and an item is left out if they are more than 1 % of its answers.
    keep_repeated : bool
        Whether to keep a row that repeats another one's number and all its answers.
    progress : callable, optional
        Called from time to time with the bytes read and the total bytes, while a large xlsx is
        read.

    Returns
    -------
    SurveyFile
        A row that repeats the number and all answers of another one in the same country and wave
        is left out and counted in `excluded`, and so is a row without a weight where others of its
        country have one.

    Raises
    ------
    SurveyError
        The file cannot be read, is not of a known survey, lacks the country or all items, does not
        tell its wave, or holds an impossible country, wave or weight.
    InvalidArgumentError
        A grouping cannot be understood, or two groupings have the same name.
    """
    survey = load_survey(
        path,
        items,
        layout=layout,
        by=by,
        weighted=weighted,
        wave=wave,
        labels=labels,
        progress=progress,
    ).encode(keep_repeated=keep_repeated)
    if strict:
        refuse_unknown([(survey.name, one) for one in survey.unknown])
    return survey


def refuse_unknown(unknown: Sequence[tuple[str, UnknownLabel]]) -> None:
    """Raise if there are unknown labels.

    Parameters
    ----------
    unknown : sequence of tuple
        For each its file and the label.

    Raises
    ------
    SurveyError
        There are; the message lists them by file.
    """
    if not unknown:
        return
    by_file: dict[str, list[str]] = {}
    for file, one in unknown[:_MOST_SHOWN]:
        by_file.setdefault(file, []).append(str(one))
    shown = "; ".join(f"{file}: {'; '.join(labels)}" for file, labels in by_file.items())
    more = f"; and {len(unknown) - _MOST_SHOWN} more" if len(unknown) > _MOST_SHOWN else ""
    raise SurveyError(
        f"{len(unknown)} labels without a code: {shown}{more}: settle them with --labels, for "
        "which --write-labels writes a file to complete"
    )


def load_survey(
    path: str | Path,
    items: Mapping[str, Item],
    *,
    layout: Layout | None = None,
    by: Sequence[Grouping | str] = (),
    weighted: bool = True,
    wave: int | None = None,
    labels: Path | None = None,
    progress: ReadProgress | None = None,
) -> LoadedSurvey:
    """Read the needed columns of a survey file; `LoadedSurvey.encode` does the rest."""
    groupings = parse_groupings(by)
    own = read_labels(labels, items) if labels is not None else OwnLabels()
    with open_source(path) as source:
        if layout is not None and wave is not None:
            raise SurveyError(f"{source.name}: its description says the wave: leave it out")
        layout = layout or recognise(source, items, wave)
        groupings = ready_groupings(groupings, layout.kind, source)
        return _load(source, layout, groupings, own, progress, weighted=weighted)


@dataclass(frozen=True, slots=True)
class LoadedSurvey:
    """The needed columns of a survey file, with cells as the file has them.

    Attributes
    ----------
    source : Source
        The file of the columns, which may have been removed since.
    layout, groupings, own, weighted
        As given to `load_survey`, or recognised.
    places : mapping of str to Variable
        The variable of each item that is read.
    not_read : mapping of str to str
        Items that the file has and that are not read, with the reason.
    frame : polars.DataFrame
        One row per row of the file.
    """

    source: Source
    layout: Layout
    groupings: tuple[Grouping, ...]
    own: OwnLabels
    weighted: bool
    places: Mapping[str, Variable]
    not_read: Mapping[str, str]
    frame: pl.DataFrame = field(repr=False)

    def encode(self, *, keep_repeated: bool = False) -> SurveyFile:
        """Check the respondents, and turn their answers into compact codes.

        Raises
        ------
        SurveyError
            The file holds an impossible country, wave or weight, or has no answers.
        """
        source, layout, frame = self.source, self.layout, self.frame
        about = self._without_declared()
        keys = populations(about, layout, self.groupings, source.name)
        weights, given = weights_of(
            frame, keys["country"], layout, source.name, weighted=self.weighted
        )
        codes, unknown, left_out, worded = self._answers()
        kept_items = [name for name in self.places if name not in left_out]
        keep, n_shared = np.ones(frame.height, dtype=bool), 0
        if not keep_repeated:
            keep, n_shared = first_appearances(frame, keys, layout.respondent, codes)
        excluded = {
            "number and answers repeated": int((~keep).sum()),
            "no weight": int((keep & weights.is_null().to_numpy()).sum()),
        }
        keep = keep & weights.is_not_null().to_numpy()
        if any(excluded.values()):
            keys, weights = keys.filter(pl.Series(keep)), weights.filter(pl.Series(keep))
            codes = np.asfortranarray(codes[keep])
        if left_out:
            chosen = [number for number, name in enumerate(self.places) if name not in left_out]
            codes = np.asfortranarray(codes[:, chosen])
        if codes.size == 0 or codes.min() >= UNKNOWN_VALUE:
            why = next(
                (f"{name}: {why}" for name, why in left_out.items()), "is it the right file?"
            )
            raise SurveyError(f"{source.name}: every answer is missing or unknown: {why}")
        kept = frame.filter(pl.Series(keep))
        design = design_of(keys, *(drawn_from(kept, v) for v in (layout.cluster, layout.stratum)))
        microdata = Microdata.group(
            keys, tuple(layout.items[name] for name in kept_items), codes, weights, design
        )
        return SurveyFile(
            source.name,
            source.kind,
            layout,
            str(frame[VERSION][0]) if VERSION in frame.columns else "",
            microdata,
            tuple(name for name in layout.items if name in layout.variables
                  and name not in self.places and name not in self.not_read),
            frame.height,
            {why: n for why, n in excluded.items() if n},
            (layout.weight or "") if given else "",
            unknown,
            {**self.not_read, **left_out},
            (*source.notes, *layout.notes, *self._weight_note(given=given),
             *microdata.design_notes(), *repeats_note(n_shared),
             *_groups_notes(self.groupings, about), *worded_notes(worded)),
        )  # fmt: skip

    def _without_declared(self) -> pl.DataFrame:
        """Empty the cells of groupings' variables that the file declares missing."""
        frame = self.frame
        for name in {name for one in self.groupings for name in one.variables}:
            ranges = self.source.declared.get(name, ())
            if ranges and frame[name].dtype.is_numeric():
                missing = pl.any_horizontal(pl.col(name).is_between(a, b) for a, b, _ in ranges)
                frame = frame.with_columns(pl.when(~missing).then(pl.col(name)).alias(name))
        return frame

    def _weight_note(self, *, given: bool) -> list[str]:
        if not self.layout.weight:
            return ["the file has no column of weights"]
        if not self.weighted:
            return [f"the weights in {self.layout.weight} are not used"]
        nobody = f"the weight {self.layout.weight} is not given for anyone: every respondent counts"
        return [] if given else [f"{nobody} once"]

    def _answers(
        self,
    ) -> tuple[NDArray[np.uint8], tuple[UnknownLabel, ...], dict[str, str], list[WordedMissing]]:
        """Encode all items; list unknown labels, items that have too many, and missing in words."""
        codes = np.empty((self.frame.height, len(self.places)), dtype=np.uint8, order="F")
        unknown: list[UnknownLabel] = []
        left_out: dict[str, str] = {}
        worded: list[WordedMissing] = []
        for number, (name, place) in enumerate(self.places.items()):
            item = self.layout.items[name]
            encoded = encode(
                self.frame[place.name],
                item,
                place,
                labels=self.own.of(name),
                declared=self.source.declared.get(place.name, ()),
            )
            codes[:, number] = encoded.codes
            worded += worded_missing(item, encoded)
            if encoded.unknown:
                unknown += [UnknownLabel.of(item, place, v, n) for v, n in encoded.unknown.items()]
                n_unknown = sum(encoded.unknown.values())
                n_known = int((encoded.codes < len(answer_codes(item))).sum())
                if n_unknown > _MOST_UNKNOWN * (n_unknown + n_known):
                    share = n_unknown / (n_unknown + n_known)
                    left_out[name] = f"{share:.1%} of its answers are unknown labels"
        return codes, tuple(unknown), left_out, worded


def _groups_notes(groupings: Sequence[Grouping], frame: pl.DataFrame) -> list[str]:
    """Say which cells give no group because they are not known."""
    return [
        f"{one.name}: {sum(unknown.values()):,} respondents are in no group for an unknown answer: "
        + ", ".join(f"{cell} ({n:,})" for cell, n in list(unknown.items())[:5])
        for one in groupings
        if (unknown := one.unknown(frame))
    ]


def _load(
    source: Source,
    layout: Layout,
    groupings: tuple[Grouping, ...],
    own: OwnLabels,
    progress: ReadProgress | None,
    *,
    weighted: bool,
) -> LoadedSurvey:
    places = layout.variables
    not_read = dict(layout.wrong_headers) | {
        name: f"several columns are named {place.name}"
        for name, place in places.items()
        if place.name in source.repeated and name in layout.items
    }
    found = {
        name: places[name]
        for name in layout.items
        if name in places and places[name].name in source.headers and name not in not_read
    }
    if not found:
        shown = ", ".join(place.name for place in list(places.values())[:3])
        why = next((f"; {why}" for why in not_read.values()), "")
        raise SurveyError(
            f"{source.name}: none of the items ({shown}, …){why}: is it the right file?"
        )
    administrative = required_variables(source, layout, groupings, weighted=weighted)
    answers = list(dict.fromkeys(v.name for v in found.values()))
    wanted = list(dict.fromkeys([*administrative, *answers]))
    types: dict[str, type[pl.DataType]] = dict.fromkeys(answers, pl.Int8)
    types |= dict.fromkeys(administrative, pl.String)
    if layout.weight in administrative:
        types[layout.weight] = pl.Float64
    frame = source.read(wanted, types=types, progress=progress)
    if frame.is_empty():
        raise SurveyError(f"{source.name}: holds no respondents: is it the complete file?")
    return LoadedSurvey(source, layout, groupings, own, weighted, found, not_read, frame)
