"""What runs on a node: a block of pairs is scored, and what the means need is sent back.

Nothing that starts threads is imported before a node is told how many each task may have.
"""

from __future__ import annotations

import os
import pickle
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import doxa
from doxa.errors import DoxaError, FileError

if TYPE_CHECKING:
    from collections.abc import Callable

    from doxa.score import ScorePart
    from doxa.score.part import PairColumns

__all__ = ["FROM", "Job", "score_block", "score_rows"]

FROM = 10**15
"""Rows of a block whose place is not known are counted from here, so that the number of a bad row
is found in its message."""


class Job(NamedTuple):
    """What every task is told.

    Attributes
    ----------
    columns : bytes
        The pickled `PairColumns`.
    cpus : int
        The threads of a task.
    version : str
        doxa's version in the process that combines the parts.
    """

    columns: bytes
    cpus: int
    version: str

    @classmethod
    def of(cls, columns: PairColumns, cpus: int) -> Job:
        """Pack what the tasks of this process need."""
        return cls(pickle.dumps(columns), cpus, doxa.__version__)


def score_rows(
    job: Job, path: str, name: str, first_row: int, n_rows: int, batch_rows: int
) -> ScorePart | DoxaError:
    """Score some rows of a file; return what is wrong instead, if something is."""

    def part(columns: PairColumns) -> ScorePart:
        from doxa.score.parquet import ParquetFile, part_of_rows

        return part_of_rows(ParquetFile(Path(path), name), columns, first_row, n_rows, batch_rows)

    return _answered(job, part)


def score_block(job: Job, table: Any) -> ScorePart | DoxaError:
    """Score a block that Ray holds, without copying it; rows are counted from `FROM`."""

    def part(columns: PairColumns) -> ScorePart:
        from doxa.score.part import part_of

        return part_of(table, columns, FROM)[0].after(-FROM)

    return _answered(job, part)


def _answered(job: Job, part: Callable[[PairColumns], ScorePart]) -> ScorePart | DoxaError:
    # read by Polars when it is imported: a task must not start a thread for each core of its node
    os.environ.setdefault("POLARS_MAX_THREADS", str(job.cpus))
    host = socket.gethostname()
    if doxa.__version__ != job.version:
        return DoxaError(
            f"{host} has doxa {doxa.__version__} and this process {job.version}: install the same"
        )
    try:
        return part(pickle.loads(job.columns))
    except FileError as error:
        return FileError(error.path, f"{error.why} (on {host}; every node must see the file)")
    except DoxaError as error:
        return error
