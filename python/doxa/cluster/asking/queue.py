"""Which tasks a worker gets next."""

from __future__ import annotations

from collections import deque
from itertools import groupby
from typing import TYPE_CHECKING, Final

from doxa.run.blocks import cut, work

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from doxa.run.task import Task

__all__ = ["Queue"]

_WORTH: Final = 2
"""Helping another worker pays if its condition holds so many times the work of the shared start."""


class _Row:
    """The items of one condition that are left, each with its own work.

    `start` is the work of what all of them share, and `left` that of the rest.
    """

    def __init__(self, items: Sequence[tuple[Task, ...]]) -> None:
        self.start = len(items[0][0].request.turn.system.encode()) / 4
        own = [work(task.request for task in tasks) - self.start for tasks in items]
        self.items = deque(zip(items, own, strict=True))
        self.left = sum(own)

    def pop(self, size: int | None, *, end: bool) -> tuple[Task, ...]:
        """Take an item from the start or the end; of one with many tasks only `size`, if given."""
        tasks, own = self.items.pop() if end else self.items.popleft()
        self.left -= own
        if size is not None and len(tasks) > 2 * size:
            taken, rest = (tasks[-size:], tasks[:-size]) if end else (tasks[:size], tasks[size:])
            kept = own * len(rest) / len(tasks)
            (self.items.append if end else self.items.appendleft)((rest, kept))
            self.left += kept
            return taken
        return tasks


class Queue:
    """The tasks of one model that nobody has been given yet.

    A worker goes on with the condition that it is at, whose start its model has evaluated already.
    Where that has no more items, it begins the longest condition that nobody is at; where each has
    a worker, it takes items from the end of the one with the most left, unless evaluating that
    one's start would take longer than what it helps.

    Parameters
    ----------
    tasks : sequence of Task
        Tasks of one model, in the order of `doxa.run.tasks_of`.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        items = groupby(cut(tasks, 1), key=lambda block: block.condition)
        rows = [_Row([block.tasks for block in together]) for _, together in items]
        rows.sort(key=lambda row: row.start + row.left, reverse=True)
        self._untouched = deque(rows)
        self._at: dict[Hashable, _Row] = {}
        self._helped: dict[Hashable, _Row] = {}
        self._left = len(tasks)

    def __len__(self) -> int:
        """Return the number of tasks."""
        return self._left

    def take(self, worker: Hashable, size: int) -> list[Task]:
        """Take tasks of one condition: about `size`, or what is left of it.

        Items are taken whole, unless the first one alone has more than twice as many tasks.

        Parameters
        ----------
        worker : hashable
            Whom they are for.
        size : int
            How many.

        Returns
        -------
        list of Task
            None if there are no more, or none with which it would help.
        """
        row = self._at.get(worker)
        own = row is not None and bool(row.items)
        if not own and self._untouched:
            row, own = self._untouched.popleft(), True
        if not own:
            row = self._helped.get(worker)
            if row is None or not row.items:
                row = max(self._at.values(), key=lambda row: row.left, default=None)
                if row is None or not row.items or row.left < _WORTH * row.start:
                    return []
                self._helped[worker] = row
        assert row is not None
        taken: list[tuple[Task, ...]] = []
        n = 0
        while row.items and n < size:
            taken.append(row.pop(None if taken else size, end=not own))
            n += len(taken[-1])
        if own:
            self._at[worker] = row
        else:
            taken.reverse()
        self._left -= n
        return [task for tasks in taken for task in tasks]

    def left_by(self, worker: Hashable) -> None:
        """Let others begin where a worker has gone that will not come back."""
        row = self._at.pop(worker, None)
        if row is not None and row.items:
            self._untouched.append(row)
