"""The course of a run: what it is doing, and how long it will take, from what is still to come."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING

from doxa.run.blocks import works

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from doxa.run.task import Task

__all__ = ["Course"]

Kind = tuple[str, str]
"""An elicitation, and for how long is thought before it."""
Work = defaultdict[Kind, float]


class Course:
    """What a run is doing, and how long it will take.

    `doxa.run.ask` keeps it up to date, and another thread may read it. Not every reply takes as
    long: the first of a condition reads what the questions share, percentages are written and
    option probabilities are not, a thought is long. So the pace is one of work, as
    `doxa.run.blocks.work` estimates it, and each elicitation, with and without thoughts, has its
    own; one that did not come yet goes at the pace of all.

    Attributes
    ----------
    doing : str
        What is done before replies come, in a few words; ``""`` while models are looked for.
    models : int
        How many models are to come after this one.

    Examples
    --------
    >>> Course().left() is None
    True
    """

    def __init__(self) -> None:
        self.doing = ""
        self.models = 0
        self._begin()

    def begin(self, models: int) -> None:
        """Begin with a model, before so many others: what was known of the pace is of another."""
        self.models = models
        self._begin()

    def _begin(self) -> None:
        self._costs: dict[str, tuple[Kind, float]] = {}
        self._whole, self._left, self._done, self._seconds = (Work(float) for _ in range(4))
        self._last = time.perf_counter()

    def expect(self, missing: Sequence[Task], among: Sequence[Task]) -> None:
        """Note which tasks are missing, among all of the model; asking begins now."""
        self._costs = _costs(missing)
        self._left = _by_kind(self._costs)
        self._whole = _by_kind(_costs(among) if self.models else {})
        self._last = time.perf_counter()

    def came(self, keys: Iterable[str]) -> None:
        """Note that the replies to these requests came, together."""
        now = time.perf_counter()
        costs = self._take(keys)
        for kind, cost in costs.items():
            self._done[kind] += cost
            self._seconds[kind] += (now - self._last) * cost / sum(costs.values())
        self._last = now

    def leave(self, keys: Iterable[str]) -> None:
        """Note that these requests are another process's."""
        self._take(keys)

    def _take(self, keys: Iterable[str]) -> Work:
        taken = _by_kind({key: self._costs.pop(key) for key in keys if key in self._costs})
        for kind, cost in taken.items():
            self._left[kind] -= cost
        return taken

    def left(self) -> float | None:
        """Return the seconds until all is done; None before the first reply.

        Models to come are taken to be as fast as this one.
        """
        seconds, done = self._seconds.copy(), self._done.copy()
        if not done:
            return None
        pace = sum(seconds.values()) / sum(done.values())
        work = self._left.copy()
        for kind, whole in self._whole.items():
            work[kind] += self.models * whole
        return sum(
            max(0.0, cost) * (seconds[kind] / done[kind] if done[kind] else pace)
            for kind, cost in work.items()
        )


def _by_kind(costs: Mapping[str, tuple[Kind, float]]) -> Work:
    summed = Work(float)
    for kind, cost in costs.values():
        summed[kind] += cost
    return summed


def _costs(tasks: Sequence[Task]) -> dict[str, tuple[Kind, float]]:
    each = zip(tasks, works(task.request for task in tasks), strict=True)
    return {task.key: ((task.cell.elicitation, task.cell.reasoning), cost) for task, cost in each}
