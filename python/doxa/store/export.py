"""Write replies to a file that other programs read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from doxa.errors import StoreError
from doxa.files import reason, replacing

if TYPE_CHECKING:
    import os

__all__ = ["export_replies"]


def export_replies(replies: pl.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write replies to one file, in the format that its ending names.

    Parameters
    ----------
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them.
    path : path
        Ends in ``.parquet``, ``.csv`` or ``.jsonl``; an existing file is replaced only when
        the new one is complete. In CSV, lists are JSON text.

    Raises
    ------
    StoreError
        The ending is unknown, or the file cannot be written.

    Examples
    --------
    >>> export_replies(pl.DataFrame({"text": ["yes"]}), "replies.docx")
    Traceback (most recent call last):
        ...
    doxa.errors.StoreError: replies.docx: name a file ending in .parquet, .csv or .jsonl
    """
    file = Path(path)
    if file.suffix not in (".parquet", ".csv", ".jsonl"):
        raise StoreError(f"{file}: name a file ending in .parquet, .csv or .jsonl")
    try:
        with replacing(file) as partial:
            _write(replies, partial, file.suffix)
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {reason(error)}") from None
    return file


def _write(replies: pl.DataFrame, path: Path, suffix: str) -> None:
    match suffix:
        case ".parquet":
            replies.write_parquet(path)
        case ".jsonl":
            replies.write_ndjson(path)
        case _:
            lists = [name for name, kind in replies.schema.items() if isinstance(kind, pl.List)]
            as_text = [
                pl.format("[{}]", pl.col(name).cast(pl.List(pl.String)).list.join(", ")).alias(name)
                for name in lists
            ]
            replies.with_columns(as_text).write_csv(path)
