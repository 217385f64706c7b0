"""Means of groups over pairs on many machines."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from doxa.cluster.connection import connected
from doxa.cluster.scoring.worker import Job
from doxa.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import polars as pl

    from doxa.score import Method

__all__ = ["score"]


def score(
    dataset: str | Path | Any,
    *,
    cluster: str = "local",
    model: str = "model",
    human: str = "human",
    metrics: str | Sequence[str] = "alignment",
    scale: str = "ordinal",
    scale_column: str | None = None,
    positions: Sequence[float] | None = None,
    groups: Sequence[str] = (),
    items: str | None = None,
    resample: str | None = None,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    method: Method | None = None,
    seed: int = 0,
    replicates: bool = False,
    block_rows: int = 1_000_000,
    batch_rows: int = 100_000,
    cpus_per_task: int = 1,
    n_threads: int | None = None,
) -> pl.DataFrame:
    """Score pairs on a Ray cluster; give the table of `score_parquet`, to the last bit.

    Parameters
    ----------
    dataset : path or ray.data.Dataset
        Holds one pair per row: a Parquet file or a folder of them, which every node sees under
        that path, or a Ray Dataset (needs ``ray[data]``) of Arrow or pandas blocks.
    cluster : str
        The address of the cluster: ``"local"`` starts one on this machine and ends it, ``"auto"``
        is the one that this machine belongs to, otherwise host and port of its head. A connection
        that this process has already is used, and stays.
    model, human, metrics, scale, scale_column, positions, groups, items
        As in `score_parquet`.
    resample, n_resamples, confidence, method, seed, replicates
        As in `score_parquet`. This process resamples, from what the blocks sent.
    block_rows : int
        How many rows of a file a task scores; a Dataset has its own blocks.
    batch_rows : int
        About how many rows of a file a task holds in memory at once.
    cpus_per_task : int
        Cores, and threads, of each task.
    n_threads : int, optional
        At most this many threads of this process.

    Returns
    -------
    polars.DataFrame
        As `score_parquet`.

    Raises
    ------
    InvalidDistributionError
        A row is not a response distribution. As on one machine, it is the first such row, it is
        counted from the first of the file or Dataset, and a folder's file is named.
    InvalidArgumentError
        Another argument has an invalid value.
    FileError
        A file is missing or damaged, or a node does not see it.
    MissingExtraError
        Ray is not installed.
    ModelError
        There is no cluster at the address.
    DoxaError
        A node has another version of doxa, or one block after four attempts ended its process.

    Notes
    -----
    Columns of lists are read where they lie. A task sends back sums of whole numbers, one row for
    each group (or each item of each group, if `items` is given) of its block, and their sum does
    not depend on the blocks or on their order of arrival. A node holds, for each task, a batch of a
    file or a block of a Dataset; this process holds about twice the rows of that table of sums, and
    those in flight. What is lost with a process or node is scored again.

    Examples
    --------
    >>> import polars as pl
    >>> import doxa
    >>> pairs = {"country": ["JPN"], "model": [[0.4, 0.6]], "human": [[0.5, 0.5]]}
    >>> pl.DataFrame(pairs).write_parquet("pairs.parquet")
    >>> doxa.cluster.score("pairs.parquet", groups=["country"]).rows()  # doctest: +SKIP
    [('JPN', 'alignment', 1, 0.9)]
    """
    from doxa.score.combine import Resampling, Total
    from doxa.score.forked import check_threads
    from doxa.score.numbers import whole_number
    from doxa.score.part import PairColumns

    check_threads()
    whole_number("block_rows", block_rows, 1, 2**32 - 1)
    whole_number("batch_rows", batch_rows, 1, 2**32 - 1)
    columns = PairColumns.of(
        model=model,
        human=human,
        metrics=metrics,
        scale=scale,
        scale_column=scale_column,
        positions=positions,
        groups=groups,
        items=items,
        n_threads=whole_number("cpus_per_task", cpus_per_task, 1, 10_000),
    )
    resampling = Resampling(resample, n_resamples, confidence, method, seed, replicates, n_threads)
    resampling.check(items=items is not None)
    job, total = Job.of(columns, cpus_per_task), Total()
    if isinstance(dataset, str | os.PathLike):
        from doxa.cluster.scoring.files import parts_of_files
        from doxa.score.parquet import parquet_files

        files = parquet_files(dataset)
        with connected(cluster) as ray:
            for place, part in parts_of_files(
                ray, files, columns, job, block_rows=block_rows, batch_rows=batch_rows
            ):
                total.add(place, part)
    elif _is_dataset(dataset):
        from doxa.cluster.scoring.dataset import parts_of_dataset

        with connected(cluster) as ray:
            for place, part in parts_of_dataset(ray, dataset, job):
                total.add(place, part)
    else:
        raise InvalidArgumentError(
            f"a {type(dataset).__name__} is no folder, file or Ray Dataset: pass one of them"
        )
    return resampling.table(total.whole())


def _is_dataset(thing: object) -> bool:
    """Tell whether something is a Ray Dataset, without importing what its owner would have."""
    module = sys.modules.get("ray.data")
    return module is not None and isinstance(thing, module.Dataset)
