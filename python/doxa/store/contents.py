"""Read what a store holds; whatever is read is verified first."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.backend.request import ModelCard
from doxa.errors import StoreError
from doxa.outside.documents import json_of
from doxa.outside.secrets import without_secrets
from doxa.store.conditions import check_conditions, known_conditions
from doxa.store.reading import open_to_read, signature
from doxa.store.record import Cell, answer_of, frame_of
from doxa.store.seal import TABLES, quoted, read_sealed
from doxa.store.sent import examples_shown, sent_frame
from doxa.store.trouble import damaged, decoded, explained
from doxa.store.unlike import unlike

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from doxa.backend.request import Answer
    from doxa.prompt import Condition
    from doxa.store.seal import Row

__all__ = ["Contents"]

_TRIES: Final = 5


class Contents:
    """What a store holds.

    Parameters
    ----------
    connection : sqlite3.Connection
        An open store.
    path : pathlib.Path
        Its file.
    reading : bool
        Whether it was opened to be read only: then every table is read once, and belongs to one
        state of the store.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, *, reading: bool) -> None:
        self._connection = connection
        self.path = path
        self._known: dict[str, list[Row]] | None = {} if reading else None
        self._seen = signature(path) if reading else ()

    @property
    def metadata(self) -> dict[str, str]:
        """What was noted about the run, such as its experiment."""
        # older versions wrote a server's whole address
        return {str(name): without_secrets(str(value)) for name, value in self.rows("metadata")}

    def check(self, conditions: Iterable[Condition]) -> None:
        """Raise what `doxa.store.Store.settle` would raise, and record nothing."""
        with explained(self.path):
            check_conditions(self._connection, self.conditions(), conditions, self.path)

    def conditions(self) -> dict[tuple[str, ...], Condition]:
        """Return every condition, by its columns among those of a reply: language to reasoning."""
        rows = self.rows("conditions")
        with decoded(self.path, "a condition"):
            return known_conditions(rows)

    def attempts(self) -> dict[Cell, int]:
        """Return the number of failed attempts of each cell that has any."""
        # a row is the position, the cell, its key and the attempts
        return {Cell(*row[1:-2]): row[-1] for row in self.rows("cells") if row[-1] > 0}

    def statuses(self) -> dict[str, str]:
        """Return the status of every reply by its request's key."""
        return {key: status for key, status, *_ in self.rows("replies")}

    def done_keys(self) -> set[str]:
        """Return the keys of all requests that have a reply."""
        with explained(self.path):
            return {key for (key,) in self._connection.execute("SELECT request_key FROM replies")}

    def replies(self) -> pl.DataFrame:
        """Return the replies to all listed cells, in the order in which they were listed.

        Returns
        -------
        polars.DataFrame
            `request_key, model, backend, question, language, steering, target, group, wording,
            surface, template, option_order, label_style, reasoning, draw, elicitation, status,
            codes, probabilities, off_option_mass, text, prompt_tokens, completion_tokens, seconds,
            n_draws, reason, thought, thought_status, thought_tokens`. `codes` and `probabilities`
            are parallel lists, on-scale codes first; `probabilities` is null unless the status is
            ``"ok"``. `reason` says why there are none, or what was odd. The last three columns are
            as in `doxa.backend.Answer`.

        Raises
        ------
        StoreError
            Something is not as it was written; so for all that reads.
        """
        cells, replies = self.rows("cells"), self._replies()
        with decoded(self.path, "a reply"):
            return frame_of(cells, replies)

    def systems(self, keys: Iterable[str]) -> pl.DataFrame:
        """Return the system texts of a few requests: `request_key`, `system`.

        The texts are looked up one by one, and not verified as `sent` does.
        """
        query = (
            "SELECT sent.request_key, texts.text FROM sent JOIN turns ON turns.id = sent.turn "
            "JOIN texts ON texts.id = turns.system WHERE sent.request_key = ?"
        )
        with explained(self.path):
            rows = [row for key in keys for row in self._connection.execute(query, (key,))]
        return pl.DataFrame(
            rows, schema=dict.fromkeys(("request_key", "system"), pl.String), orient="row"
        )

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
        shown = self._shown()
        with decoded(self.path, "a prompt"):
            return sent_frame(self.rows, shown)

    def examples(self) -> frozenset[str]:
        """Return the items that prompts with a reply showed as examples, where that is known."""
        shown = self._shown()
        with decoded(self.path, "a prompt"):
            return examples_shown(self.rows, shown)

    def differing(self) -> pl.DataFrame:
        """Return the further replies to requests whose replies differ; see `replies`.

        Each row is a reply that is not among `replies`, which has the first one to the same
        request. There are none unless stores were merged.
        """
        cells, kept = self.rows("cells"), self.rows("differing")
        numbers = dict.fromkeys(row[1] for row in kept)
        with decoded(self.path, "a reply"):
            frames = [
                frame_of(cells, {row[0]: (row[0], *row[2:]) for row in kept if row[1] == number})
                for number in numbers
            ]
        return pl.concat(frames) if frames else frame_of([], {})

    def models(self) -> list[str]:
        """Return the names of the models whose cells are listed, in the order of these."""
        with explained(self.path):
            rows = self._connection.execute(
                "SELECT model FROM cells GROUP BY model ORDER BY min(position)"
            )
            return [model for (model,) in rows]

    def sizes(self) -> tuple[int, int]:
        """Return the number of listed cells, and of those among them that have a reply."""
        with explained(self.path):
            cells, replies = self._connection.execute(
                "SELECT count(*), count(replies.request_key) "
                "FROM cells LEFT JOIN replies USING (request_key)"
            ).fetchone()
        return cells, replies

    def counts(self, names: Sequence[str]) -> list[tuple[str | int | None, ...]]:
        """Count the listed cells by some of their columns, and by the status of their reply.

        Returns
        -------
        list of tuple
            The values of the columns; the status, None without a reply; and the number. In the
            order in which the cells are listed.
        """
        columns = quoted(names)
        with explained(self.path):
            return self._connection.execute(
                f"SELECT {columns}, status, count(*) FROM cells LEFT JOIN replies "
                f"USING (request_key) GROUP BY {columns}, status ORDER BY min(position)"
            ).fetchall()

    def n_differing(self) -> int:
        """Return the number of further replies; see `differing`."""
        with explained(self.path):
            (n,) = self._connection.execute("SELECT count(*) FROM differing").fetchone()
        return int(n)

    def answered(self) -> dict[Cell, str]:
        """Return the listed cells that have a reply, each with its request's key."""
        with explained(self.path):
            rows = self._connection.execute(
                f"SELECT {quoted(Cell._fields)}, request_key "
                "FROM cells JOIN replies USING (request_key)"
            )
            return {Cell(*row[:-1]): row[-1] for row in rows}

    def worded(self) -> Iterator[tuple[tuple[str, ...], bytes]]:
        """Yield each listed cell of the first draw, without its model, and a hash of its prompt."""
        names = [name for name in Cell._fields if name not in ("model", "draw")]
        parts = ("system", "user", "ask", "reply_start")
        with explained(self.path):
            rows = self._connection.execute(
                f"SELECT {quoted(names)}, {', '.join(f'{part}_text.hash' for part in parts)} "
                "FROM cells JOIN sent USING (request_key) JOIN turns ON turns.id = sent.turn "
                + " ".join(
                    f"JOIN texts {part}_text ON {part}_text.id = turns.{part}" for part in parts
                )
                + " WHERE draw = 0"
            )
            for row in rows:
                yield row[: len(names)], b"".join(row[len(names) :])

    def unlike(self) -> list[str]:
        """Say for each model whose replies come from unlike machines or versions how many do."""
        replies = self._replies()
        versions = TABLES["replies"].columns.index("versions")
        found = []
        for cell in self.rows("cells"):
            asked = dict(zip(TABLES["cells"].columns, cell, strict=True))
            if (reply := replies.get(asked["request_key"])) is not None:
                found.append((asked["model"], str(reply[versions])))
        with decoded(self.path, "the versions of a reply"):
            return unlike(found)

    def failures(self) -> pl.DataFrame:
        """Return the cells whose reply gave no distribution, with `status, reason, text`."""
        replies = self._replies()
        found = []
        with decoded(self.path, "a reply"):
            for cell in self.rows("cells"):
                asked = dict(zip(TABLES["cells"].columns, cell, strict=True))
                reply = replies.get(asked["request_key"])
                if reply is not None and reply[1] != "ok":
                    text = json_of(str(reply[6]))["text"]
                    found.append((*(asked[name] for name in Cell._fields), *reply[1:3], text))
        columns = (*Cell._fields, "status", "reason", "text")
        kinds = dict.fromkeys(columns, pl.String) | {"draw": pl.Int64}
        return pl.DataFrame(found, schema=kinds, orient="row")

    def cards(self) -> list[ModelCard]:
        """Return the card of every model that was asked, by name."""
        return list(self._cards().values())

    def recording(self, model: str) -> tuple[ModelCard, dict[str, Answer]]:
        """Return a model's card and every answer, as `doxa.backend.replay.Replay` takes them.

        Raises
        ------
        StoreError
            The model was not asked in this run.
        """
        card = self._cards().get(model)
        if card is None:
            raise StoreError(f"{self.path} holds no replies of {model!r}")
        replies = self._replies()
        with decoded(self.path, "a reply"):
            return card, {str(key): answer_of(str(row[6])) for key, row in replies.items()}

    def rows(self, table: str) -> list[Row]:
        """Read a table, verify its rows, and return them without their checksums."""
        if self._known is not None and table in self._known:
            return self._known[table]
        with explained(self.path):
            for last in (False,) * _TRIES + (True,):
                try:
                    rows, damage = read_sealed(self._connection, table)
                except sqlite3.Error:
                    if last or not self._was_written():
                        raise
                else:
                    if not self._was_written():
                        break
        if damage:
            raise damaged(self.path, damage)
        if self._known is not None:
            self._known[table] = rows
        return rows

    def _was_written(self) -> bool:
        """Tell whether a file read without locks was written meanwhile; if so, open it anew."""
        if self._known is None or self._connection.in_transaction:
            return False
        try:
            now = signature(self.path)
        except OSError:
            return False  # it was removed, and stays whole for those who have it open
        if now == self._seen:
            return False
        self._connection.close()
        self._known.clear()
        self._connection, self._seen = open_to_read(self.path), signature(self.path)
        return True

    def _replies(self) -> dict[str, Row]:
        return {row[0]: row for row in self.rows("replies")}

    def _shown(self) -> list[str]:
        """Return the keys of the listed cells that have a reply, in order."""
        replies = self._replies()
        key = TABLES["cells"].columns.index("request_key")
        return [row[key] for row in self.rows("cells") if row[key] in replies]

    def _cards(self) -> dict[str, ModelCard]:
        rows = self.rows("models")
        with decoded(self.path, "the card of a model"):
            return {model: ModelCard.from_json(str(card)) for model, card in rows}
