"""Refuse, instead of hanging, where a process was forked and Polars lost its threads.

Polars keeps a pool of threads. A forked process has none of them, and the first table that needs
the pool waits for ever. The core starts its threads for each call, so scores alone can be computed.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from doxa.errors import DoxaError

__all__ = ["check_threads"]

_TASKS = Path("/proc/self/task")
_POOL = re.compile(r"polars-\d")

_running = False
_lost = False


def check_threads() -> None:
    """Refuse to make tables in a process whose Polars waits for threads that it lost.

    Raises
    ------
    DoxaError
        The process was forked from one where the pool was running.
    """
    if _lost:
        raise DoxaError(
            "this process was forked, and the threads that Polars needs did not come with it: "
            'start processes with multiprocessing.get_context("spawn")'
        )


def _pool_runs() -> bool:
    """Tell whether threads of Polars run; where the system does not tell, whether it is loaded."""
    if not _TASKS.is_dir():
        return "polars" in sys.modules
    names = (task / "comm" for task in _TASKS.iterdir())
    return any(_POOL.match(name.read_text(encoding="utf-8")) for name in names)


def _before() -> None:
    global _running
    _running = _lost or _pool_runs()


def _in_child() -> None:
    global _lost
    _lost = _running


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_child=_in_child)
