"""Read and write one run's file."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from doxa.backend.request import ModelCard
from doxa.errors import StoreError
from doxa.files.secrets import without_secrets
from doxa.store.conditions import check_conditions, keep_conditions, known_conditions
from doxa.store.lock import ProcessLock
from doxa.store.record import STORED, Cell, answer_of, frame_of, row_of
from doxa.store.schema import RENDERED, TO_RENDER, explained, open_database
from doxa.store.sent import examples_shown, keep_sent, sent_frame

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType

    from doxa.backend.request import Answer
    from doxa.prompt import Condition
    from doxa.store.record import Reply
    from doxa.store.sent import Sent

__all__ = ["Store"]


class Store:
    """The replies of one run.

    Use `Store.open`, and the store as a context manager.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "run") as store:
    ...     store.replies().height
    0
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path
        self._lock: ProcessLock | None = None

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, create: bool = True) -> Store:
        """Open a store, or create one.

        Parameters
        ----------
        path : path
            The SQLite file.
        create : bool
            Whether to create a missing file; otherwise it is an error.

        Raises
        ------
        StoreError
            The file is missing, damaged, of another format or of a newer version, or its
            folder cannot be written.
        """
        file = Path(path)
        return cls(open_database(file, create=create), file)

    def __enter__(self) -> Store:
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
        """Release the requests reserved by this process, and close the file."""
        with suppress(sqlite3.Error):
            if self._lock is not None:
                self._connection.execute("DELETE FROM claims WHERE owner = ?", (self._lock.name,))
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        self._connection.close()

    @property
    def metadata(self) -> dict[str, str]:
        """What was noted about the run, such as its experiment."""
        with explained(self.path):
            notes = self._connection.execute("SELECT name, value FROM metadata").fetchall()
        # older versions wrote a server's whole address
        return {name: without_secrets(value) for name, value in notes}

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
            check_conditions(self._connection, conditions, self.path)
            keep_conditions(self._connection, conditions)

    def check(self, conditions: Iterable[Condition]) -> None:
        """Raise what `settle` would raise, and record nothing."""
        with explained(self.path):
            check_conditions(self._connection, conditions, self.path)

    def conditions(self) -> dict[tuple[str, ...], Condition]:
        """Return every condition, by its language, steering, target, template, option order."""
        with explained(self.path):
            return known_conditions(self._connection)

    def plan(self, card: ModelCard, cells: Iterable[tuple[Cell, str, int]]) -> None:
        """List cells with the keys of their requests; a cell that is listed gets the new key.

        Parameters
        ----------
        card : ModelCard
            The model that is asked.
        cells : iterable of (Cell, str, int)
            Each cell with its request's key and the number of earlier attempts, in the order
            in which replies are shown.
        """
        with self._transaction():
            self._connection.execute(
                "INSERT INTO models VALUES (?, ?) "
                "ON CONFLICT (model) DO UPDATE SET card = excluded.card",
                (card.model, card.to_json()),
            )
            self._connection.executemany(
                "INSERT INTO cells "
                "(model, question, language, steering, target, template, option_order, draw, "
                "elicitation, request_key, attempt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (model, language, steering, target, template, option_order, "
                "question, elicitation, draw) DO UPDATE "
                "SET request_key = excluded.request_key, attempt = excluded.attempt",
                ((*cell, key, attempt) for cell, key, attempt in cells),
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

    @property
    def lacks_prompts(self) -> bool:
        """Whether an older version kept no prompts, and none have been rendered again since."""
        return self.metadata.items() >= {TO_RENDER}

    def keep_rendered(self, requests: Iterable[Sent]) -> None:
        """Keep what an older version sent, and remember that it was rendered again.

        Parameters
        ----------
        requests : iterable of Sent
            As for `keep_sent`: those whose prompts are certain.
        """
        with self._transaction():
            keep_sent(self._connection, requests)
            self._note(*RENDERED)

    def attempts(self) -> dict[Cell, int]:
        """Return the number of failed attempts of each cell that has any."""
        with explained(self.path):
            rows = self._connection.execute(
                f"SELECT {', '.join(Cell._fields)}, attempt FROM cells WHERE attempt > 0"
            ).fetchall()
        return {Cell(*row[:-1]): row[-1] for row in rows}

    def statuses(self) -> dict[str, str]:
        """Return the status of every reply by its request's key."""
        with explained(self.path):
            return dict(self._connection.execute("SELECT request_key, status FROM replies"))

    def forget_errors(self) -> None:
        """Remove the replies that are errors, so that they are asked for again."""
        with self._transaction():
            self._connection.execute("DELETE FROM replies WHERE status = 'error'")

    def done_keys(self) -> set[str]:
        """Return the keys of all requests that have a reply."""
        with explained(self.path):
            return {key for (key,) in self._connection.execute("SELECT request_key FROM replies")}

    def claim(self, keys: Sequence[str]) -> list[str]:
        """Reserve requests for this process and return those it got.

        A request that has a reply, or that a living process has reserved, is left out. What
        a dead process had reserved is free again.
        """
        with explained(self.path):
            if self._lock is None:
                self._lock = ProcessLock.acquire(self.path)
        owner = self._lock.name
        got = []
        with self._transaction():
            self._release_dead(owner)
            for key in keys:
                row = self._connection.execute(
                    "INSERT INTO claims SELECT ?1, ?2 "
                    "WHERE NOT EXISTS (SELECT 1 FROM replies WHERE request_key = ?1) "
                    "ON CONFLICT (request_key) DO NOTHING RETURNING 1",
                    (key, owner),
                ).fetchall()
                if row:
                    got.append(key)
        return got

    def release(self) -> None:
        """Release the requests reserved by this process."""
        if self._lock is not None:
            with self._transaction():
                self._connection.execute("DELETE FROM claims WHERE owner = ?", (self._lock.name,))

    def add(self, card: ModelCard, reply: Reply) -> None:
        """Commit one reply; a second reply to the same request is ignored."""
        with self._transaction():
            self._connection.execute(
                "INSERT INTO replies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (request_key) DO NOTHING",
                row_of(card, reply),
            )
            self._connection.execute(
                "DELETE FROM claims WHERE request_key = ?", (reply.request_key,)
            )

    def replies(self) -> pl.DataFrame:
        """Return the replies to all listed cells, in the order in which they were listed.

        Returns
        -------
        polars.DataFrame
            `request_key, model, backend, question, language, steering, target, template,
            option_order, draw, elicitation, status, codes, probabilities, off_option_mass,
            text, prompt_tokens, completion_tokens, seconds, n_draws, reason`. `codes` and
            `probabilities` are parallel lists, on-scale codes first; `probabilities` is null
            unless the status is ``"ok"``. `reason` says why there are none, or what was odd.
        """
        with explained(self.path):
            rows = self._connection.execute(
                f"SELECT {', '.join(STORED)} FROM cells JOIN replies USING (request_key) "
                "ORDER BY position"
            ).fetchall()
        return frame_of(rows)

    def sent(self) -> pl.DataFrame:
        """Return what was sent for the replies to all listed cells, each request once.

        Returns
        -------
        polars.DataFrame
            `request_key, system, user, reply_start, baseline_user`, all String. `user` is the
            user's turn, the item and what is asked about it. `baseline_user` is the user's turn
            without content that a calibrated request sends too, null for others. A reply whose
            prompt is unknown has no row.
        """
        with explained(self.path):
            return sent_frame(self._connection)

    def examples(self) -> frozenset[str]:
        """Return the items that prompts with a reply showed as examples, where that is known."""
        with explained(self.path):
            return examples_shown(self._connection)

    def failures(self) -> pl.DataFrame:
        """Return the cells whose reply gave no distribution, with `status, reason, text`."""
        columns = (*Cell._fields, "status", "reason", "text")
        with explained(self.path):
            rows = self._connection.execute(
                f"SELECT {', '.join(Cell._fields)}, status, reason, "
                "json_extract(answer, '$.text') FROM cells JOIN replies USING (request_key) "
                "WHERE status <> 'ok' ORDER BY position"
            ).fetchall()
        kinds = {"draw": pl.Int64}
        schema = [(name, kinds.get(name, pl.String)) for name in columns]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def cards(self) -> list[ModelCard]:
        """Return the card of every model that was asked, by name."""
        with explained(self.path):
            rows = self._connection.execute("SELECT card FROM models ORDER BY model").fetchall()
        return [ModelCard.from_json(card) for (card,) in rows]

    def recording(self, model: str) -> tuple[ModelCard, dict[str, Answer]]:
        """Return a model's card and every answer, as `doxa.backend.replay.Replay` takes them.

        Raises
        ------
        StoreError
            The model was not asked in this run.
        """
        with explained(self.path):
            card = self._connection.execute(
                "SELECT card FROM models WHERE model = ?", (model,)
            ).fetchone()
            if card is None:
                raise StoreError(f"{self.path} holds no replies of {model!r}")
            rows = self._connection.execute("SELECT request_key, answer FROM replies").fetchall()
        return ModelCard.from_json(card[0]), {key: answer_of(text) for key, text in rows}

    def _note(self, name: str, value: str) -> None:
        self._connection.execute(
            "INSERT INTO metadata VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def _release_dead(self, owner: str) -> None:
        owners = self._connection.execute(
            "SELECT DISTINCT owner FROM claims WHERE owner <> ?", (owner,)
        ).fetchall()
        for (other,) in owners:
            if not ProcessLock.is_held(self.path, other):
                self._connection.execute("DELETE FROM claims WHERE owner = ?", (other,))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
