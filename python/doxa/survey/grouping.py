"""Further grouping keys: subpopulations by a variable, binned or not."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import polars as pl

from doxa.errors import InvalidArgumentError, SurveyError

__all__ = ["Grouping"]


@dataclass(frozen=True, slots=True)
class Grouping:
    """A variable by which respondents are told apart.

    Parameters
    ----------
    name : str
        The column of the counts.
    variable : str
        The variable in the file.
    cuts : tuple of float
        Increasing; they bin a number into "<30", "30-<50", "50+". Empty keeps the values.

    Examples
    --------
    >>> Grouping.parse("age=Q262:30,50").values(pl.Series([18, 30, 71, -2]), "file").to_list()
    ['<30', '30-<50', '50+', 'missing']
    """

    name: str
    variable: str
    cuts: tuple[float, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Grouping:
        """Read "Q260", "sex=Q260" or "age=Q262:30,50".

        Raises
        ------
        InvalidArgumentError
            The text is none of these, or the cuts do not increase.
        """
        name, _, rest = text.rpartition("=")
        variable, _, numbers = rest.partition(":")
        try:
            cuts = tuple(float(number) for number in numbers.split(",")) if numbers else ()
        except ValueError:
            cuts = (0.0, 0.0)
        if not variable or list(cuts) != sorted(set(cuts)):
            raise InvalidArgumentError(
                f"grouping {text!r}: write Q260, sex=Q260, or age=Q262:30,50 with rising numbers"
            )
        return cls(name or variable, variable, cuts)

    def values(self, column: pl.Series, source: str) -> pl.Series:
        """Give each respondent's group, as text; negative codes are "missing".

        Raises
        ------
        SurveyError
            The variable is to be binned and holds no numbers.
        """
        numbers = column.cast(pl.Float64, strict=False)
        if self.cuts and numbers.null_count() > column.null_count():
            row = (numbers.is_null() & column.is_not_null()).arg_max() or 0
            raise SurveyError(f"{source}: row {row}: {self.variable} {column[row]!r} is no number")
        if self.cuts:
            edges = [f"{cut:g}" for cut in self.cuts]
            labels = [
                f"<{edges[0]}",
                *(f"{a}-<{b}" for a, b in itertools.pairwise(edges)),
                f"{edges[-1]}+",
            ]
            bins = np.searchsorted(self.cuts, numbers.fill_null(-1.0).to_numpy(), side="right")
            shown = pl.Series(np.array(labels)[bins])
        else:
            text = column.cast(pl.String).str.strip_chars()
            shown = text.str.strip_suffix(".0")
        missing = (numbers < 0).fill_null(value=False) | column.is_null()
        return pl.select(pl.when(missing).then(pl.lit("missing")).otherwise(shown)).to_series()
