"""What goes to workers and comes back: pickled tasks; rows of replies as an Arrow batch."""

from __future__ import annotations

import pickle
from dataclasses import fields
from io import BytesIO
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.backend import Request, Turn
from doxa.run.task import Task
from doxa.store import Cell
from doxa.store.seal import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from doxa.store.seal import Row

__all__ = ["packed", "packed_tasks", "unpacked", "unpacked_tasks"]


_OWN: Final = tuple(one.name for one in fields(Task) if one.name not in ("cell", "request"))
_ASKED: Final = tuple(one.name for one in fields(Request) if one.name != "turn")
_TURN: Final = tuple(one.name for one in fields(Turn))
_own, _asked, _turn = (attrgetter(*names) for names in (_OWN, _ASKED, _TURN))

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
    # in tuples: dataclasses with slots look their fields up for each object that is pickled
    plain = [
        (tuple(one.cell), _own(one), _asked(one.request), _turn(one.request.turn)) for one in tasks
    ]
    return pickle.dumps(plain, pickle.HIGHEST_PROTOCOL)


def unpacked_tasks(block: bytes) -> tuple[Task, ...]:
    """Return the tasks that `packed_tasks` wrote."""
    return tuple(
        Task(
            cell=Cell(*cell),
            request=Request(turn=Turn(*turn), **dict(zip(_ASKED, asked, strict=True))),
            **dict(zip(_OWN, own, strict=True)),
        )
        for cell, own, asked, turn in pickle.loads(block)
    )
