"""Move what the write-ahead log holds into the main file, soon after it was committed.

A copy of the main file alone lacks what only the log holds. So the log is moved after a commit
unless that was done within the last second; then it is moved a second later.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import suppress
from typing import Final

__all__ = ["Checkpoints"]

_DELAY: Final = 1.0
"""Seconds until the log is moved if it is not moved at once."""
_SHARE: Final = 20
"""Moving takes at most one part in so many of the time."""


class Checkpoints:
    """The checkpoints of a connection; its transactions hold `lock`.

    Parameters
    ----------
    connection : sqlite3.Connection
        A connection that may be used from any thread, one at a time.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.lock = threading.RLock()
        self._connection = connection
        self._timer: threading.Timer | None = None
        self._next = 0.0

    def committed(self) -> None:
        """Move the log now if that does not take too much of the time, else a second later."""
        with self.lock:
            if time.monotonic() >= self._next:
                self.move()
            elif self._timer is None:
                self._timer = threading.Timer(_DELAY, self.move)
                self._timer.daemon = True
                self._timer.start()

    def move(self, kind: str = "PASSIVE") -> None:
        """Move the log now, as far as other processes let it."""
        with self.lock:
            self.cancel()
            start = time.monotonic()
            # what cannot be moved now, on a full disk for one, stays in the log and is safe there
            with suppress(sqlite3.Error):
                self._connection.execute(f"PRAGMA wal_checkpoint({kind})").fetchall()
            end = time.monotonic()
            self._next = end + max(_DELAY, _SHARE * (end - start))

    def cancel(self) -> None:
        """Forget the move that was put off."""
        with self.lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
