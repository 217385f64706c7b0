"""Who has answered how much, and when: for each process that writes, and each of its workers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import sqlite3

    from doxa.files.lock import Holder

__all__ = ["WORK_TABLE", "Work", "count_work"]

WORK_TABLE: Final = """
CREATE TABLE work (
    owner TEXT NOT NULL, worker TEXT NOT NULL,
    began REAL NOT NULL, last REAL NOT NULL, replies INTEGER NOT NULL,
    PRIMARY KEY (owner, worker)
) WITHOUT ROWID
"""


class Work(NamedTuple):
    """What one worker of one process has answered.

    Attributes
    ----------
    worker : str
        The worker's name; empty if the process itself asks.
    began, last : float
        When it began with its first reply, and when its last one came, in seconds since 1970.
    replies : int
        The replies that it brought.
    number : int
        The number of the process that wrote for it, on its machine.
    process : Holder or None
        The same, while it lives on this machine.
    """

    worker: str
    began: float
    last: float
    replies: int
    number: int
    process: Holder | None


def count_work(
    connection: sqlite3.Connection, owner: str, worker: str, replies: int, seconds: float
) -> None:
    """Add replies to what a worker has answered.

    Call it inside the transaction that adds the replies.

    Parameters
    ----------
    connection : sqlite3.Connection
        An open store.
    owner, worker : str
        The name of the process, and that of its worker.
    replies : int
        The number of replies.
    seconds : float
        The time that they took; the first ones were begun so long ago.
    """
    now = time.time()
    connection.execute(
        "INSERT INTO work VALUES (?, ?, ?, ?, ?) ON CONFLICT (owner, worker) DO UPDATE "
        "SET last = excluded.last, replies = replies + excluded.replies",
        (owner, worker, now - seconds, now, replies),
    )
