"""Read and write one run's file."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from doxa.errors import StoreError
from doxa.store.away import Away
from doxa.store.bundle import is_bundle
from doxa.store.conditions import check_conditions, keep_conditions
from doxa.store.reading import open_to_read
from doxa.store.record import Cell, row_of
from doxa.store.schema import open_database
from doxa.store.seal import KNOWN, put, quoted, sealed
from doxa.store.sent import keep_sent
from doxa.store.taking import take
from doxa.store.trouble import explained
from doxa.store.work import count_work
from doxa.store.writing import Writing, log_of

if TYPE_CHECKING:
    import os
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from doxa.backend.request import ModelCard
    from doxa.files.lock import Holder
    from doxa.prompt import Condition
    from doxa.store.record import Reply
    from doxa.store.seal import Row
    from doxa.store.sent import Sent
    from doxa.store.taking import Taken

__all__ = ["Store"]

_TOGETHER: Final = 1000
"""So many answered requests are released together: each by itself would rewrite a page."""


class Store(Writing):
    """The replies of one run.

    Use `Store.open` or `Store.read`, and the store as a context manager.

    Attributes
    ----------
    path : pathlib.Path
        The file; where its place is on a network file system, the copy that is worked on.
    place : pathlib.Path
        The file that the store was opened by.
    notices : list of str
        What is to be known about the file, one line each, such as that a part of it is missing.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "run") as store:
    ...     store.replies().height
    0
    """

    @classmethod
    def open(
        cls, path: str | os.PathLike[str], *, told: Callable[[str], object] | None = None
    ) -> Store:
        """Open a store to write to it, or create one.

        Parameters
        ----------
        path : path
            The SQLite file; it is created if it does not exist.
        told : callable, optional
            Called with a line about the process that this one waits for, if it waits long.

        Raises
        ------
        StoreError
            The file is damaged, of another format or of a newer version, its folder cannot be
            written, or another machine writes it.
        """
        place = Path(path)
        for bundle in filter(is_bundle, (place, place.parent)):
            raise StoreError(
                f"{bundle} is a bundle, which is only read: make a run of it with  doxa merge "
                f"{bundle} --out FOLDER"
            )
        away = Away.of(place)
        file = place if away is None else away.file
        if away is not None:
            away.begin(told)
        try:
            has_log = log_of(file).exists()
            store = cls(open_database(file), file, reading=False)
            store._told, store.place = told, place
            try:
                store._note_missing_log(has_log=has_log)
                store._sign_in()
                if away is not None:
                    store._work_for(away)
            except BaseException:
                store._let_go()
                raise
        except BaseException:
            if away is not None:
                away.leave()
            raise
        return store

    def _work_for(self, away: Away) -> None:
        """Take in what an ended process left on this machine, and copy all to its place."""
        if away.older is not None:
            with Store.read(away.older) as older:
                taken = self.take(older, lambda _: None, 0)
            away.forget_older()
            self.notices.append(f"{taken.new} replies that only this machine had are in it again")
        self.notices.append(
            f"{away.place} is {away.why}: the run works in {away.file} and is copied there about "
            "every half minute; one machine at a time writes it"
        )
        self._away = away
        away.start()

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Store:
        """Open a store to read it as it is now; this writes nothing, and needs no permission to.

        Parameters
        ----------
        path : path
            The SQLite file, or a bundle.

        Raises
        ------
        StoreError
            The file is missing, damaged, of another format or of a newer version.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "run"
        ...     Store.open(file).close()
        ...     with Store.read(file) as store:
        ...         store.metadata
        {}
        """
        file = Path(path)
        has_log = log_of(file).exists()
        with explained(file):
            store = cls(open_to_read(file), file, reading=True)
        store._note_missing_log(has_log=has_log)
        return store

    def note(self, name: str, value: str) -> None:
        """Note something about the run, replacing what was noted under that name."""
        with self._transaction():
            self._note(name, value)

    def settle(self, conditions: Iterable[Condition]) -> None:
        """Record each condition in full; a reply has columns for a part of it only.

        Parameters
        ----------
        conditions : iterable of Condition
            What is going to be asked.

        Raises
        ------
        ExperimentError
            The run holds replies with the same columns but another number of examples, wave or
            label style: the two would be mixed.
        """
        conditions = list(conditions)
        with self._transaction():
            check_conditions(self._connection, self.conditions(), conditions, self.place)
            keep_conditions(self._connection, conditions)

    def plan(self, card: ModelCard, cells: Iterable[tuple[Cell, str, int]]) -> None:
        """List cells with the keys of their requests; a cell that is listed gets the new key.

        Parameters
        ----------
        card : ModelCard
            The model that is asked. A card without an origin keeps that of the same file before it.
        cells : iterable of (Cell, str, int)
            Each cell with its request's key and the number of earlier attempts, in the order
            in which replies are shown.
        """
        with self._transaction():
            former = self._cards().get(card.model)
            if former and not card.origin and former.fingerprint == card.fingerprint:
                card = replace(card, origin=former.origin)
            self._connection.execute(
                "INSERT INTO models VALUES (?, ?, ?) ON CONFLICT (model) DO UPDATE "
                "SET card = excluded.card, checksum = excluded.checksum",
                sealed("models", (card.model, card.to_json())),
            )
            known = {
                Cell(*row): position
                for position, *row in self._connection.execute(
                    f"SELECT position, {quoted(Cell._fields)} FROM cells WHERE model = ?",
                    (card.model,),
                )
            }
            (last,) = self._connection.execute(
                "SELECT coalesce(max(position), 0) FROM cells"
            ).fetchone()
            rows = []
            for cell, key, attempt in cells:
                position = known.setdefault(cell, last + 1)
                last = max(last, position)
                rows.append((position, *cell, key, attempt))
            put(
                self._connection,
                "cells",
                rows,
                otherwise="ON CONFLICT (position) DO UPDATE SET request_key = "
                "excluded.request_key, attempt = excluded.attempt, checksum = excluded.checksum",
            )

    def keep_sent(self, requests: Iterable[Sent]) -> None:
        """Keep what requests are going to send; a request that is known stays as it is.

        Parameters
        ----------
        requests : iterable of Sent
            Each request's key, its texts, and the items that they show as examples.
        """
        with self._transaction():
            keep_sent(self._connection, requests)

    def forget_errors(self) -> None:
        """Remove the replies that are errors, so that they are asked for again."""
        failed = "SELECT request_key FROM replies WHERE status = 'error'"
        with self._transaction():
            self._connection.execute(f"DELETE FROM claims WHERE request_key IN ({failed})")
            self._connection.execute("DELETE FROM replies WHERE status = 'error'")

    def claim(self, keys: Sequence[str]) -> list[str]:
        """Reserve requests for this process and return those it got.

        A request that has a reply, or that a living process has reserved, is left out. What
        a dead process had reserved is free again.
        """
        with self._unsynced(), self._transaction():
            for other in self._others("writers"):
                if self._holder(other) is None:
                    self._connection.execute("DELETE FROM claims WHERE owner = ?", (other,))
            rows = self._connection.execute(
                "INSERT INTO claims SELECT value, ?2 FROM json_each(?1) "
                "WHERE NOT EXISTS (SELECT 1 FROM replies WHERE request_key = value) "
                "ON CONFLICT (request_key) DO NOTHING RETURNING request_key",
                (json.dumps(list(keys)), self._owner),
            ).fetchall()
        got = {key for (key,) in rows}
        return [key for key in keys if key in got]

    def release(self) -> None:
        """Release the requests reserved by this process."""
        with self._transaction():
            self._connection.execute("DELETE FROM claims WHERE owner = ?", (self._owner,))
            self._answered.clear()

    def holders(self) -> list[Holder]:
        """Return the other processes that have requests reserved."""
        with explained(self.path):
            found = [self._holder(other) for other in self._others("claims")]
        return [holder for holder in found if holder is not None]

    def add(self, card: ModelCard, reply: Reply) -> None:
        """Commit one reply; a second reply to the same request is ignored."""
        self.add_rows([row_of(card, reply)], seconds=reply.answer.seconds)

    def add_rows(self, rows: Sequence[Row], *, worker: str = "", seconds: float = 0.0) -> None:
        """Commit replies together; a second reply to the same request is ignored.

        Parameters
        ----------
        rows : sequence of tuple
            Rows of the table `replies`, as `doxa.store.record.row_of` makes them.
        worker : str
            Which of this process's workers asked for them; empty if it asked itself.
        seconds : float
            The time that they took.
        """
        with self._transaction():
            new = put(self._connection, "replies", rows, otherwise=KNOWN)
            self._answered += [row[:1] for row in rows]
            if len(self._answered) >= _TOGETHER:
                self._connection.executemany(
                    "DELETE FROM claims WHERE request_key = ?", self._answered
                )
                self._answered.clear()
            if new:
                count_work(self._connection, self._owner, worker, new, seconds)

    def take(
        self,
        source: Store,
        position: Callable[[Cell], int | None],
        room: int,
        tell: Callable[[int], object] = lambda _: None,
    ) -> Taken:
        """Take all that another store holds, as `doxa.store.taking.take` does.

        Parameters
        ----------
        source : Store
            The other store.
        position : callable
            Gives the place of a cell among all; None for a place after the last one.
        room : int
            The places that `position` gives, from 1.
        tell : callable
            Called with the number of replies read so far.
        """

        @contextmanager
        def begin() -> Iterator[sqlite3.Connection]:
            with self._transaction():
                yield self._connection

        return take(begin, source._connection, source.path, position, room, tell)

    def forget(self, name: str) -> None:
        """Remove a note."""
        with self._transaction():
            self._connection.execute("DELETE FROM metadata WHERE name = ?", (name,))

    def _note(self, name: str, value: str) -> None:
        self._connection.execute(
            "INSERT INTO metadata VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE "
            "SET value = excluded.value, checksum = excluded.checksum",
            sealed("metadata", (name, value)),
        )
