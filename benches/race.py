"""Contestants that take turns at the same work, and the table of their times.

Because they take turns, other work on the machine slows them equally; medians are compared.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE = 0.05
"""Seconds before each turn: for some 30 ms the threads of the one before may still be spinning."""
WARM_UP = 0.06
"""Seconds that short work runs before it is timed: after a pause a processor is slow at first."""


def timed(run: Callable[[], Any]) -> float:
    """Run once and return the seconds it took."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


@dataclass
class Timing:
    """The median time of one contestant in one workload, in milliseconds."""

    workload: str
    name: str
    median_ms: float
    rounds: int
    scaled: bool = False
    peak_mb: float | None = None
    size: int | None = None
    """How much work it was, where a workload grows."""


@dataclass
class Race:
    """The contestants of a workload, each with the share of the work that it does."""

    workload: str
    size: int | None = None
    contestants: dict[str, tuple[Callable[[], Any], float]] = field(default_factory=dict)

    def add(self, name: str, run: Callable[[], Any] | None, part: float = 1.0) -> None:
        """Enter a contestant; None for a peer that is not installed."""
        if run is not None:
            self.contestants[name] = run, part

    def run(self, rounds: int, budget: float) -> list[Timing]:
        """Run all in turn until the rounds are done or the seconds used up, at least 3 rounds."""
        times: dict[str, list[float]] = {name: [] for name in self.contestants}
        first = {name: timed(run) for name, (run, _) in self.contestants.items()}
        end = time.perf_counter() + budget
        for number in range(rounds):
            for name, (run, _) in self.contestants.items():
                time.sleep(PAUSE)
                warm = time.perf_counter() + WARM_UP
                while first[name] < WARM_UP and time.perf_counter() < warm:
                    run()
                times[name].append(timed(run))
            if time.perf_counter() > end and number >= 2:
                break
        return [
            Timing(
                self.workload,
                name,
                1e3 * statistics.median(times[name]) / part,
                len(times[name]),
                part < 1,
                size=self.size,
            )
            for name, (_, part) in self.contestants.items()
        ]


def table(timings: list[Timing]) -> str:
    lines, workload, first = [], None, 1.0
    for row in timings:
        of = row.workload if row.size is None else f"{row.workload}: {row.size:,}"
        if of != workload:
            workload, first = of, row.median_ms
            lines += ["", workload]
        mark = "~" if row.scaled else " "
        memory = "" if row.peak_mb is None else f"   {row.peak_mb:,.0f} MB at most"
        ratio = f"{row.median_ms / first:>12,.2f} x"
        lines.append(f"  {row.name:<28}{mark}{row.median_ms:>14,.4f} ms {ratio}{memory}")
    return "\n".join(lines)
