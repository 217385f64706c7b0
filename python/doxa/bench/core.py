"""Time the scoring core: distances, metrics, bootstraps.

Each piece of work runs once before it is timed. Every round must give the same numbers, and the
first rows must be what NumPy finds: a machine that computes something else gets no timings.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from doxa.bench.work import WORK, Sizes
from doxa.errors import DoxaError, InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from doxa.bench.work import Work

__all__ = ["Timing", "time_core"]

_FEWEST_ROUNDS: Final = 3
_BUDGET: Final = 1.0
"""Seconds after which no further round begins, once the fewest rounds are done."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one piece of work took.

    Parameters
    ----------
    work : str
        Its name.
    size : str
        How much of it there was.
    seconds : float
        The median of the rounds.
    rounds : int
        How often it was timed.
    count : int
        How many units one round computes.
    unit : str
        What is counted.
    """

    work: str
    size: str
    seconds: float
    rounds: int
    count: int
    unit: str

    @property
    def per_second(self) -> float:
        """How many units are computed in a second."""
        return self.count / self.seconds


def time_core(
    sizes: Sizes | None = None,
    *,
    rounds: int = 5,
    threads: int | None = None,
    tell: Callable[[str], None] | None = None,
) -> list[Timing]:
    """Time the scoring core: distances, metrics, and the bootstraps.

    Parameters
    ----------
    sizes : Sizes, optional
        How much work.
    rounds : int
        How often each piece is timed, at least 1. Slow work gets fewer rounds: after three, no
        more begin once a second is used up.
    threads : int, optional
        Threads of the core; by default ``DOXA_NUM_THREADS`` or all cores.
    tell : callable, optional
        Called with a line of text before each piece.

    Raises
    ------
    InvalidArgumentError
        `rounds` or `threads` is below 1.
    DoxaError
        Two rounds gave different numbers, or the core and NumPy did.
    """
    if rounds < 1:
        raise InvalidArgumentError(f"rounds is {rounds}: give 1 or more")
    timings = []
    for make in WORK:
        work = make(sizes or Sizes(), threads)
        if tell is not None:
            tell(f"timing {work.name}")
        timings.append(_timed(work, rounds))
    return timings


def _timed(work: Work, rounds: int) -> Timing:
    result = work.run()
    for column, expected in work.expected.items():
        found = result[column].head(len(expected)).to_numpy()
        if not np.allclose(found, expected, rtol=0, atol=1e-9):
            raise DoxaError(
                f"{work.name}: the core and NumPy disagree on this machine, so nothing was timed: "
                "please report it with the processor's name"
            )
    times: list[float] = []
    while len(times) < rounds and (len(times) < _FEWEST_ROUNDS or sum(times) < _BUDGET):
        start = time.perf_counter()
        again = work.run()
        times.append(time.perf_counter() - start)
        if not again.equals(result):
            raise DoxaError(
                f"{work.name}: two rounds gave different numbers, so nothing was timed: "
                "please report it with the processor's name"
            )
    median = statistics.median(times)
    return Timing(work.name, work.size, median, len(times), work.count, work.unit)
