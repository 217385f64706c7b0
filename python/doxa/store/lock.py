"""A lock that shows whether its process is alive: it is freed when the process ends."""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ProcessLock"]


class ProcessLock:
    """A lock that is held until it is released or its process ends, in whatever way.

    It is SQLite's own exclusive lock, on an empty file beside `path`. So it works wherever
    SQLite works, and needs neither a clock nor the numbers of processes.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lock = ProcessLock.acquire(Path(folder) / "run")
    ...     held = ProcessLock.is_held(Path(folder) / "run", lock.name)
    ...     lock.release()
    ...     held, ProcessLock.is_held(Path(folder) / "run", lock.name)
    (True, False)
    """

    def __init__(self, name: str, file: Path, connection: sqlite3.Connection) -> None:
        self.name = name
        self._file = file
        self._connection = connection

    @classmethod
    def acquire(cls, path: Path) -> ProcessLock:
        """Make a lock of a new name beside `path` and hold it."""
        name = f"{os.getpid()}-{secrets.token_hex(8)}"
        file = _file(path, name)
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        return cls(name, file, connection)

    @staticmethod
    def is_held(path: Path, name: str) -> bool:
        """Tell whether the lock of that name is held; remove one that a dead process left."""
        file = _file(path, name)
        if not file.exists():
            return False
        with suppress(OSError):
            connection = sqlite3.connect(file, timeout=0, isolation_level=None)
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                return True
            finally:
                connection.close()
            file.unlink(missing_ok=True)
        return False

    def release(self) -> None:
        """Let go of the lock and remove its file."""
        self._connection.close()
        self._file.unlink(missing_ok=True)


def _file(path: Path, name: str) -> Path:
    return path.with_name(f"{path.name}-asking-{name}")
