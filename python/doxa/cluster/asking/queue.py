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
        """Take tasks of whole items of one condition: at least `size`, or what is left of it.

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
        if row:
            take = row.popleft
        elif left := [row for row in self._at.values() if row]:
            row = max(left, key=len)
            take = row.pop
        else:
            return []
        taken = [take()]
        n = len(taken[0])
        while row and n < size:
            taken.append(take())
            n += len(taken[-1])
        if take == row.pop:
            taken.reverse()
        self._left -= n
        return [task for tasks in taken for task in tasks]

    def left_by(self, worker: Hashable) -> None:
        """Let others begin where a worker has gone that will not come back."""
        row = self._at.pop(worker, None)
        if row:
            self._untouched.append(row)
