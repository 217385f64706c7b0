"""Ctrl-C during calls into libraries that do not let Python hear it."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["finishing", "let_end", "unhearing"]

finishing: Final = threading.Event()
"""Set while something is written whose loss would cost replies: the end waits for it."""

_ends = threading.Event()


def let_end() -> None:
    """Say that Ctrl-C may end this program at any moment, as the command line does."""
    _ends.set()


@contextmanager
def unhearing() -> Iterator[None]:
    """Call a library that keeps Python from running until it returns.

    In a program that Ctrl-C may end, the system ends it at once, as it ends other programs: the
    shell sees the status 130. In any other program, such as a notebook, nothing changes: Ctrl-C
    is heard after the call. Nothing that would be left behind may be under way.

    Examples
    --------
    >>> with unhearing():
    ...     sum(range(10))
    45
    """
    if not _ends.is_set() or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
