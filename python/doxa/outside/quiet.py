"""Keeping what a library prints of its own failure off the terminal."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["quiet_panics"]

_STDERR = 2
_one_at_a_time = threading.Lock()


@contextmanager
def quiet_panics() -> Iterator[None]:
    """Keep the backtrace that Polars prints when it panics, as on some damaged Parquet files.

    The exception that follows says the same in one line. Whatever else is printed to standard
    error in the meantime is printed at the end of the block. Only on Linux.
    """
    if sys.platform != "linux":
        yield
        return
    with _one_at_a_time, os.fdopen(os.memfd_create("stderr"), "w+b", buffering=0) as printed:
        terminal = os.dup(_STDERR)
        os.dup2(printed.fileno(), _STDERR)
        try:
            yield
        except pl.exceptions.PanicException:
            printed.truncate(0)
            raise
        finally:
            os.dup2(terminal, _STDERR)
            os.close(terminal)
            printed.seek(0)
            os.write(_STDERR, printed.read())
