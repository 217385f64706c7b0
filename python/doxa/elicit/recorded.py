"""Replies that somebody recorded, read with doxa's own parser."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from doxa.elicit.parse import parse_shares
from doxa.errors import InvalidArgumentError
from doxa.files import reason

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from polars import DataType
    from polars.datatypes import DataTypeClass

__all__ = ["count_statuses", "load_recorded", "read_recorded"]

_READERS: dict[str, Callable[[Path], pl.DataFrame]] = {
    ".parquet": pl.read_parquet,
    ".csv": pl.read_csv,
    ".jsonl": pl.read_ndjson,
}

_READ: dict[str, DataType | DataTypeClass] = {
    "status": pl.String,
    "reason": pl.String,
    "shares": pl.List(pl.Float64),
}


def load_recorded(path: str | os.PathLike[str]) -> pl.DataFrame:
    """Load a file of recorded replies, one a row.

    Parameters
    ----------
    path : path
        Ends in ``.parquet``, ``.csv`` or ``.jsonl``.

    Raises
    ------
    InvalidArgumentError
        The ending is another one, or the file cannot be read or lacks the column `model`.
    """
    file = Path(path)
    if file.suffix not in _READERS:
        raise InvalidArgumentError(
            f"{file}: give a run's folder, or a file ending in {', '.join(_READERS)}"
        )
    try:
        replies = _READERS[file.suffix](file)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InvalidArgumentError(f"{file} cannot be read: {reason(error)}") from None
    if "model" not in replies.columns:
        raise InvalidArgumentError(f"{file}: recorded replies lack the column 'model'")
    return replies


def read_recorded(replies: pl.DataFrame) -> pl.DataFrame:
    """Parse recorded replies.

    Parameters
    ----------
    replies : polars.DataFrame
        With the columns `choice_keys` (the labels shown, as the text of a list) and
        `response` (what the model wrote).

    Returns
    -------
    polars.DataFrame
        The same rows with `status`, `reason`, and `shares`: List(Float64) parallel to the
        labels, null unless the status is ``"ok"``.

    Raises
    ------
    InvalidArgumentError
        A column is missing, or labels are not a list.

    Examples
    --------
    >>> replies = pl.DataFrame({"choice_keys": ["['1', '2']"], "response": ["{'1': '30%'}"]})
    >>> read_recorded(replies).select("status", "reason").rows()
    [('unparsable', 'shares add up to 30, not 100')]
    """
    missing = [name for name in ("choice_keys", "response") if name not in replies.columns]
    if missing:
        raise InvalidArgumentError(f"recorded replies lack the column {missing[0]!r}")
    labels: dict[str, Sequence[str]] = {}
    known: dict[tuple[str, str], tuple[str, str, list[float] | None]] = {}
    parsed = []
    # Models repeat themselves: each distinct reply is parsed once.
    for row, (keys, response) in enumerate(replies.select("choice_keys", "response").iter_rows()):
        if (keys, response) not in known:
            if keys not in labels:
                labels[keys] = _labels(keys, row)
            found = parse_shares(response or "", labels[keys])
            shares = [found.shares[label] for label in labels[keys]] if found.shares else None
            known[keys, response] = (found.status, found.reason, shares)
        parsed.append(known[keys, response])
    return replies.hstack(pl.DataFrame(parsed, schema=_READ, orient="row"))


def count_statuses(replies: pl.DataFrame) -> pl.DataFrame:
    """Count parsed replies by model and status.

    Parameters
    ----------
    replies : polars.DataFrame
        With the columns `model` and `status`, as `read_recorded` or
        `doxa.store.Store.replies` give them.

    Returns
    -------
    polars.DataFrame
        `model, status, n`, sorted.
    """
    return replies.group_by("model", "status").len("n").sort("model", "status")


def _labels(text: str, row: int) -> Sequence[str]:
    try:
        labels = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        labels = None
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise InvalidArgumentError(f"row {row}: choice_keys {text!r} is no list of labels")
    return labels
