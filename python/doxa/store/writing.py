"""The process that writes a store: its transactions, its mark, and what it does when it ends."""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from doxa.errors import StoreError
from doxa.files import reason
from doxa.files.lock import ProcessLock
from doxa.store.checkpoint import Checkpoints
from doxa.store.contents import Contents
from doxa.store.place import DisplacedError, Place, rescue
from doxa.store.schema import PATIENCE, open_database, roll_back
from doxa.store.trouble import explained, primary_code
from doxa.store.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from doxa.files.lock import Holder
    from doxa.store.away import Away

__all__ = ["Writing", "log_of"]

_NOTICE: Final = 3.0
"""Seconds of waiting for another process before it is told."""


def log_of(file: Path) -> Path:
    """Return the path of a store's write-ahead log."""
    return file.with_name(f"{file.name}-wal")


class Writing(Contents):
    """A store as a process that writes it sees it: it is marked as at work until it closes it.

    Attributes
    ----------
    path : pathlib.Path
        The file; where its place is on a network file system, the copy that is worked on.
    place : pathlib.Path
        The file that the store was opened by.
    notices : list of str
        What is to be known about the file, one line each, such as that a part of it is missing.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, *, reading: bool) -> None:
        super().__init__(connection, path, reading=reading)
        self.notices: list[str] = []
        self.place = path
        self._away: Away | None = None
        self._told: Callable[[str], object] | None = None
        self._lock: ProcessLock | None = None
        self._owner = f"{os.getpid()}-{secrets.token_hex(8)}"
        self._answered: list[tuple[str]] = []
        self._place = Place(path)
        self._checkpoints = Checkpoints(connection)

    def __enter__(self) -> Self:
        """Return the store itself; leaving the block closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Release what this process reserved, move the log into the file, and close it.

        Raises
        ------
        StoreError
            The file was removed or replaced meanwhile; the message says where its replies are.
        """
        try:
            if self._lock is not None:
                self._leave()
        finally:
            self._let_go()
            if self._away is not None:
                self._away.finish()
                self._away = None

    def _let_go(self) -> None:
        self._checkpoints.cancel()
        self._connection.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Commit what the block writes, to the rescued file if the store's own is gone."""
        moved = self._displaced()
        with self._checkpoints.lock, explained(self.path):
            self._begin()
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    roll_back(self._connection)
                raise
        if self._lock is not None:
            self._checkpoints.committed()
        moved = moved or self._displaced()
        if moved is not None:
            raise moved

    @contextmanager
    def _unsynced(self) -> Iterator[None]:
        """Write what means nothing once this process has ended, without waiting for the disk."""
        with self._checkpoints.lock:
            self._connection.execute("PRAGMA synchronous = NORMAL")
            try:
                yield
            finally:
                with suppress(sqlite3.ProgrammingError):  # it could not be opened anew elsewhere
                    self._connection.execute("PRAGMA synchronous = FULL")

    def _begin(self) -> None:
        """Take the write lock; if that takes long, tell who has it."""
        deadline = time.monotonic() + PATIENCE
        told = self._told
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if primary_code(error) != sqlite3.SQLITE_BUSY:
                    raise
                holders = [self._holder(other) for other in self._others("writers")]
                who = " or ".join(str(holder) for holder in holders if holder is not None)
                if time.monotonic() > deadline:
                    raise StoreError(
                        f"{self.path} is locked by {who or 'another process'}: wait for it to "
                        "finish, or end it"
                    ) from None
                if told is not None:
                    told(f"waiting for {self.path}, locked by {who or 'another process'}")
                    told = None
            else:
                return

    def _displaced(self) -> DisplacedError | None:
        """If the file was removed or replaced, go on in a new file, and say so."""
        change = self._place.change() if self._lock is not None else ""
        if not change:
            return None
        lost = self.path
        with self._checkpoints.lock:
            path = rescue(self._connection, lost)
            self._checkpoints.cancel()
            self._connection.close()
            self._place.clear()
        self._connection, self.path = open_database(path), path
        if self._away is not None:
            self._away.file = path
        self._place, self._checkpoints = Place(path), Checkpoints(self._connection)
        return DisplacedError(
            f"{lost} was {change} while it was written: every reply is kept in {path}: move that "
            "to its place, and run again"
        )

    def _sign_in(self) -> None:
        """Show that this process writes, until it closes the store or ends."""
        try:
            self._lock = ProcessLock.acquire(self._lock_file(self._owner))
        except OSError as error:
            raise StoreError(f"cannot write {self.path}: {reason(error)}") from None
        self._connection.execute(f"PRAGMA busy_timeout = {round(_NOTICE * 1000)}")
        with self._transaction():
            self._connection.execute("INSERT INTO writers VALUES (?)", (self._owner,))
            self._connection.execute(
                "DELETE FROM claims WHERE owner NOT IN (SELECT owner FROM writers)"
            )
        self._checkpoints.move()
        self._place = Place(self.path)

    def _leave(self) -> None:
        """Take back what `_sign_in` and `claim` wrote, for this process and for dead ones."""
        moved = self._displaced()
        with suppress(sqlite3.Error):
            gone = [other for other in self._others("writers") if self._holder(other) is None]
            for owner in (self._owner, *gone):
                for table in ("claims", "writers"):
                    self._connection.execute(f"DELETE FROM {table} WHERE owner = ?", (owner,))
            # who reads just now keeps the log, and needs not be waited for
            self._connection.execute("PRAGMA busy_timeout = 0")
        self._checkpoints.move("TRUNCATE")
        if moved is not None:
            raise moved

    def writers(self) -> list[Holder]:
        """Return the living processes that have the store open for writing."""
        with explained(self.path):
            found = [self._holder(other) for other in self._others("writers")]
        return [holder for holder in found if holder is not None]

    def work(self) -> list[Work]:
        """Return what each worker of each process has answered, the earliest first."""
        with explained(self.path):
            rows = self._connection.execute("SELECT * FROM work ORDER BY began, worker").fetchall()
        process = {owner: self._holder(owner) for owner in {row[0] for row in rows}}
        return [
            Work(worker, began, last, replies, int(owner.partition("-")[0]), process[owner])
            for owner, worker, began, last, replies in rows
        ]

    def _note_missing_log(self, *, has_log: bool) -> None:
        """Note that the file is a copy that lacks what only its log held."""
        with explained(self.path):
            if has_log or all(self._holder(other) for other in self._others("writers")):
                return
        self.notices.append(
            f"{self.path} was copied, or cut off, while it was written, and "
            f"{log_of(self.path).name} is not beside it: the last replies may be missing; copy "
            "both, or run the same  doxa ask  again"
        )

    def _others(self, table: str) -> list[str]:
        """Return the other processes that a table names."""
        return [
            owner
            for (owner,) in self._connection.execute(
                f"SELECT DISTINCT owner FROM {table} WHERE owner <> ?", (self._owner,)
            )
        ]

    def _holder(self, owner: str) -> Holder | None:
        """Return the living process of that name."""
        try:
            return ProcessLock.holder(self._lock_file(owner))
        except OSError:
            return None  # a file that this process may not even open

    def _lock_file(self, owner: str) -> Path:
        return self.path.with_name(f"{self.path.name}-asking-{owner}")
