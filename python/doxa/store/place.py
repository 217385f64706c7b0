"""Notice that the file of an open store was removed or replaced; rescue what it held."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from doxa.errors import StoreError
from doxa.files import reason

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DisplacedError", "Place", "rescue"]


class DisplacedError(StoreError):
    """The file of a store was removed or replaced; its replies are in another file now."""


class Place:
    """The file that a path named when it was opened, with the log beside it.

    Parameters
    ----------
    file : pathlib.Path
        The path of an open store.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._opened = file.stat()
        self._logs = {}
        for log in (file.with_name(file.name + end) for end in ("-wal", "-shm")):
            with suppress(OSError):
                self._logs[log] = log.stat()

    def change(self) -> str:
        """Return what happened to the file: "removed", "replaced" or nothing, ""."""
        try:
            return "" if os.path.samestat(self._file.stat(), self._opened) else "replaced"
        except (FileNotFoundError, NotADirectoryError):
            return "removed"
        except OSError:
            return ""  # what cannot be looked at has not moved for all we know

    def clear(self) -> None:
        """Remove the log of the file that is gone: SQLite would add it to the one in its place."""
        for log, opened in self._logs.items():
            with suppress(OSError):
                if os.path.samestat(log.stat(), opened):
                    log.unlink()


def rescue(connection: sqlite3.Connection, file: Path) -> Path:
    """Copy an open store, whose path has lost it, to a new file beside that path.

    Returns
    -------
    pathlib.Path
        The new file; in the folder for temporary files if it cannot be beside the old one.

    Raises
    ------
    StoreError
        Neither folder can be written.
    """
    trouble: Exception | None = None
    for target in _targets(file):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            connection.execute("VACUUM INTO ?", (os.fspath(target),))
            with closing(sqlite3.connect(target)) as copy:
                # whoever worked on the old file does not work on this one
                copy.executescript("DELETE FROM claims; DELETE FROM writers")
        except (OSError, sqlite3.Error) as error:
            trouble = error
        else:
            return target
    said = "" if trouble is None else f" ({reason(trouble)})"
    raise StoreError(f"{file} was removed or replaced, and its replies cannot be written{said}")


def _targets(file: Path) -> Iterator[Path]:
    """Yield a free name beside a file, then one in a new folder among the temporary files."""
    names = (f"{file.stem}-rescued{number or ''}{file.suffix}" for number in count())
    yield next(file.parent / name for name in names if not (file.parent / name).exists())
    yield Path(mkdtemp(prefix="doxa-"), file.name)
