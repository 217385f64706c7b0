"""The blocks of a Ray Dataset: Ray streams them, and each is scored where it lies."""

from __future__ import annotations

import pickle
import re
from typing import TYPE_CHECKING, Any

from doxa.cluster.scoring.worker import FROM, score_block
from doxa.errors import DoxaError, InvalidDistributionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.cluster.scoring.worker import Job
    from doxa.score import ScorePart

__all__ = ["parts_of_dataset"]


def parts_of_dataset(ray: Any, dataset: Any, job: Job) -> Iterator[tuple[int, ScorePart]]:
    """Give the part of each block with its place, in the order of the Dataset.

    Raises
    ------
    DoxaError
        What is wrong with the first block with which something is; rows are counted from the
        first of the Dataset.
    """
    scored = dataset.map_batches(
        _packed,
        fn_kwargs={"job": job},
        batch_format="pyarrow",
        batch_size=None,
        num_cpus=job.cpus,
    )
    options = scored.context.execution_options
    before, options.preserve_order = options.preserve_order, True
    rows = 0
    try:
        for place, answer in enumerate(_answers(scored)):
            if isinstance(answer, DoxaError):
                raise _counted_from(answer, rows)
            yield place, answer
            rows += answer.n_rows
    except ray.exceptions.RayError as error:
        raise DoxaError(f"the Dataset could not be read: {_first_cause(error)}") from None
    finally:
        options.preserve_order = before


def _packed(table: Any, job: Job) -> Any:
    """Answer with a table, as Ray wants one; what stands in it has no type of Arrow."""
    import pyarrow as pa  # type: ignore[import-untyped]

    return pa.table({"part": [pickle.dumps(score_block(job, table))]})


def _answers(scored: Any) -> Iterator[ScorePart | DoxaError]:
    for batch in scored.iter_batches(batch_format="pyarrow", batch_size=None):
        for part in batch["part"]:
            yield pickle.loads(part.as_py())


def _first_cause(error: BaseException) -> str:
    """Find the line on the exception in which the tracebacks that Ray sends began."""
    lines = re.findall(r"^[A-Za-z_][\w.]*: \S.*", str(error), re.MULTILINE)
    return lines[0] if lines else type(error).__name__


def _counted_from(error: DoxaError, first: int) -> DoxaError:
    """Count the row that an error names from the first of the Dataset."""

    def counted(number: re.Match[str]) -> str:
        return str(int(number[0]) - FROM + first)

    text = re.sub(rf"\b{str(FROM)[:4]}\d{{{len(str(FROM)) - 4}}}\b", counted, str(error))
    if isinstance(error, InvalidDistributionError):
        return InvalidDistributionError(
            text, None if error.row is None else error.row - FROM + first
        )
    return type(error)(text)
