"""Reading CSV and Parquet files under the very name given.

Polars takes a name for a pattern, a home folder or an address where it can: ``h[1].csv`` would
read ``h1.csv``. Only this file hands paths to its readers; a test holds the rest of the package to
that.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import FileError
from doxa.files.reasons import reason
from doxa.outside.quiet import quiet_panics

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

__all__ = [
    "is_parquet",
    "parquet_batches",
    "parquet_columns",
    "parquet_rows",
    "parquet_schema",
    "read_csv",
    "read_parquet",
    "scan_parquet",
]

_PARQUET: Final = b"PAR1"
_PACKED: Final = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "Zstandard"}
_ZLIB: Final = (b"x\x01", b"x\x9c", b"x\xda")
_MOST_CELLS: Final = 1 << 29


def is_parquet(path: str | os.PathLike[str]) -> bool:
    """Tell from its content whether a file is Parquet.

    Raises
    ------
    FileError
        The file cannot be read.
    """
    with _reading(path) as file, file.open("rb") as stream:
        return stream.read(len(_PARQUET)) == _PARQUET


def read_csv(
    path: str | os.PathLike[str],
    *,
    separator: str = ",",
    columns: Sequence[str] | None = None,
    types: Mapping[str, type[pl.DataType]] | None = None,
    n_rows: int | None = None,
    null_values: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Read a CSV file.

    Parameters
    ----------
    path : path
        The file: UTF-8, with a header, not compressed.
    separator : str
        What separates the columns.
    columns : sequence of str, optional
        The columns to read. Default: all.
    types : mapping of str to type, optional
        What some columns hold; the others are text.
    n_rows : int, optional
        How many rows to read from the top. Default: all.
    null_values : sequence of str, optional
        What stands for an empty cell.

    Raises
    ------
    FileError
        The file is missing, is no such table, or has a cell that does not fit `types`.

    Examples
    --------
    >>> read_csv("h[1].csv")
    Traceback (most recent call last):
        ...
    doxa.errors.FileError: h[1].csv: cannot be read (no such file or directory)
    """
    with _reading(path) as file:
        with file.open("rb") as stream:
            head = stream.read(4)
        packed = next((name for start, name in _PACKED.items() if head.startswith(start)), "")
        if packed or head.startswith(_ZLIB):
            raise FileError(path, f"is compressed ({packed or 'zlib'}): unpack it")
        return pl.read_csv(
            file,
            glob=False,
            separator=separator,
            columns=None if columns is None else list(columns),
            schema_overrides=dict(types or {}),
            infer_schema=False,
            n_rows=n_rows,
            null_values=None if null_values is None else list(null_values),
        )


def read_parquet(
    path: str | os.PathLike[str],
    *,
    columns: Sequence[str] | None = None,
    n_rows: int | None = None,
) -> pl.DataFrame:
    """Read a Parquet file.

    Parameters
    ----------
    path : path
        The file.
    columns : sequence of str, optional
        The columns to read. Default: all.
    n_rows : int, optional
        How many rows to read from the top. Default: all.

    Raises
    ------
    FileError
        The file is missing, damaged, or has more than 2²⁹ (537 million) cells in these columns,
        which a file of some kilobytes can claim.
    """
    chosen = None if columns is None else list(columns)
    with _reading(path) as file:
        lazy = pl.scan_parquet(file, glob=False, hive_partitioning=False)
        width = len(lazy.collect_schema() if chosen is None else chosen)
        height = int(lazy.select(pl.len()).collect().item())
        if min(height, height if n_rows is None else n_rows) * width > _MOST_CELLS:
            raise FileError(path, f"claims {height} rows of {width} columns: is it damaged?")
        with quiet_panics():
            return pl.read_parquet(
                file, glob=False, hive_partitioning=False, columns=chosen, n_rows=n_rows
            )


def parquet_columns(path: str | os.PathLike[str]) -> list[str]:
    """List the columns of a Parquet file.

    Raises
    ------
    FileError
        The file is missing or damaged.
    """
    return parquet_schema(path).names()


def parquet_schema(path: str | os.PathLike[str]) -> pl.Schema:
    """Return the columns of a Parquet file with their types.

    Raises
    ------
    FileError
        The file is missing or damaged.
    """
    with _reading(path) as file:
        return scan_parquet(file).collect_schema()


def parquet_rows(path: str | os.PathLike[str]) -> int:
    """Count the rows of a Parquet file, from its footer.

    Raises
    ------
    FileError
        The file is missing or damaged.
    """
    with _reading(path) as file, quiet_panics():
        return int(scan_parquet(file).select(pl.len()).collect().item())


def parquet_batches(
    path: str | os.PathLike[str],
    batch_rows: int,
    *,
    columns: Sequence[str] | None = None,
    first_row: int = 0,
    n_rows: int | None = None,
) -> Iterator[pl.DataFrame]:
    """Read a Parquet file, or some of its rows, in batches of about so many rows.

    Parameters
    ----------
    path : path
        The file.
    batch_rows : int
        About how many rows to hold in memory at once.
    columns : sequence of str, optional
        The columns to read. Default: all.
    first_row, n_rows : int, optional
        The first row, and how many, to read. Default: all.

    Raises
    ------
    FileError
        The file is missing or damaged.
    """
    with _reading(path) as file:
        frame = scan_parquet(file).slice(first_row, n_rows)
        if columns is not None:
            frame = frame.select(columns)
        yield from frame.collect_batches(chunk_size=batch_rows, maintain_order=True)


def scan_parquet(path: str | os.PathLike[str]) -> pl.LazyFrame:
    """Read a Parquet file lazily; errors come when it is read, as Polars raises them.

    Raises
    ------
    FileError
        The file is missing.
    """
    with _reading(path) as file:
        file.open("rb").close()
        return pl.scan_parquet(file, glob=False, hive_partitioning=False)


@contextmanager
def _reading(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give an absolute path, in which Polars sees no home folder and no address."""
    try:
        yield Path(path).absolute()
    except FileError:
        raise
    except OSError as error:
        raise FileError(path, f"cannot be read ({reason(error)})") from None
    except (UnicodeError, ValueError, pl.exceptions.PolarsError) as error:
        raise FileError(path, f"cut short or damaged ({reason(error)})") from None
    # Polars panics on some damaged files
    except pl.exceptions.PanicException as error:
        raise FileError(path, f"cut short or damaged ({reason(error)})") from None
