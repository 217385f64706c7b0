"""Saving a table to a file: whole or not at all, in the format that the name's ending says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.files.reasons import reason
from doxa.files.writing import replacing
from doxa.outside.quoting import to_cells

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ENDINGS", "save_table", "with_lists_as_json"]

ENDINGS: Final = (".parquet", ".csv", ".jsonl")
"""The endings that name a format."""


def save_table(table: pl.DataFrame, path: Path) -> None:
    """Save a table.

    Parameters
    ----------
    table : polars.DataFrame
        In CSV, its lists are written as JSON, and text that a spreadsheet would take for a
        formula gets an apostrophe in front (see `doxa.outside.quoting.to_cells`).
    path : pathlib.Path
        The file, with one of `ENDINGS`. It is replaced only when the new one is complete.

    Raises
    ------
    OSError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.csv")
    ...     save_table(pl.DataFrame({"codes": [[1, 2]], "text": ["=1+1"]}), path)
    ...     print(path.read_text(encoding="utf-8"), end="")
    codes,text
    "[1,2]",'=1+1
    """
    with replacing(path) as partial:
        try:
            match path.suffix:
                case ".parquet":
                    table.write_parquet(partial)
                case ".csv":
                    to_cells(with_lists_as_json(table)).write_csv(partial)
                case _:
                    table.write_ndjson(partial)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            # a full disk, as Polars tells it
            raise OSError(reason(error)) from None


def with_lists_as_json(table: pl.DataFrame) -> pl.DataFrame:
    """Write the lists of a table as JSON text.

    Examples
    --------
    >>> with_lists_as_json(pl.DataFrame({"x": [["a", None], None]}))["x"].to_list()
    ['["a",null]', None]
    """
    return table.with_columns(
        pl.when(pl.col(name).is_not_null())
        .then(
            pl.struct(pl.col(name).alias("x"))
            .struct.json_encode()
            .str.strip_prefix('{"x":')
            .str.strip_suffix("}")
        )
        .alias(name)
        for name, kind in table.schema.items()
        if isinstance(kind, pl.List)
    )
