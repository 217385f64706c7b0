"""The course of a run: what it is doing, and how long it will take, from what is still to come."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from doxa.run.blocks import works

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from doxa.run.task import Task

    Kind = tuple[str, str]

__all__ = ["Course"]


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
        self._whole: Counter[Kind] = Counter()
        self._left: Counter[Kind] = Counter()
        self._done: Counter[Kind] = Counter()
        self._seconds: Counter[Kind] = Counter()
        self._last = time.perf_counter()

    def expect(self, missing: Sequence[Task], among: Sequence[Task]) -> None:
        """Note which tasks are missing, among all of the model; asking begins now."""
        self._costs = _costs(missing)
        self._left = _by_kind(self._costs)
        self._whole = _by_kind(_costs(among)) if self.models else Counter()
        self._last = time.perf_counter()

    def came(self, keys: Iterable[str]) -> None:
        """Note that the replies to these requests came, together."""
        now = time.perf_counter()
        costs = self._take(keys)
        for kind, cost in costs.items():
            self._done[kind] += cost
            self._seconds[kind] += (now - self._last) * cost / costs.total()
        self._last = now

    def leave(self, keys: Iterable[str]) -> None:
        """Note that these requests are another process's."""
        self._take(keys)

    def _take(self, keys: Iterable[str]) -> Counter[Kind]:
        taken = _by_kind({key: self._costs.pop(key) for key in keys if key in self._costs})
        self._left.subtract(taken)
        return taken

    def left(self) -> float | None:
        """Return the seconds until all is done; None before the first reply.

        Models to come are taken to be as fast as this one.
        """
        seconds, done = self._seconds.copy(), self._done.copy()
        if not done.total():
            return None
        pace = seconds.total() / done.total()
        paces = {kind: seconds[kind] / done[kind] for kind in done if done[kind]}
        work = self._left.copy()
        for kind, whole in self._whole.items():
            work[kind] += self.models * whole
        return sum(max(0.0, one) * paces.get(kind, pace) for kind, one in work.items())


def _by_kind(costs: Mapping[str, tuple[Kind, float]]) -> Counter[Kind]:
    summed: Counter[Kind] = Counter()
    for kind, cost in costs.values():
        summed[kind] += cost
    return summed


def _costs(tasks: Sequence[Task]) -> dict[str, tuple[Kind, float]]:
    each = zip(tasks, works(task.request for task in tasks), strict=True)
    return {task.key: ((task.cell.elicitation, task.cell.reasoning), cost) for task, cost in each}
