"""Take what another store holds into a store, a piece at a time, whatever its size."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from doxa.store.differing import add_or_compare
from doxa.store.record import Cell
from doxa.store.seal import KNOWN, one_state, put, quoted, stream_sealed
from doxa.store.sent import text_id, turn_id
from doxa.store.trouble import damaged, explained

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from doxa.store.seal import Row

    Begin = Callable[[], AbstractContextManager[sqlite3.Connection]]
    Position = Callable[[Cell], int | None]

__all__ = ["Taken", "take"]

_PIECE: Final = 2_000
"""Rows that are held and committed at once."""


class Taken(NamedTuple):
    """What was taken from a store.

    Attributes
    ----------
    replies : int
        The replies that it holds.
    new : int
        Those among them that were not known.
    differing : int
        Those that differ from the known reply to the same request.
    """

    replies: int = 0
    new: int = 0
    differing: int = 0


def take(
    begin: Begin,
    source: sqlite3.Connection,
    file: Path,
    position: Position,
    room: int,
    tell: Callable[[int], object],
) -> Taken:
    """Take all replies of a store, with their cells, prompts, conditions and models.

    Each piece is committed by itself: if this is ended, the same call goes on. In memory are a
    piece of rows, and a number for each distinct prompt text.

    Parameters
    ----------
    begin : callable
        Begins a transaction of the store that takes.
    source : sqlite3.Connection
        The other store.
    file : pathlib.Path
        Its file, for messages.
    position : callable
        Gives the place of a cell among all; None for a place after the last one.
    room : int
        The places that `position` gives, from 1; cells without one come after them.
    tell : callable
        Called with the number of replies read so far.

    Raises
    ------
    StoreError
        The other store is damaged.
    """
    taken = Taken()
    with explained(file), one_state(source):
        read = partial(_pieces, source, file)
        for name in ("conditions", "models"):
            for piece in read(name):
                with begin() as own:
                    put(own, name, piece, otherwise=KNOWN)
        _take_prompts(begin, read)
        for piece in read("replies"):
            with begin() as own:
                new, differing = add_or_compare(own, piece)
            taken = Taken(taken.replies + len(piece), taken.new + new, taken.differing + differing)
            tell(taken.replies)
        for piece in read("differing"):
            with begin() as own:
                add_or_compare(own, [(key, *row) for key, _, *row in piece])
        # a reply is seen once its cell is listed
        for piece in read("cells"):
            with begin() as own:
                _take_cells(own, piece, position, room)
    return taken


def _take_prompts(begin: Begin, read: Callable[[str], Iterator[list[Row]]]) -> None:
    texts: dict[int, int] = {}
    turns: dict[int | None, int | None] = {None: None}
    for piece in read("texts"):
        with begin() as own:
            for number, _, text in piece:
                texts[number] = text_id(own, text)
    for piece in read("turns"):
        with begin() as own:
            for number, *parts in piece:
                turns[number] = turn_id(own, tuple(texts[part] for part in parts))
    for piece in read("examples"):
        with begin() as own:
            put(own, "examples", [(texts[system], item) for system, item in piece], otherwise=KNOWN)
    for piece in read("sent"):
        rows = [(key, turns[turn], turns[baseline]) for key, turn, baseline in piece]
        with begin() as own:
            put(own, "sent", rows, otherwise=KNOWN)


def _take_cells(
    connection: sqlite3.Connection, rows: Sequence[Row], position: Position, room: int
) -> None:
    """List cells; of two requests for one, keep the later attempt that has a reply."""
    names = " AND ".join(f"{quoted([name])} = ?" for name in Cell._fields)
    select = f"SELECT position, request_key, attempt FROM cells WHERE {names}"
    (last,) = connection.execute("SELECT max(position) FROM cells").fetchone()
    last = max(last or 0, room)
    new: dict[int, Row] = {}
    for _, *values, key, attempt in rows:
        cell = Cell(*values)
        found = connection.execute(select, cell).fetchone()
        if found is None:
            place = position(cell)
            if place is None or place in new or _is_taken(connection, place):
                last += 1
                place = last
            new[place] = (place, *cell, key, attempt)
        elif (
            key != found[1]
            and _is_answered(connection, key)
            and (attempt > found[2] or not _is_answered(connection, found[1]))
        ):
            connection.execute("DELETE FROM cells WHERE position = ?", found[:1])
            put(connection, "cells", [(found[0], *cell, key, attempt)])
    put(connection, "cells", new.values())


def _is_taken(connection: sqlite3.Connection, position: int) -> bool:
    found = connection.execute("SELECT 1 FROM cells WHERE position = ?", (position,))
    return found.fetchone() is not None


def _is_answered(connection: sqlite3.Connection, key: str) -> bool:
    found = connection.execute("SELECT 1 FROM replies WHERE request_key = ?", (key,))
    return found.fetchone() is not None


def _pieces(source: sqlite3.Connection, file: Path, name: str) -> Iterator[list[Row]]:
    damage = yield from stream_sealed(source, name, _PIECE)
    if damage:
        raise damaged(file, damage)
