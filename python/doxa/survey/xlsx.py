"""Reading Excel's xlsx: plain sheets of a country's size through fastexcel, others as a stream.

fastexcel is several times as fast, but holds a whole sheet in memory, from the first cell to the
last, and ends the program where that is too much. So it reads only what is sure to be small. The
stream needs little memory, whatever the file says.
"""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from functools import cached_property
from threading import Thread
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.files.unpack import Limits, open_archive
from doxa.outside.extras import require
from doxa.outside.written import some_of
from doxa.survey import workbook
from doxa.survey.budget import Budget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from doxa.files.unpack import Archive

    ReadProgress = Callable[
        [int, int], None
    ]  # takes the number of bytes read and that of all bytes

__all__ = ["LIMITS", "Book"]

LIMITS: Final = Limits(ratio=100, members=10_000)
"""How far a survey file may unpack; the survey's own reach about 20 times their size."""

_BATCH: Final = 10_000
_MOST_NAMED: Final = 3
_WAIT: Final = 0.05


class Book:
    """An xlsx file: the first sheet that holds something; hidden ones come last.

    Parameters
    ----------
    path : Path
        The file.

    Attributes
    ----------
    headers : list of str
        The cells of the sheet's first row that are not empty.
    notes : tuple of str
        Which sheet that is, where there are several.

    Raises
    ------
    FileError, ValueError
        The file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._archive() as archive:
            sheets = workbook.sheets(archive, Budget(self._path))
            for self._sheet in sheets:
                header = self._header(archive)
                if header:
                    break
        others = [one.name for one in sheets if one != self._sheet]
        self.notes = (
            f"sheet {self._sheet.name!r} is read, {some_of([*map(repr, others)], _MOST_NAMED)} not",
        ) * bool(others)
        self._places = {text: place for place, text in reversed(header.items())}
        self.headers = list(header.values())

    def read(
        self,
        columns: Sequence[str],
        n_rows: int | None = None,
        progress: ReadProgress | None = None,
    ) -> pl.DataFrame:
        """Read columns.

        Parameters
        ----------
        columns : sequence of str
            Their headers; of equal ones, the first.
        n_rows : int, optional
            How many rows to read from the top. Default: all.
        progress : callable, optional
            Called from time to time with the bytes read and the total bytes, while a large sheet
            is read.

        Returns
        -------
        polars.DataFrame
            Text; null for an empty cell. Rows that are empty in these columns are left out.

        Raises
        ------
        FileError, ValueError
            The file is damaged, or too large.
        MissingExtraError
            fastexcel is not installed.
        """
        places = [self._places[column] for column in columns]
        frame = None
        if n_rows is None and self._is_plain():
            frame = _at_once(self._path, self._sheet.name, places)
        if frame is None:
            frame = self._stream(places, n_rows, progress)
        frame.columns = list(columns)
        if frame.width and frame.to_series(0).null_count():
            frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
        return frame

    def _is_plain(self) -> bool:
        places = self._places.values()
        with self._archive() as archive:
            return 0 in places and workbook.is_plain(archive, self._sheet, self._texts, max(places))

    def _stream(
        self, places: list[int], n_rows: int | None, progress: ReadProgress | None
    ) -> pl.DataFrame:
        names = [str(place) for place in places]
        batches = [pl.DataFrame(schema=dict.fromkeys(names, pl.String))]
        budget = Budget(self._path)
        with self._archive() as archive:
            wanted = frozenset(places)
            rows = workbook.rows(archive, self._sheet.part, self._texts, budget, wanted, progress)
            chosen = itertools.islice(rows, 1, None if n_rows is None else n_rows + 1)
            while batch := list(itertools.islice(chosen, _BATCH)):
                budget.hold(len(batch), len(places))
                batches.append(
                    pl.DataFrame(
                        [
                            pl.Series(name, [row.get(place) for row in batch], dtype=pl.String)
                            for name, place in zip(names, places, strict=True)
                        ]
                    )
                )
        return pl.concat(batches)

    def _header(self, archive: Archive) -> workbook.Row:
        budget = Budget(self._path)
        return next(workbook.rows(archive, self._sheet.part, self._texts, budget), {})

    @cached_property
    def _texts(self) -> list[str]:
        with self._archive() as archive:
            return workbook.shared_texts(archive, Budget(self._path))

    @contextmanager
    def _archive(self) -> Iterator[Archive]:
        with open_archive(self._path, LIMITS) as archive:
            yield archive


def _at_once(path: Path, sheet: str, places: list[int]) -> pl.DataFrame | None:
    """Read a sheet through fastexcel; None where it cannot, so that the stream says why."""
    require("fastexcel")
    import fastexcel

    def read() -> pl.DataFrame:
        book = fastexcel.read_excel(path.read_bytes())
        return pl.DataFrame(book.load_sheet(sheet, use_columns=places, dtypes="string"))

    return _interruptible(read)


def _interruptible(read: Callable[[], pl.DataFrame]) -> pl.DataFrame | None:
    """Call in a thread, so that Ctrl-C is heard at once; None if the call fails."""
    found: list[pl.DataFrame | None] = []

    def work() -> None:
        try:
            found.append(read())
        except BaseException:  # fastexcel's own errors, and panics of the library below it
            found.append(None)

    thread = Thread(target=work, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_WAIT)
    return found[0]
