"""Names of metrics and number of threads, which all scoring functions take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doxa import _core
from doxa.errors import InvalidArgumentError
from doxa.score.numbers import is_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["METRICS", "chosen_metrics", "thread_count"]

METRICS: tuple[str, ...] = tuple(row[0] for row in _core.metric_table())
"""Names of the metrics, as `score_batch` takes them."""


def chosen_metrics(metrics: str | Sequence[str]) -> tuple[str, ...]:
    """Return the names of the metrics, at least one."""
    try:
        names = (metrics,) if isinstance(metrics, str) else tuple(metrics)
    except TypeError:
        names = ()
    if not names:
        raise InvalidArgumentError(f"no metrics were asked for: take some of {', '.join(METRICS)}")
    return names


def thread_count(n_threads: int | None) -> int:
    """Give the number of threads, 0 for the default."""
    if n_threads is None:
        return 0
    if not (is_whole(n_threads) and n_threads >= 1):
        raise InvalidArgumentError(f"n_threads={n_threads!r}: give a whole number from 1 on")
    # The core starts no more than make sense on this machine.
    return min(int(n_threads), 2**16)
