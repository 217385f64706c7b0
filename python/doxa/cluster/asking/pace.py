"""How many tasks make a block, and how long it may take, from the pace of a worker so far."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Pace"]

_BLOCK: Final = 5.0
"""Seconds that a block should take: a lost worker loses no more, and a message costs little."""
_MOST: Final = 1000
"""Tasks in a block at most: they are held by the worker and by this process."""
_TIMES: Final = 10
"""A block may take so many times as long as the pace says."""
_UNKNOWN: Final = 30
"""Before a pace is known, a block may take so many times the patience."""
_ROUNDS: Final = 2
"""What is left is shared out in about so many blocks a worker, so that all end together."""


class Pace:
    """The pace of one worker with one model, in seconds a task.

    Examples
    --------
    >>> pace = Pace()
    >>> pace.block(left=1000, workers=2), pace.limit(tasks=1, patience=60)
    (1, 1800)
    >>> pace.limit(tasks=1, patience=60, others=[10.0, 3.0])
    100.0
    >>> pace.took(2.0, tasks=4)
    0.5
    >>> pace.block(left=1000, workers=2), pace.limit(tasks=100, patience=60)
    (10, 500.0)
    >>> pace.block(left=8, workers=2)
    2
    """

    def __init__(self) -> None:
        self._seconds: float | None = None

    def took(self, seconds: float, tasks: int) -> float:
        """Note how long a block took, and return the pace; the last block counts for half."""
        new = seconds / tasks
        self._seconds = new if self._seconds is None else (self._seconds + new) / 2
        return self._seconds

    def block(self, left: int, workers: int) -> int:
        """Return how many tasks the next block should have, of those that are left."""
        if self._seconds is None:
            return 1
        wanted = math.floor(_BLOCK / max(self._seconds, _BLOCK / _MOST))
        return max(1, min(wanted, math.ceil(left / (_ROUNDS * workers))))

    def limit(self, tasks: int, patience: float, others: Iterable[float] = ()) -> float:
        """Return the seconds after which a block's worker is taken to hang.

        Parameters
        ----------
        tasks : int
            The tasks of the block.
        patience : float
            As for `doxa.run.cluster.Cluster`.
        others : iterable of float
            The paces of other workers, of use until this one's is known.
        """
        seconds = max(others, default=None) if self._seconds is None else self._seconds
        if seconds is None:
            return _UNKNOWN * patience
        return max(patience, _TIMES * seconds * tasks)
