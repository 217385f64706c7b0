"""A file as a person sees it in an editor: its name, and the line or row of each record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Source", "lines_of"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where records come from.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    what : str
        What the records are called: "line", "row" or "entry".
    numbers : sequence of int
        The number of each record; empty if they are numbered from 1.

    Examples
    --------
    >>> from pathlib import Path
    >>> Source(Path("a.csv"), "line", [2, 5]).place(1)
    'line 5'
    """

    path: Path
    what: str = "row"
    numbers: Sequence[int] = ()

    @property
    def name(self) -> str:
        """The file's name without its ending; it names what the file does not name."""
        return self.path.stem

    def place(self, record: int) -> str:
        """Name the place of a record, which is counted from 0."""
        return f"{self.what} {self.numbers[record] if self.numbers else record + 1}"


def lines_of(table: pl.DataFrame) -> list[int]:
    r"""Give the line of a CSV file on which each row of its table begins; the header is line 1.

    Examples
    --------
    >>> lines_of(pl.DataFrame({"a": ["x\ny", "z"]}))
    [2, 4]
    """
    if table.is_empty():
        return []
    header = sum(name.count("\n") for name in table.columns)
    breaks = table.select(
        pl.sum_horizontal(pl.col(pl.String).str.count_matches("\n", literal=True).fill_null(0))
    ).to_series()
    lines = (breaks + 1).cum_sum().shift(1, fill_value=0) + 2 + header
    return lines.to_list()
