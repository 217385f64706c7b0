"""Scores of files larger than memory, batch by batch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from doxa import _core
from doxa.errors import InvalidArgumentError
from doxa.files import replacing
from doxa.score.forked import check_threads
from doxa.score.numbers import whole_number
from doxa.score.options import chosen_metrics, thread_count
from doxa.score.rows import as_rows, nominal_flags, row_positions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

__all__ = ["score_parquet"]


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
    batch_rows: int = 100_000,
    n_threads: int | None = None,
) -> pl.DataFrame:
    """Score the rows of a Parquet file or lazy frame in bounded memory.

    Parameters
    ----------
    source : path or polars.LazyFrame
        Holds one pair per row.
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
    batch_rows : int
        About how many rows to hold in memory at once.
    n_threads : int, optional
        At most this many threads.

    Returns
    -------
    polars.DataFrame
        One row per group and metric as in `ScoreBatch.groups`: the keys, ``metric``, ``n``
        and ``estimate``.

    Raises
    ------
    InvalidDistributionError
        A row is not a response distribution; rows are counted from the first of the source.
    InvalidArgumentError
        Another argument has an invalid value, or `out` is the source.
    FileError
        The source is missing.

    Examples
    --------
    >>> import polars as pl
    >>> import doxa
    >>> pairs = pl.LazyFrame({"country": ["JPN"], "model": [[0.4, 0.6]], "human": [[0.5, 0.5]]})
    >>> doxa.score_parquet(pairs, groups=["country"]).rows()
    [('JPN', 'alignment', 1, 0.9)]
    """
    import polars as pl

    from doxa.files.tables import scan_parquet

    check_threads()
    names, threads = chosen_metrics(metrics), thread_count(n_threads)
    whole_number("batch_rows", batch_rows, 1, 2**63 - 1)
    if isinstance(source, pl.LazyFrame):
        frame = source
    else:
        frame = scan_parquet(source)
        if out is not None and Path(out).exists() and Path(out).samefile(source):
            raise InvalidArgumentError(f"out is the source, {out}: name another file")
    keys = list(groups)
    known = frame.collect_schema().names()
    for column in (model, human, *keys, *([] if scale_column is None else [scale_column])):
        if column not in known:
            raise InvalidArgumentError(f"the source has no column {column!r}: name one it has")
    totals: list[pl.DataFrame] = []
    options: dict[str, Any] = {"positions": row_positions(positions), "threads": threads}

    def scored() -> Iterator[pl.DataFrame]:
        first_row = 0
        for batch in frame.collect_batches(chunk_size=batch_rows, maintain_order=True):
            kinds = scale if scale_column is None else batch[scale_column].to_list()
            values = _core.score(
                as_rows(batch[model]),
                as_rows(batch[human]),
                names,
                nominal=nominal_flags(kinds),
                first_row=first_row,
                **options,
            )
            first_row += batch.height
            scores = pl.DataFrame(dict(zip(names, values, strict=True))).fill_nan(None)
            kept = batch.drop(model, human)
            totals[:] = [_add(totals, pl.concat([kept, scores], how="horizontal"), keys, names)]
            yield pl.concat([kept, scores], how="horizontal")

    if out is None:
        for _ in scored():
            pass
    else:
        _write(scored(), Path(out))
    return _means(totals, keys, names)


def _add(
    before: list[pl.DataFrame], scores: pl.DataFrame, keys: list[str], names: tuple[str, ...]
) -> pl.DataFrame:
    """Add a batch to the sums and counts of each group."""
    import polars as pl

    parts = scores.select(
        *keys,
        *(pl.col(name).alias(f"sum {name}") for name in names),
        *(pl.col(name).is_not_null().cast(pl.Int64).alias(f"n {name}") for name in names),
    )
    table = pl.concat([*before, parts])
    sums = pl.col("^(sum|n) .*$").sum()
    return table.group_by(keys, maintain_order=True).agg(sums) if keys else table.select(sums)


def _means(totals: list[pl.DataFrame], keys: list[str], names: tuple[str, ...]) -> pl.DataFrame:
    import polars as pl

    tables = [
        total.select(
            *keys,
            pl.lit(name).alias("metric"),
            pl.col(f"n {name}").alias("n"),
            (pl.col(f"sum {name}") / pl.col(f"n {name}")).fill_nan(None).alias("estimate"),
        )
        for total in totals
        for name in names
    ]
    return pl.concat(tables) if tables else pl.DataFrame()


def _write(batches: Iterator[pl.DataFrame], out: Path) -> None:
    """Write batches one after another; the file gets its name when it is complete."""
    from polars.io.plugins import register_io_source

    first = next(batches, None)
    if first is None:
        raise InvalidArgumentError("the source has no rows: there is nothing to write")

    def read(*_: object) -> Iterator[pl.DataFrame]:
        yield first
        yield from batches

    with replacing(out) as partial:
        register_io_source(read, schema=first.schema).sink_parquet(partial)
