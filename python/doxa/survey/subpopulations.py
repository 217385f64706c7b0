"""Subpopulations with ready names: sex, age, education and others, from each file's own variable.

Which variable of which file holds them, and which of its codes and labels make a group, is listed
in ``subpopulations.toml``.
"""

from __future__ import annotations

import bisect
import functools
import tomllib
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import SurveyError
from doxa.questionnaire.group import AGE, cut_ages
from doxa.survey.columns import headed, label_of
from doxa.survey.grouping import NO_GROUP, Grouping
from doxa.survey.labels import plain
from doxa.survey.matching import WHOLE_NUMBER, match_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from doxa.survey.source import Source

__all__ = ["Reading", "ReadyGrouping", "ready_groupings", "ready_names", "subpopulations_table"]

_MISSING: Final = -1


@dataclass(frozen=True, slots=True)
class Reading:
    """How one variable of one kind of file tells a respondent's group.

    Parameters
    ----------
    variables : mapping of str to str
        The variable, by kind of file: "wave_4" to "wave_7", "time_series", "joint".
    headers : tuple of str
        How files of one wave head the column.
    groups : mapping of int to str
        The group of each code.
    missing : frozenset of int
        Codes that are no answer.
    labels : mapping of str to int
        The code of each label, as `doxa.survey.labels.plain` makes them.
    """

    variables: Mapping[str, str] = field(hash=False)
    headers: tuple[str, ...]
    groups: Mapping[int, str] = field(hash=False)
    missing: frozenset[int] = frozenset()
    labels: Mapping[str, int] = field(default_factory=dict, hash=False)

    def code_of(self, cell: str) -> int | None:
        """Read a cell: its code, a negative one for a missing answer, None where not known.

        Examples
        --------
        >>> sex = subpopulations_table()["sex"][0]
        >>> sex.code_of("Female"), sex.code_of("2.0"), sex.code_of("-2"), sex.code_of("Neither")
        (2, 2, -2, None)
        """
        if number := WHOLE_NUMBER.fullmatch(cell):
            return self._known(int(number[1]))
        return match_label(cell, self.labels, self._known)

    def _known(self, code: int) -> int | None:
        if code < 0 or code in self.missing:
            return min(code, _MISSING)
        return code if code in self.groups else None


@dataclass(frozen=True, slots=True)
class ReadyGrouping(Grouping):
    """A grouping with a ready name.

    Parameters
    ----------
    readings : tuple of Reading
        How each of `variables` is read.
    of_several_waves : bool
        Whether waves differ in the variable: each respondent is then in the group that the first
        variable gives. Otherwise the first variable that gives anyone a group counts for all.
    """

    readings: tuple[Reading, ...] = ()
    of_several_waves: bool = False

    def values(self, frame: pl.DataFrame, source: str) -> pl.Series:  # noqa: ARG002
        """Give each respondent's group, "missing" for those in none; `source` is not used."""
        found = [
            _text(frame[name]).replace_strict(
                {
                    cell: None if code is None else reading.groups.get(code)
                    for cell, code in _codes(frame[name], reading).items()
                },
                default=None,
                return_dtype=pl.String,
            )
            for name, reading in zip(self.variables, self.readings, strict=True)
        ]
        if not self.of_several_waves:
            found = [next((one for one in found if one.count()), found[0])]
        return pl.select(pl.coalesce(*found, pl.lit(NO_GROUP)).alias(self.name)).to_series()

    def unknown(self, frame: pl.DataFrame) -> dict[str, int]:
        """Count the cells that are neither an answer nor a missing one, by variable and cell."""
        counted = {}
        for name, reading in zip(self.variables, self.readings, strict=True):
            codes = _codes(frame[name], reading)
            for cell, n in _text(frame[name]).value_counts(sort=True).iter_rows():
                if cell is not None and codes[cell] is None:
                    counted[f"{name} {cell!r}"] = n
        return counted


def _text(column: pl.Series) -> pl.Series:
    return column.cast(pl.String).str.strip_chars()


def _codes(column: pl.Series, reading: Reading) -> dict[str, int | None]:
    cells = _text(column).drop_nulls().unique().to_list()
    return {cell: reading.code_of(cell) if cell != "NaN" else _MISSING for cell in cells}


def ready_names() -> tuple[str, ...]:
    """List the ready names.

    Examples
    --------
    >>> ready_names()[:3]
    ('sex', 'age', 'education')
    """
    return tuple(subpopulations_table())


def ready_groupings(
    groupings: Sequence[Grouping], kind: str, source: Source
) -> tuple[Grouping, ...]:
    """Put the variables of a file in place of ready names; other groupings stay as they are.

    Ages may be cut at other years than those of the ready groups: "age:30,60".

    Parameters
    ----------
    groupings : sequence of Grouping
        As `Grouping.parse` reads them.
    kind : str
        The kind of file, as in `Reading.variables`; "" for a survey without ready names.
    source : Source
        The file.

    Raises
    ------
    SurveyError
        The file lacks the variable, or has another one of its name.
    ExperimentError
        Ages are cut at years that are not whole, or do not increase.
    """
    return tuple(_ready(one, kind, source) if kind and _is_ready(one) else one for one in groupings)


def _is_ready(one: Grouping) -> bool:
    bare = one.variables == (one.name,) and not one.expression
    return bare and one.name in subpopulations_table() and (not one.cuts or one.name == AGE)


def _ready(grouping: Grouping, kind: str, source: Source) -> ReadyGrouping:
    name = grouping.name
    readings = [one for one in subpopulations_table()[name] if kind in one.variables]
    if grouping.cuts:
        readings = [replace(one, groups=_bands(one.groups, grouping.cuts)) for one in readings]
    held = [one for one in readings if one.variables[kind] in source.headers]
    right = [one for one in held if _fits(one, kind, source)]
    if right:
        return ReadyGrouping(
            name,
            tuple(one.variables[kind] for one in right),
            readings=tuple(right),
            of_several_waves=not kind.startswith("wave"),
        )
    if held:
        variable = held[0].variables[kind]
        why = f"{variable} is headed {label_of(source.headers[variable])!r}"
    else:
        why = f"no variable {' or '.join(one.variables[kind] for one in readings)}"
    raise SurveyError(
        f"{source.name}: {why}, so no groups by {name}: leave {name} out for this file, or name "
        f"the variable that holds it: --by {name}=VARIABLE"
    )


def _bands(ages: Iterable[int], cuts: Sequence[float]) -> dict[int, str]:
    """Give each age the band that it is in, between some years."""
    bands = cut_ages(cuts)
    return {age: bands[bisect.bisect_right(cuts, age)] for age in ages}


def _fits(reading: Reading, kind: str, source: Source) -> bool:
    """Tell whether a column is headed as it must be; only waves share variables' names."""
    label = label_of(source.headers[reading.variables[kind]])
    return not kind.startswith("wave") or headed(label, reading.headers)


@functools.cache
def subpopulations_table() -> dict[str, tuple[Reading, ...]]:
    """Read ``subpopulations.toml``: how each ready name is read."""
    text = files("doxa.survey").joinpath("subpopulations.toml").read_text(encoding="utf-8")
    return {
        name: tuple(
            Reading(
                entry["variables"],
                tuple(entry["headers"]),
                {code: group for group, codes in entry["groups"].items() for code in _list(codes)},
                frozenset(_list(entry["missing"])) if "missing" in entry else frozenset(),
                {
                    plain(label): int(code)
                    for code, labels in entry.get("labels", {}).items()
                    for label in labels
                },
            )
            for entry in entries
        )
        for name, entries in tomllib.loads(text).items()
    }


def _list(codes: str) -> list[int]:
    """List the codes of "1,3-5".

    Examples
    --------
    >>> _list("1,3-5")
    [1, 3, 4, 5]
    """
    ends = [part.split("-") for part in codes.split(",")]
    return [code for end in ends for code in range(int(end[0]), int(end[-1]) + 1)]
