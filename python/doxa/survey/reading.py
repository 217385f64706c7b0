"""Reading a survey file: from columns to microdata, with a report of what was found and done."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.errors import InvalidArgumentError, SurveyError
from doxa.survey.codes import IMPOSSIBLE, encode
from doxa.survey.countries import alpha_3
from doxa.survey.grouping import Grouping
from doxa.survey.layout import recognise
from doxa.survey.microdata import Microdata
from doxa.survey.source import open_source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from doxa.questionnaire.item import Item
    from doxa.survey.layout import Layout, Variable
    from doxa.survey.source import Source

__all__ = ["LoadedSurvey", "SurveyFile", "load_survey", "read_survey"]

_NO_WEIGHTING: Final = "no weighting"
_VERSION: Final = "version"


@dataclass(frozen=True, slots=True)
class SurveyFile:
    """What a survey file held.

    Attributes
    ----------
    name : str
        The file.
    kind : str
        "csv", "parquet", "sav", "dta" or "xlsx".
    layout : Layout
        Which survey it is.
    version : str
        What the file says of its version; "" where it says nothing.
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
    report: Callable[[int, int], None] | None = None,
) -> SurveyFile:
    """Read a survey file.

    Parameters
    ----------
    path : str or Path
        CSV, Parquet, SPSS, Stata, xlsx, or a zip that holds one; told from its content.
    items : mapping of str to Item
        The items to look for; `QuestionBank.items` for the World Values Survey.
    layout : Layout, optional
        How the file is laid out. Default: recognised from its variables.
    by : sequence of Grouping or str
        Further grouping keys: variables, their ranges or expressions, as text such as
        "age=Q262:30,50" that `Grouping.parse` understands.
    weighted : bool
        Whether to use the survey's weights; otherwise every respondent counts once.
    report : callable, optional
        Called now and then with the bytes read and all there are, where reading takes long and
        can tell: of a large xlsx.

    Returns
    -------
    SurveyFile
        Respondents whose number repeats another's of the same country and wave are left out,
        and counted in `excluded`.

    Raises
    ------
    SurveyError
        The file cannot be read, is of no known survey, lacks the country, the weight or all
        items, or holds a value that cannot be.
    InvalidArgumentError
        A grouping cannot be understood, or two have one name.
    """
    loaded = load_survey(path, items, layout=layout, by=by, weighted=weighted, report=report)
    return loaded.encode()


def load_survey(
    path: str | Path,
    items: Mapping[str, Item],
    *,
    layout: Layout | None = None,
    by: Sequence[Grouping | str] = (),
    weighted: bool = True,
    report: Callable[[int, int], None] | None = None,
) -> LoadedSurvey:
    """Do the part of `read_survey` that needs the file; `LoadedSurvey.encode` does the rest."""
    groupings = tuple(Grouping.parse(g) if isinstance(g, str) else g for g in by)
    names = [g.name for g in groupings]
    if len(set(names)) < len(names):
        raise InvalidArgumentError(f"groupings {', '.join(names)}: give each its own name")
    with open_source(path) as source:
        layout = layout or recognise(source, items)
        return _load(source, layout, groupings, report, weighted=weighted)


@dataclass(frozen=True, slots=True)
class LoadedSurvey:
    """The columns of a survey file that are needed, as the file has them.

    Attributes
    ----------
    source : Source
        Where they come from; its file need not be there any more.
    layout, groupings, weighted
        As given to `load_survey`, or recognised.
    places : mapping of str to Variable
        The items that the file has.
    frame : polars.DataFrame
        One row a respondent.
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
            As `read_survey`, for what the file holds.
        """
        return _encode(self)


def _load(
    source: Source,
    layout: Layout,
    groupings: tuple[Grouping, ...],
    report: Callable[[int, int], None] | None,
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
        raise SurveyError(f"{source.name}: none of the items is in it ({shown}, …)")
    administrative = _administrative(source, layout, groupings, weighted=weighted)
    answers = list(dict.fromkeys(v.name for v in found.values()))
    wanted = list(dict.fromkeys([*administrative, *answers]))
    types: dict[str, type[pl.DataType]] = dict.fromkeys(answers, pl.Int8)
    types |= dict.fromkeys(administrative, pl.String)
    if layout.weight in administrative:
        types[layout.weight] = pl.Float64
    frame = source.read(wanted, types=types, report=report)
    if frame.is_empty():
        raise SurveyError(f"{source.name}: there are no respondents in it")
    return LoadedSurvey(source, layout, groupings, weighted, found, frame)


def _encode(loaded: LoadedSurvey) -> SurveyFile:
    source, layout, frame = loaded.source, loaded.layout, loaded.frame
    keys = _keys(frame, layout, loaded.groupings, source.name)
    weights = _weights(frame, layout, source.name, weighted=loaded.weighted)
    keep = _first_appearance(frame, keys, layout.respondent)
    all_kept = bool(keep.all())
    if not all_kept:
        keys, weights = keys.filter(pl.Series(keep)), weights.filter(pl.Series(keep))
    version = str(frame[_VERSION][0]) if _VERSION in frame.columns else ""
    columns = np.empty((int(keep.sum()), len(loaded.places)), dtype=np.uint8, order="F")
    for number, (name, place) in enumerate(loaded.places.items()):
        declared = source.declared.get(place.name, ())
        encoded = encode(frame[place.name], layout.items[name], place, source.name, declared)
        columns[:, number] = encoded if all_kept else encoded[keep]
    microdata = Microdata.group(
        keys,
        tuple(layout.items[name] for name in loaded.places),
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
        tuple(name for name in layout.items if name not in loaded.places),
        frame.height,
        excluded,
    )


def _first_appearance(
    frame: pl.DataFrame, keys: pl.DataFrame, respondent: str | None
) -> NDArray[np.bool_]:
    """Mark the rows whose respondent's number was not in the same country and wave before."""
    if (
        respondent is None
        or respondent not in frame.columns
        or frame[respondent].n_unique() == frame.height
    ):
        return np.ones(frame.height, dtype=bool)
    numbered = keys.select("survey", "wave", "country", frame[respondent].alias("number"))
    first = pl.struct(pl.all()).is_first_distinct() | pl.col("number").is_null()
    return numbered.select(first).to_series().to_numpy()


def _administrative(
    source: Source, layout: Layout, groupings: tuple[Grouping, ...], *, weighted: bool
) -> list[str]:
    """List the variables that say who answered; those that must be there are checked."""
    needed = [] if layout.fixed_country else [("country", layout.country)]
    if isinstance(layout.wave, str):
        needed.append(("wave", layout.wave))
    if weighted and layout.weight:
        needed.append(("weight", layout.weight))
    needed += [(f"grouping key {g.name}", name) for g in groupings for name in g.variables]
    for what, name in needed:
        if name not in source.headers:
            remedy = ", or ask for unweighted counts" if what == "weight" else ""
            raise SurveyError(
                f"{source.name}: no variable {name} for the {what}: use the complete file{remedy}"
            )
    optional = [name for name in (layout.respondent, _VERSION) if name in source.headers]
    return list(dict.fromkeys([*(name for _, name in needed), *filter(None, optional)]))


def _keys(
    frame: pl.DataFrame, layout: Layout, groupings: tuple[Grouping, ...], source: str
) -> pl.DataFrame:
    """Name the population of each row."""
    if layout.fixed_country:
        country = pl.Series([layout.fixed_country]).new_from_index(0, frame.height)
    else:
        country = _countries(frame[layout.country], layout.country, source)
    if isinstance(layout.wave, int):
        wave = pl.Series([layout.wave]).new_from_index(0, frame.height)
    else:
        wave = _waves(frame[layout.wave], layout.wave, source)
    return pl.DataFrame(
        {
            "survey": pl.Series([layout.survey]).new_from_index(0, frame.height),
            "wave": wave.cast(pl.Int64),
            "country": country,
            **{g.name: g.values(frame, source) for g in groupings},
        }
    )


def _waves(column: pl.Series, name: str, source: str) -> pl.Series:
    text = column.cast(pl.String)
    # There are few: each is looked at once.
    found = {value: re.search(r"\d+", value) for value in text.unique().drop_nulls()}
    numbers = {value: int(number[0]) for value, number in found.items() if number}
    if text.null_count() or len(numbers) < len(found):
        row = (~text.is_in(list(numbers))).fill_null(value=True).arg_max() or 0
        raise SurveyError(f"{source}: row {row}: {name} {text[row]!r} is no wave")
    if len(numbers) == 1:
        return pl.Series(list(numbers.values())).new_from_index(0, len(text))
    return text.replace_strict(numbers, return_dtype=pl.Int64)


def _countries(column: pl.Series, name: str, source: str) -> pl.Series:
    if column.dtype.is_float():
        column = column.cast(pl.Int64, strict=False)
    text = column.cast(pl.String)
    found = {value: alpha_3(value) for value in text.unique().drop_nulls()}
    codes = {value: code for value, code in found.items() if code is not None}
    if text.null_count() or len(codes) < len(found):
        row = (~text.is_in(list(codes))).fill_null(value=True).arg_max() or 0
        raise SurveyError(
            f"{source}: row {row}: {name} {text[row]!r} is no country: neither ISO 3166-1 nor one "
            "of the survey's own codes"
        )
    if all(value == code for value, code in codes.items()):
        return text
    return text.replace_strict(codes, return_dtype=pl.String)


def _weights(frame: pl.DataFrame, layout: Layout, source: str, *, weighted: bool) -> pl.Series:
    if not weighted or not layout.weight:
        return pl.Series([1.0]).new_from_index(0, frame.height)
    column = frame[layout.weight]
    if column.dtype == pl.Float64 and bool(
        (column.is_finite() & (column > 0)).all(ignore_nulls=False)
    ):
        return column
    text = column.cast(pl.String)
    unweighted = text.str.strip_chars().str.to_lowercase() == _NO_WEIGHTING
    numbers = pl.select(
        pl.when(unweighted).then(1.0).otherwise(text.cast(pl.Float64, strict=False))
    ).to_series()
    bad = ~(numbers.is_finite() & (numbers > 0)).fill_null(value=False)
    if bad.any():
        row = bad.arg_max() or 0
        value = column[row]
        raise SurveyError(
            f"{source}: row {row}: weight {layout.weight} is {value!r}: a weight must be a number "
            "above 0; correct it, leave the row out, or ask for unweighted counts"
        )
    return numbers
