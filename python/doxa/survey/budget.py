"""How much reading one survey file may cost, in time and memory.

A file of some megabytes can claim to hold far more than any survey does. Reading it is given up
with an error before it uses up the machine.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from doxa.errors import FileError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MOST_COLUMNS", "Budget"]

MOST_COLUMNS: Final = 50_000
"""The most columns that a file may have; the widest of the survey's has about 1,050."""

_MOST_BYTES: Final = 800 << 20
_BYTES_PER_ROW: Final = 100  # what is worked out about each respondent
_BYTES_PER_TEXT: Final = 24
_SECONDS: Final = 45.0
_SECONDS_PER_BYTE: Final = 8.0 / (1 << 20)


class Budget:
    """What is left of the time and memory for reading a file.

    Parameters
    ----------
    path : Path
        The file. A larger one may take longer: 8 s for each MiB, and at least 45 s.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seconds = max(_SECONDS, _SECONDS_PER_BYTE * path.stat().st_size)
        self._until = time.monotonic() + self._seconds
        self._left = _MOST_BYTES

    def hold(self, n_rows: int, n_texts: int, n_bytes: int = 0) -> None:
        """Note that some more rows are held.

        Parameters
        ----------
        n_rows : int
            How many.
        n_texts : int
            The columns of text among those that are read.
        n_bytes : int
            The bytes that their other columns take in each row.

        Raises
        ------
        FileError
            As for `spend`.
        """
        self.spend(n_rows * (_BYTES_PER_ROW + _BYTES_PER_TEXT * n_texts + n_bytes))

    def spend(self, n_bytes: int) -> None:
        """Note that some more bytes are held.

        Raises
        ------
        FileError
            The file takes too long, or has more than 800 MiB in the columns that are read.
        """
        self._left -= n_bytes
        if self._left < 0:
            most = f"{_MOST_BYTES >> 20} MiB"
            raise self.refusal(f"holds more than {most} in the columns that are read: split it")
        if time.monotonic() > self._until:
            raise self.refusal(
                f"takes more than {self._seconds:.0f} s to read: is it a survey file?"
            )

    def refusal(self, why: str) -> FileError:
        """Make the error for a file that is whole, but cannot be read."""
        return FileError(self._path, why)
