"""Which tasks a worker gets next."""

from __future__ import annotations

from collections import deque
from itertools import groupby
from typing import TYPE_CHECKING

from doxa.run.blocks import cut, work

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from doxa.run.task import Task

__all__ = ["Queue"]


class Queue:
    """The tasks of one model that nobody has been given yet.

    A worker goes on with the condition that it is at, whose start its model has evaluated already.
    Where that has no more items, it begins the longest condition that nobody is at; where each has
    a worker, it takes items from the end of the one with the most left.

    Parameters
    ----------
    tasks : sequence of Task
        Tasks of one model, in the order of `doxa.run.tasks_of`.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        items = groupby(cut(tasks, 1), key=lambda block: block.condition)
        rows = [deque(block.tasks for block in together) for _, together in items]
        rows.sort(
            key=lambda row: work(task.request for tasks in row for task in tasks), reverse=True
        )
        self._untouched = deque(rows)
        self._at: dict[Hashable, deque[tuple[Task, ...]]] = {}
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
            None if there are no more.
        """
        row = self._at.get(worker)
        if not row and self._untouched:
            row = self._at[worker] = self._untouched.popleft()
        from_start = bool(row)
        if not row:
            row = max(self._at.values(), key=len, default=None)
        if not row:
            return []
        taken: deque[tuple[Task, ...]] = deque()
        n = 0
        while row and n < size:
            item = row.popleft() if from_start else row.pop()
            if not taken and len(item) > 2 * size:
                if from_start:
                    item, rest = item[:size], item[size:]
                    row.appendleft(rest)
                else:
                    item, rest = item[-size:], item[:-size]
                    row.append(rest)
            n += len(item)
            if from_start:
                taken.append(item)
            else:
                taken.appendleft(item)
        self._left -= n
        return [task for tasks in taken for task in tasks]

    def left_by(self, worker: Hashable) -> None:
        """Let others begin where a worker has gone that will not come back."""
        row = self._at.pop(worker, None)
        if row:
            self._untouched.append(row)
