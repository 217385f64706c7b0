"""Write replies to a file that other programs read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from doxa.errors import StoreError
from doxa.files import reason
from doxa.files.saving import ENDINGS, save_table

if TYPE_CHECKING:
    import os

    import polars as pl

__all__ = ["export_replies"]


def export_replies(replies: pl.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write replies to one file, in the format that its ending names.

    Parameters
    ----------
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them.
    path : path
        Ends in ``.parquet``, ``.csv`` or ``.jsonl``; an existing file is replaced only when
        the new one is complete. In CSV, lists are JSON text, and an apostrophe stands before
        text that a spreadsheet would take for a formula.

    Raises
    ------
    StoreError
        The ending is unknown, or the file cannot be written.

    Examples
    --------
    >>> import polars as pl
    >>> export_replies(pl.DataFrame({"text": ["yes"]}), "replies.docx")
    Traceback (most recent call last):
        ...
    doxa.errors.StoreError: replies.docx: name a file ending in .parquet, .csv or .jsonl
    """
    file = Path(path)
    if file.suffix not in ENDINGS:
        raise StoreError(f"{file}: name a file ending in .parquet, .csv or .jsonl")
    try:
        save_table(replies, file)
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {reason(error)}") from None
    return file
