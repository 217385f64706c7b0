"""What goes to workers and comes back: pickled tasks; rows of replies as an Arrow batch."""

from __future__ import annotations

import pickle
from dataclasses import fields
from functools import partial
from io import BytesIO
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.backend import Request, Turn
from doxa.run.task import Task
from doxa.store.seal import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from doxa.store.seal import Row

__all__ = ["packed", "packed_tasks", "unpacked", "unpacked_tasks"]


def _reduced(kind: type, values: Callable[[Any], tuple[Any, ...]], one: Any) -> tuple[Any, ...]:
    return kind, values(one)


_KINDS: Final = (Task, Request, Turn)
# dataclasses with slots look their fields up for each object that is pickled
_REDUCED: Final[dict[type, Any]] = {
    kind: partial(_reduced, kind, attrgetter(*(entry.name for entry in fields(kind))))
    for kind in _KINDS
}

_NUMBERS: Final = {"off_option_mass": pl.Float64, "n_draws": pl.Int64}
_SCHEMA: Final = {name: _NUMBERS.get(name, pl.String) for name in TABLES["replies"].columns}


def packed(rows: Sequence[Row]) -> bytes:
    """Write rows of the table of replies as a stream of Arrow.

    Examples
    --------
    >>> unpacked(packed([]))
    []
    """
    stream = BytesIO()
    pl.DataFrame(rows, schema=_SCHEMA, orient="row").write_ipc_stream(stream)
    return stream.getvalue()


def unpacked(batch: bytes) -> list[Row]:
    """Return the rows that `packed` wrote, to the bit."""
    return pl.read_ipc_stream(batch).rows()


def packed_tasks(tasks: Iterable[Task]) -> bytes:
    """Write tasks in one piece, each text that they share once."""
    stream = BytesIO()
    pickler = pickle.Pickler(stream, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCED
    pickler.dump(tuple(tasks))
    return stream.getvalue()


def unpacked_tasks(block: bytes) -> tuple[Task, ...]:
    """Return the tasks that `packed_tasks` wrote."""
    tasks: tuple[Task, ...] = pickle.loads(block)
    return tasks
