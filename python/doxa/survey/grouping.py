"""Groupings: subpopulations by the values of a variable, by its ranges, or by an expression.

`subpopulations` has those with ready names.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.errors import InvalidArgumentError, SurveyError
from doxa.files import reason
from doxa.survey.counts import COUNT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NO_GROUP", "Grouping", "parse_groupings", "split_names"]

NO_GROUP: Final = "missing"
"""What stands for the group of respondents who are in none."""

_SHORT: Final = re.compile(r"(?:(?P<name>\w+)\s*=\s*)?(?P<variable>\w+)(?::(?P<cuts>[^:]*))?")
_LIST: Final = re.compile(r"\w+(?:\s*,\s*\w+)+")
_NAMED: Final = re.compile(r".+\bas\s+\w+", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Grouping:
    """A rule that divides respondents into groups.

    Parameters
    ----------
    name : str
        The column that it has in the counts.
    variables : tuple of str
        The variables in the file that it is made from.
    cuts : tuple of float
        Increasing numbers, at which a variable is cut into ranges: 30 and 50 make "<30", "30-<50"
        and "50+". Without them each value is a group.
    expression : str
        An SQL expression for `polars.sql_expr`, in place of a variable's values or ranges.

    Examples
    --------
    >>> people = pl.DataFrame({"Q260": [1, 2, 2, 1], "Q262": [18, 30, 71, -2]})
    >>> Grouping.parse("age=Q262:30,50").values(people, "file").to_list()
    ['<30', '30-<50', '50+', 'missing']
    >>> Grouping.parse("Q262 >= 30 AND Q260 = 2 AS grown_women").values(people, "file").to_list()
    ['false', 'true', 'true', 'missing']
    """

    name: str
    variables: tuple[str, ...]
    cuts: tuple[float, ...] = ()
    expression: str = ""

    @classmethod
    def parse(cls, text: str) -> Grouping:
        """Read "Q260", "sex=Q260", "age=Q262:30,50" or "Q262 >= 60 AS older".

        Raises
        ------
        InvalidArgumentError
            The text is none of these, the cuts do not increase, or the name is taken.
        """
        short = _SHORT.fullmatch(text.strip())
        grouping = cls._of_variable(text, short) if short else cls._of_expression(text)
        if grouping.name in COUNT_COLUMNS:
            raise InvalidArgumentError(
                f"grouping {text!r}: {grouping.name} is a column of counts: choose another name"
            )
        return grouping

    @classmethod
    def _of_variable(cls, text: str, parts: re.Match[str]) -> Grouping:
        numbers = parts["cuts"]
        try:
            cuts = () if numbers is None else tuple(map(float, numbers.split(",")))
        except ValueError:
            cuts = (0.0, 0.0)
        if list(cuts) != sorted(set(cuts)):
            raise InvalidArgumentError(f"grouping {text!r}: write increasing cuts: age=Q262:30,50")
        return cls(parts["name"] or parts["variable"], (parts["variable"],), cuts)

    @classmethod
    def _of_expression(cls, text: str) -> Grouping:
        try:
            expression = pl.sql_expr(text)
        except pl.exceptions.PolarsError as error:
            raise InvalidArgumentError(
                f"grouping {text!r}: {reason(error)}: write Q260, sex=Q260, age=Q262:30,50, or an "
                "SQL expression such as Q262 >= 60 AS older"
            ) from None
        variables = tuple(dict.fromkeys(expression.meta.root_names()))
        if not variables or not _NAMED.fullmatch(text.strip()):
            remedy = "name its result, with AS" if variables else "use a variable of the file"
            raise InvalidArgumentError(f"grouping {text!r}: {remedy}: Q262 >= 60 AS older")
        return cls(expression.meta.output_name(), variables, expression=text)

    def values(self, frame: pl.DataFrame, source: str) -> pl.Series:
        """Give each respondent's group, as text.

        A respondent for whom one of the variables is missing, or has a negative code, is in the
        group "missing", whatever an expression says.

        Parameters
        ----------
        frame : polars.DataFrame
            The variables, as numbers or text.
        source : str
            The file, for messages.

        Raises
        ------
        SurveyError
            A variable with ranges holds a value that is not a number, or the expression does not
            fit the variables.
        """
        columns = {name: _numbers(frame[name]) for name in self.variables}
        missing = pl.Series([False]).new_from_index(0, frame.height)
        for name, numbers in columns.items():
            missing |= (numbers < 0).fill_null(value=False) | frame[name].is_null()
        if self.expression:
            known = {
                name: frame[name] if numbers.null_count() > frame[name].null_count() else numbers
                for name, numbers in columns.items()
            }
            shown = self._evaluated(pl.DataFrame(known), source)
        elif self.cuts:
            shown = self._binned(frame[self.variables[0]], columns[self.variables[0]], source)
        else:
            shown = frame[self.variables[0]]
        text = shown.cast(pl.String).str.strip_chars().str.strip_suffix(".0").fill_null(NO_GROUP)
        return pl.select(pl.when(missing).then(pl.lit(NO_GROUP)).otherwise(text)).to_series()

    def unknown(self, frame: pl.DataFrame) -> dict[str, int]:  # noqa: ARG002
        """Count the cells whose group is not known: none, for each value is a group."""
        return {}

    def _binned(self, column: pl.Series, numbers: pl.Series, source: str) -> pl.Series:
        if numbers.null_count() > column.null_count():
            row = (numbers.is_null() & column.is_not_null()).arg_max() or 0
            name = self.variables[0]
            raise SurveyError(f"{source}: row {row + 2}: {name} {column[row]!r} is not a number")
        edges = [f"{cut:g}" for cut in self.cuts]
        between = [f"{low}-<{high}" for low, high in itertools.pairwise(edges)]
        labels = np.array([f"<{edges[0]}", *between, f"{edges[-1]}+"])
        bins = np.searchsorted(self.cuts, numbers.fill_null(-1.0).to_numpy(), side="right")
        return pl.Series(labels[bins])

    def _evaluated(self, frame: pl.DataFrame, source: str) -> pl.Series:
        try:
            shown = frame.select(pl.sql_expr(self.expression)).to_series()
        except pl.exceptions.PolarsError as error:
            problem = f"grouping {self.expression!r}: {reason(error)}"
            raise SurveyError(f"{source}: {problem}") from None
        if len(shown) != frame.height:
            raise SurveyError(
                f"{source}: grouping {self.expression!r}: gives {len(shown)} values for "
                f"{frame.height} respondents: write an expression of one respondent's values"
            )
        return shown


def split_names(by: Sequence[str]) -> list[str]:
    """Split the texts that list several names; a comma in another text stays.

    Examples
    --------
    >>> split_names(["sex,age", "Q262:30,50"])
    ['sex', 'age', 'Q262:30,50']
    """
    return [
        part.strip()
        for text in by
        for part in (text.split(",") if _LIST.fullmatch(text.strip()) else [text])
    ]


def parse_groupings(by: Sequence[Grouping | str]) -> tuple[Grouping, ...]:
    """Read several groupings; a text may list several names: "sex,age".

    Raises
    ------
    InvalidArgumentError
        A text cannot be understood, or two groupings have the same name.

    Examples
    --------
    >>> [one.name for one in parse_groupings(["sex, age", "town=N_TOWN"])]
    ['sex', 'age', 'town']
    """
    groupings: list[Grouping] = []
    for one in by:
        groupings += map(Grouping.parse, split_names([one])) if isinstance(one, str) else [one]
    names = [one.name for one in groupings]
    if len(set(names)) < len(names):
        raise InvalidArgumentError(f"groupings {', '.join(names)}: give each its own name")
    return tuple(groupings)


def _numbers(column: pl.Series) -> pl.Series:
    return column.cast(pl.Float64, strict=False)
