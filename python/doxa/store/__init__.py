"""Every reply of a run, once, safely on disk: one SQLite file.

Two tables carry a run. `cells` lists what is to be known: one row for each way of asking each
item, with the key of the request that asks it. `replies` holds what came back, by that key.
A cell whose request changes (another model file, another wording) gets a new key, and the old
reply stays without being shown. Each reply is committed by itself, so a process that dies
loses the one it was waiting for.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from doxa.backend.request import Answer, ModelCard
from doxa.errors import StoreError
from doxa.store.lock import ProcessLock
from doxa.store.schema import explained, open_database

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType

    from polars import DataType
    from polars.datatypes import DataTypeClass

    from doxa.elicit import Reading

__all__ = ["Cell", "Reply", "Store"]

_FRAME: dict[str, DataType | DataTypeClass] = {
    "request_key": pl.String,
    "model": pl.String,
    "backend": pl.String,
    "question": pl.String,
    "language": pl.String,
    "steering": pl.String,
    "target": pl.String,
    "template": pl.String,
    "option_order": pl.String,
    "draw": pl.Int64,
    "elicitation": pl.String,
    "status": pl.String,
    "codes": pl.List(pl.Int64),
    "probabilities": pl.List(pl.Float64),
    "off_option_mass": pl.Float64,
    "text": pl.String,
    "prompt_tokens": pl.Int64,
    "completion_tokens": pl.Int64,
    "seconds": pl.Float64,
}


class Cell(NamedTuple):
    """One way of asking one item: what a reply is the reply to."""

    model: str
    question: str
    language: str
    steering: str
    target: str
    template: str
    option_order: str
    draw: int
    elicitation: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer and how it was read.

    Parameters
    ----------
    request_key : str
        From `doxa.backend.request_key`.
    reading : Reading
        The distribution, or the named failure.
    codes : tuple of int
        The item's codes: on the scale in its order, then off it.
    answer : Answer
        What the backend brought back, whole.
    """

    request_key: str
    reading: Reading
    codes: tuple[int, ...]
    answer: Answer


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
        """Open a store, or begin one.

        Parameters
        ----------
        path : path
            The SQLite file.
        create : bool
            Whether a file that does not exist is made; otherwise it is an error.

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
        """Give up what was claimed and close the file."""
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
            return dict(self._connection.execute("SELECT name, value FROM metadata"))

    def note(self, name: str, value: str) -> None:
        """Note something about the run, replacing what was noted under that name."""
        with self._transaction():
            self._connection.execute(
                "INSERT INTO metadata VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

    def plan(self, card: ModelCard, cells: Iterable[tuple[Cell, str, int]]) -> None:
        """List cells with the keys of their requests; a listed cell gets the new key.

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

    def attempts(self) -> dict[Cell, int]:
        """Return the cells that were asked more than once, and how many failures went before."""
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
        """Remove replies that never came, so that they are asked for again."""
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
        """Give up everything this process has reserved."""
        if self._lock is not None:
            with self._transaction():
                self._connection.execute("DELETE FROM claims WHERE owner = ?", (self._lock.name,))

    def add(self, card: ModelCard, reply: Reply) -> None:
        """Commit one reply; a second reply to the same request is ignored."""
        reading = reply.reading
        probabilities = None
        if reading.status == "ok":
            probabilities = json.dumps([reading.probabilities[code] for code in reply.codes])
        with self._transaction():
            self._connection.execute(
                "INSERT INTO replies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (request_key) DO NOTHING",
                (
                    reply.request_key,
                    reading.status,
                    reading.reason,
                    json.dumps(reply.codes),
                    probabilities,
                    reading.off_option_mass,
                    json.dumps(asdict(reply.answer), ensure_ascii=False),
                    card.backend,
                    json.dumps(dict(card.versions), sort_keys=True),
                ),
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
            text, prompt_tokens, completion_tokens, seconds`. `codes` and `probabilities`
            are parallel lists, on-scale codes first; `probabilities` is null unless the
            status is ``"ok"``.
        """
        columns = [name for name in _FRAME if name not in _ANSWERED]
        listed = ", ".join(columns)
        with explained(self.path):
            rows = self._connection.execute(
                f"SELECT {listed}, answer FROM cells JOIN replies USING (request_key) "
                "ORDER BY position"
            ).fetchall()
        records = []
        for row in rows:
            record = dict(zip([*columns, "answer"], row, strict=True))
            answer = json.loads(record.pop("answer"))
            record |= {name: answer[name] for name in _ANSWERED}
            record["codes"] = json.loads(record["codes"])
            if record["probabilities"] is not None:
                record["probabilities"] = json.loads(record["probabilities"])
            records.append(record)
        return pl.DataFrame(records, schema=_FRAME)

    def failures(self) -> pl.DataFrame:
        """Return the cells whose reply is no distribution: cell, `status, reason, text`."""
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
        names = {field.name for field in fields(Answer)}
        answers = {}
        for key, text in rows:
            values = {name: value for name, value in json.loads(text).items() if name in names}
            for name in ("log_probabilities", "baseline"):
                values[name] = tuple(values.get(name, ()))
            answers[key] = Answer(**values)
        return ModelCard.from_json(card[0]), answers

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


_ANSWERED = ("text", "prompt_tokens", "completion_tokens", "seconds")
