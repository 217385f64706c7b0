"""Reading a survey file: from its columns to microdata."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from doxa.errors import InvalidArgumentError, SurveyError
from doxa.survey.codes import IMPOSSIBLE, encode
from doxa.survey.grouping import Grouping
from doxa.survey.known import recognise
from doxa.survey.microdata import Microdata
from doxa.survey.respondents import (
    VERSION,
    first_appearances,
    populations,
    required_variables,
    weights_of,
)
from doxa.survey.source import open_source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey.layout import Layout, Variable
    from doxa.survey.source import Source
    from doxa.survey.xlsx import ReadProgress

__all__ = ["LoadedSurvey", "SurveyFile", "load_survey", "read_survey"]


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
        Items of the layout whose variable the file lacks.
    n_rows : int
        Rows in the file.
    excluded : mapping of str to int
        Rows left out, by reason.
    """

    name: str
    kind: str
    layout: Layout = field(repr=False)
    version: str
    microdata: Microdata
    missing_items: tuple[str, ...]
    n_rows: int
    excluded: Mapping[str, int]


def read_survey(
    path: str | Path,
    items: Mapping[str, Item],
    *,
    layout: Layout | None = None,
    by: Sequence[Grouping | str] = (),
    weighted: bool = True,
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
        Further groupings of the respondents. Text such as "age=Q262:30,50" is read by
        `Grouping.parse`.
    weighted : bool
        Whether to use the survey's weights; otherwise every respondent counts once.
    progress : callable, optional
        Called from time to time with the bytes read and the total bytes, while a large xlsx is
        read.

    Returns
    -------
    SurveyFile
        A repeated respondent (same number, country and wave) is left out and counted in `excluded`.

    Raises
    ------
    SurveyError
        The file cannot be read, is not of a known survey, lacks the country, the weight or all
        items, or holds an impossible country, wave, weight or label.
    InvalidArgumentError
        A grouping cannot be understood, or two groupings have the same name.
    """
    loaded = load_survey(path, items, layout=layout, by=by, weighted=weighted, progress=progress)
    return loaded.encode()


def load_survey(
    path: str | Path,
    items: Mapping[str, Item],
    *,
    layout: Layout | None = None,
    by: Sequence[Grouping | str] = (),
    weighted: bool = True,
    progress: ReadProgress | None = None,
) -> LoadedSurvey:
    """Read the needed columns of a survey file; `LoadedSurvey.encode` does the rest."""
    groupings = tuple(Grouping.parse(g) if isinstance(g, str) else g for g in by)
    names = [g.name for g in groupings]
    if len(set(names)) < len(names):
        raise InvalidArgumentError(f"groupings {', '.join(names)}: give each its own name")
    with open_source(path) as source:
        layout = layout or recognise(source, items)
        return _load(source, layout, groupings, progress, weighted=weighted)


@dataclass(frozen=True, slots=True)
class LoadedSurvey:
    """The needed columns of a survey file, with cells as the file has them.

    Attributes
    ----------
    source : Source
        The file of the columns, which may have been removed since.
    layout, groupings, weighted
        As given to `load_survey`, or recognised.
    places : mapping of str to Variable
        The variable of each item that the file has.
    frame : polars.DataFrame
        One row per row of the file.
    """

    source: Source
    layout: Layout
    groupings: tuple[Grouping, ...]
    weighted: bool
    places: Mapping[str, Variable]
    frame: pl.DataFrame = field(repr=False)

    def encode(self) -> SurveyFile:
        """Check the respondents, and turn their answers into compact codes.

        Raises
        ------
        SurveyError
            The file holds an impossible country, wave, weight or label, or has no answers.
        """
        source, layout, frame = self.source, self.layout, self.frame
        keys = populations(frame, layout, self.groupings, source.name)
        weights = weights_of(frame, layout, source.name, weighted=self.weighted)
        keep = first_appearances(frame, keys, layout.respondent)
        all_kept = bool(keep.all())
        if not all_kept:
            keys, weights = keys.filter(pl.Series(keep)), weights.filter(pl.Series(keep))
        version = str(frame[VERSION][0]) if VERSION in frame.columns else ""
        columns = np.empty((int(keep.sum()), len(self.places)), dtype=np.uint8, order="F")
        for number, (name, place) in enumerate(self.places.items()):
            declared = source.declared.get(place.name, ())
            encoded = encode(frame[place.name], layout.items[name], place, source.name, declared)
            columns[:, number] = encoded if all_kept else encoded[keep]
        microdata = Microdata.group(
            keys,
            tuple(layout.items[name] for name in self.places),
            columns,
            weights,
        )
        if columns.min() >= IMPOSSIBLE:
            raise SurveyError(f"{source.name}: every answer is missing: is it the right file?")
        n_repeated = int((~keep).sum())
        excluded = {"respondent's number repeated": n_repeated} if n_repeated else {}
        return SurveyFile(
            source.name,
            source.kind,
            layout,
            version,
            microdata,
            tuple(name for name in layout.items if name not in self.places),
            frame.height,
            excluded,
        )


def _load(
    source: Source,
    layout: Layout,
    groupings: tuple[Grouping, ...],
    progress: ReadProgress | None,
    *,
    weighted: bool,
) -> LoadedSurvey:
    places = layout.variables
    found = {
        name: places[name]
        for name in layout.items
        if name in places and places[name].name in source.headers
    }
    if not found:
        shown = ", ".join(place.name for place in list(places.values())[:3])
        raise SurveyError(f"{source.name}: none of the items ({shown}, …): is it the right file?")
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
    return LoadedSurvey(source, layout, groupings, weighted, found, frame)
