"""Keep each condition of a run in full; a reply has columns for a part of it only.

A reply has the columns `doxa.prompt.LABELS`. They do not name the wave and the number of examples,
so these must be equal for all replies with the same columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doxa.errors import ExperimentError
from doxa.prompt import LABELS, Condition
from doxa.store.seal import TABLES, quoted, sealed

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from doxa.store.seal import Row

__all__ = ["CONDITION_TABLE", "check_conditions", "keep_conditions", "known_conditions"]

CONDITION_TABLE = """
CREATE TABLE conditions (
    language TEXT NOT NULL, steering TEXT NOT NULL, target TEXT NOT NULL, "group" TEXT NOT NULL,
    wording TEXT NOT NULL, surface TEXT NOT NULL, template TEXT NOT NULL,
    option_order TEXT NOT NULL, label_style TEXT NOT NULL, reasoning TEXT NOT NULL,
    wave INTEGER NOT NULL, n_examples INTEGER NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (
        language, steering, target, "group", wording, surface, template, option_order, label_style,
        reasoning
    )
) WITHOUT ROWID
"""
_FURTHER = ("wave", "n_examples")


def known_conditions(rows: Iterable[Row]) -> dict[tuple[str, ...], Condition]:
    """Return every condition, by its columns `doxa.prompt.LABELS`."""
    columns = TABLES["conditions"].columns
    return {row[: len(LABELS)]: Condition(**dict(zip(columns, row, strict=True))) for row in rows}


def check_conditions(
    connection: sqlite3.Connection,
    known: Mapping[tuple[str, ...], Condition],
    conditions: Iterable[Condition],
    file: Path,
) -> None:
    """Raise `ExperimentError` if the run has replies with the same columns in another form."""
    answered = set(
        connection.execute(
            f"SELECT DISTINCT {quoted(LABELS)} FROM cells JOIN replies USING (request_key)"
        )
    )
    for condition in conditions:
        labels = tuple(getattr(condition, name) for name in LABELS)
        if labels not in answered:
            continue
        for name in _FURTHER:
            old, new = getattr(known.get(labels, condition), name), getattr(condition, name)
            if old != new:
                raise ExperimentError(
                    f"{file} holds replies with {name} = {old} in {condition.language}, steering "
                    f"{condition.steering!r}; this experiment has {new}: give it another folder"
                )


def keep_conditions(connection: sqlite3.Connection, conditions: Iterable[Condition]) -> None:
    """Record conditions; one under the same name is replaced."""
    names = TABLES["conditions"].columns
    changes = ", ".join(f"{name} = excluded.{name}" for name in (*_FURTHER, "checksum"))
    connection.executemany(
        f"INSERT INTO conditions VALUES ({', '.join('?' * (len(names) + 1))}) "
        f"ON CONFLICT ({quoted(LABELS)}) DO UPDATE SET {changes}",
        [
            sealed("conditions", tuple(getattr(condition, name) for name in names))
            for condition in conditions
        ],
    )
