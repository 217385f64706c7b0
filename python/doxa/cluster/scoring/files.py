"""Some rows of a file a task, so many tasks at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from doxa.cluster.scoring.worker import score_rows
from doxa.errors import DoxaError
from doxa.files.tables import parquet_columns, parquet_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from doxa.cluster.scoring.worker import Job
    from doxa.score import ScorePart
    from doxa.score.parquet import ParquetFile
    from doxa.score.part import PairColumns

__all__ = ["parts_of_files"]

_ATTEMPTS: Final = 4
"""A task whose process or node is lost is given to another, so often in all."""

_AHEAD: Final = 2
"""Tasks in flight for each that has room to run: the next is there when one ends."""


class _Block(NamedTuple):
    """Some rows of a file."""

    file: ParquetFile
    first_row: int
    n_rows: int


def parts_of_files(
    ray: Any,
    files: Sequence[ParquetFile],
    columns: PairColumns,
    job: Job,
    *,
    block_rows: int,
    batch_rows: int,
) -> Iterator[tuple[int, ScorePart]]:
    """Give the part of each block with its place, as they come.

    Raises
    ------
    DoxaError
        What is wrong with the first block, in the order of rows, with which something is.
    """
    task = ray.remote(score_rows).options(
        num_cpus=job.cpus, max_retries=_ATTEMPTS - 1, name="doxa.cluster.score"
    )
    told = ray.put(job)
    blocks = enumerate(_blocks(files, columns, block_rows))
    waiting: dict[Any, tuple[int, _Block]] = {}
    wrong: list[tuple[int, DoxaError]] = []
    started, more = 0, True
    try:
        while True:
            while more and not wrong and len(waiting) < _AHEAD * _room(ray, job.cpus):
                try:
                    place, block = next(blocks)
                except StopIteration:
                    more = False
                except DoxaError as error:
                    wrong.append((started, error))
                else:
                    (path, name), row, rows = block
                    sent = task.remote(told, str(path.absolute()), name, row, rows, batch_rows)
                    waiting[sent] = place, block
                    started = place + 1
            # what stands before the first error may hold an earlier one
            first = min((place for place, _ in wrong), default=started)
            needed = [ref for ref, (place, _) in waiting.items() if place < first]
            if not needed:
                break
            for ref in ray.wait(needed)[0]:
                place, block = waiting.pop(ref)
                part = _outcome(ray, ref, block)
                if isinstance(part, DoxaError):
                    wrong.append((place, part))
                else:
                    yield place, part
    finally:
        for ref in waiting:
            ray.cancel(ref, force=True)
    if wrong:
        raise min(wrong, key=lambda one: one[0])[1]


def _blocks(
    files: Sequence[ParquetFile], columns: PairColumns, block_rows: int
) -> Iterator[_Block]:
    for file in files:
        columns.check(parquet_columns(file.path), file.name or "the source")
        rows = parquet_rows(file.path)
        for first in range(0, max(rows, 1), block_rows):
            yield _Block(file, first, min(block_rows, rows - first))


def _room(ray: Any, cpus: int) -> int:
    """Count the tasks that can run at once on the nodes that are there now."""
    return max(1, int(ray.cluster_resources().get("CPU", 0) / cpus))


def _outcome(ray: Any, ref: Any, block: _Block) -> ScorePart | DoxaError:
    """Return a block's part, or what is wrong in one line."""
    rows = f"rows {block.first_row} to {block.first_row + block.n_rows - 1} of {block.file.path}"
    try:
        part: ScorePart | DoxaError = ray.get(ref)
    except ray.exceptions.RayTaskError as error:
        return DoxaError(f"{rows} could not be scored: {error.cause!r}")
    except ray.exceptions.RayError as error:
        why = type(error).__name__
        return DoxaError(
            f"{rows} could not be scored: {_ATTEMPTS} processes that tried were lost ({why}): "
            "lower batch_rows, or let fewer run on a node with cpus_per_task"
        )
    return part
