"""Scores of files larger than memory, batch by batch."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from doxa.errors import FileError, InvalidArgumentError, InvalidDistributionError
from doxa.files import replacing
from doxa.files.tables import parquet_batches, parquet_schema
from doxa.score.combine import Resampling, Total
from doxa.score.forked import check_threads
from doxa.score.numbers import whole_number
from doxa.score.part import PairColumns, part_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from os import PathLike

    import polars as pl

    from doxa.score.bootstrap import Method
    from doxa.score.part import ScorePart

__all__ = ["ParquetFile", "parquet_files", "part_of_rows", "score_parquet"]


def score_parquet(
    source: str | Path | pl.LazyFrame,
    out: str | Path | None = None,
    *,
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
    batch_rows: int = 100_000,
    n_threads: int | None = None,
) -> pl.DataFrame:
    """Score the rows of Parquet files or a lazy frame in bounded memory.

    Parameters
    ----------
    source : path or polars.LazyFrame
        Holds one pair per row: a file, or a folder of files whose names end with ``.parquet`` and
        do not begin with a dot, read in the order of their names.
    out : path, optional
        Parquet file to write: the source's other columns, and one Float64 column per metric.
        It appears when all rows are scored, and not at all if a row is invalid.
    model, human : str
        Columns of lists of floats: response distributions as in `score_batch`.
    metrics, positions
        As in `score_batch`; `positions` for all rows.
    scale : {"ordinal", "nominal"}
        Whether the options have an order, in all rows.
    scale_column : str, optional
        A column with "ordinal" or "nominal" for each row; it replaces `scale`.
    groups : sequence of str
        Key columns to average by.
    items : str, optional
        The column with the item of each row; needed if items are resampled.
    resample : {"items"}, optional
        What the bootstrap resamples. Respondents and replies are resampled by `score_batch` only.
    n_resamples, confidence, method, seed
        As in `score_batch`, which makes the same draws.
    replicates : bool
        Whether to return the replicates too. All rows of the table share their draws, so the
        difference of two rows can be taken replicate by replicate.
    batch_rows : int
        About how many rows to hold in memory at once.
    n_threads : int, optional
        At most this many threads.

    Returns
    -------
    polars.DataFrame
        One row per group and metric as in `ScoreBatch.groups`: the keys, ``metric``, ``n`` and
        ``estimate``, groups in the order of their first rows; after resampling also ``low``,
        ``high`` and ``std_error``, and ``replicates`` if asked for (an array of `n_resamples`
        numbers, NaN where none of a group's items was drawn).

    Raises
    ------
    InvalidDistributionError
        A row is not a response distribution; rows are counted from the first of the source, and
        in a folder from the first of the file, which is named.
    InvalidArgumentError
        Another argument has an invalid value, or `out` is the source.
    FileError
        A file is missing or damaged, or the folder holds none.

    Notes
    -----
    Scores are added up exactly and rounded at the end, so the order of the rows, `batch_rows` and
    the division into files change no bit of a number. Memory holds a batch, and for each group,
    or each item of each group if `items` is given, some numbers for each metric. If the items of
    a group have unequal numbers of pairs, resampling also takes about 50 bytes for each pair of
    the largest such group.

    Examples
    --------
    >>> import polars as pl
    >>> import doxa
    >>> pairs = pl.LazyFrame({"country": ["JPN"], "model": [[0.4, 0.6]], "human": [[0.5, 0.5]]})
    >>> doxa.score_parquet(pairs, groups=["country"]).rows()
    [('JPN', 'alignment', 1, 0.9)]
    """
    import polars as pl

    check_threads()
    columns = PairColumns.of(
        model=model,
        human=human,
        metrics=metrics,
        scale=scale,
        scale_column=scale_column,
        positions=positions,
        groups=groups,
        items=items,
        n_threads=n_threads,
    )
    resampling = Resampling(resample, n_resamples, confidence, method, seed, replicates, n_threads)
    resampling.check(items=items is not None)
    whole_number("batch_rows", batch_rows, 1, 2**32 - 1)
    if isinstance(source, pl.LazyFrame):
        batches = _batches_of_frame(source, columns, batch_rows)
    else:
        files = parquet_files(source)
        if out is not None and any(_same(Path(out), file.path) for file in files):
            raise InvalidArgumentError(f"out is the source, {out}: name another file")
        batches = _batches_of_files(files, columns, batch_rows, every_column=out is not None)
    total = Total()
    if out is None:
        for _ in _scored(batches, columns, total):
            pass
    else:
        _write(_scored(batches, columns, total), Path(out))
    return resampling.table(total.whole())


_Batches: TypeAlias = "Iterator[tuple[str, int, pl.DataFrame]]"
"""Batches of rows; with each the name of its file, and the number of its first row there."""


class ParquetFile(NamedTuple):
    """A Parquet file of pairs, and the name by which errors call it, empty if it is the source."""

    path: Path
    name: str


def parquet_files(source: str | PathLike[str]) -> list[ParquetFile]:
    """List the file, or the files of a folder, in the order in which they are read.

    Raises
    ------
    FileError
        The folder holds no Parquet file, or cannot be read.
    """
    path = Path(source)
    if not path.is_dir():
        return [ParquetFile(path, "")]
    found = sorted(one for one in path.glob("*.parquet") if not one.name.startswith("."))
    if not found:
        raise FileError(path, "holds no file named *.parquet: name a folder that does")
    return [ParquetFile(one, str(one)) for one in found]


def part_of_rows(
    file: ParquetFile, columns: PairColumns, first_row: int, n_rows: int, batch_rows: int
) -> ScorePart:
    """Score some rows of a file, in batches.

    Raises
    ------
    InvalidDistributionError, InvalidArgumentError, FileError
        As `score_parquet`.
    """
    total = Total()
    batches = parquet_batches(
        file.path, batch_rows, columns=columns.all, first_row=first_row, n_rows=n_rows
    )
    for name, row, batch in _counted(file.name, batches, parquet_schema(file.path), first_row):
        with _naming(name):
            part, _ = part_of(batch, columns, row)
        total.add(0, part.after(-first_row))
    return total.whole()


def _batches_of_frame(frame: pl.LazyFrame, columns: PairColumns, batch_rows: int) -> _Batches:
    schema = frame.collect_schema()
    columns.check(schema.names())
    batches = frame.collect_batches(chunk_size=batch_rows, maintain_order=True)
    return _counted("", batches, schema)


def _batches_of_files(
    files: Sequence[ParquetFile], columns: PairColumns, batch_rows: int, *, every_column: bool
) -> _Batches:
    for path, name in files:
        schema = parquet_schema(path)
        columns.check(schema.names(), name or "the source")
        needed = None if every_column else columns.all
        yield from _counted(name, parquet_batches(path, batch_rows, columns=needed), schema)


def _counted(
    name: str, batches: Iterator[pl.DataFrame], schema: pl.Schema, row: int = 0
) -> _Batches:
    """Give the number of the first row with each batch; without any, give an empty batch."""
    some = False
    for batch in batches:
        some = True
        yield name, row, batch
        row += batch.height
    if not some:
        yield name, row, schema.to_frame()


def _scored(batches: _Batches, columns: PairColumns, total: Total) -> Iterator[pl.DataFrame]:
    """Score batches; give the other columns of each with its scores."""
    import polars as pl

    for place, (name, row, batch) in enumerate(batches):
        with _naming(name):
            part, values = part_of(batch, columns, row)
        total.add(place, part.after(-row))
        scores = pl.DataFrame(dict(zip(columns.metrics, values, strict=True)), nan_to_null=True)
        yield pl.concat([batch.drop(columns.model, columns.human), scores], how="horizontal")


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Name the file of a folder in which a row is wrong."""
    try:
        yield
    except InvalidDistributionError as error:
        raise (InvalidDistributionError(f"{name}: {error}", error.row) if name else error) from None
    except InvalidArgumentError as error:
        raise (InvalidArgumentError(f"{name}: {error}") if name else error) from None


def _same(out: Path, source: Path) -> bool:
    return out.exists() and source.exists() and out.samefile(source)


def _write(batches: Iterator[pl.DataFrame], out: Path) -> None:
    """Write batches one after another; the file gets its name when it is complete."""
    from polars.io.plugins import register_io_source

    first = next(batches)
    if not first.height:
        raise InvalidArgumentError("the source has no rows: there is nothing to write")

    def read(*_: object) -> Iterator[pl.DataFrame]:
        yield first
        yield from batches

    with replacing(out) as partial:
        register_io_source(read, schema=first.schema).sink_parquet(partial)
