"""Replies as a model wrote them, one per row: `choice_keys` and `response`.

`choice_keys` holds the labels shown, as the text of a list; `response` holds the model's reply.
They are read with doxa's own parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.elicit.parse import parse_shares
from doxa.errors import RecordingError
from doxa.outside.documents import literal_of
from doxa.store.record import THOUGHT_ENDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from polars import DataType
    from polars.datatypes import DataTypeClass

__all__ = ["count_statuses", "read_responses"]

_SHOWN: Final = 80
_READ: dict[str, DataType | DataTypeClass] = {
    "labels": pl.List(pl.String),
    "status": pl.String,
    "reason": pl.String,
    "shares": pl.List(pl.Float64),
}


def read_responses(
    replies: pl.DataFrame,
    source: str = "recorded replies",
    place: Callable[[int], str] | None = None,
) -> pl.DataFrame:
    """Parse recorded replies.

    Parameters
    ----------
    replies : polars.DataFrame
        A frame with the columns `choice_keys` and `response`.
    source : str
        The name of the replies, for messages.
    place : callable, optional
        Names the place of a row, which is counted from 0. Default: rows are counted from 1.

    Returns
    -------
    polars.DataFrame
        The same rows with `labels`: List(String), `status`, `reason`, and `shares`:
        List(Float64) parallel to the labels, null unless the status is ``"ok"``.

    Raises
    ------
    RecordingError
        A column is missing, or labels are not a list.

    Examples
    --------
    >>> replies = pl.DataFrame({"choice_keys": ["['1', '2']"], "response": ["{'1': '30%'}"]})
    >>> read_responses(replies).select("labels", "status", "reason").row(0)
    (['1', '2'], 'unparsable', 'shares add up to 30, not 100')
    """
    place = place or (lambda row: f"row {row + 1}")
    _require(replies, ("choice_keys", "response"), source)
    written = replies.select(pl.col("choice_keys", "response").cast(pl.String))
    labels: dict[str, list[str]] = {}
    known: dict[tuple[str, str], int] = {}
    parsed: list[tuple[list[str], str, str, list[float] | None]] = []
    which = []
    # replies are often the same, so each distinct reply is parsed once
    for row, (keys, response) in enumerate(written.iter_rows()):
        if (keys, response) not in known:
            if keys not in labels:
                labels[keys] = _labels(keys, f"{source}: {place(row)}")
            found = parse_shares(response or "", labels[keys])
            shares = [found.shares[label] for label in labels[keys]] if found.shares else None
            known[keys, response] = len(parsed)
            parsed.append((labels[keys], found.status, found.reason, shares))
        which.append(known[keys, response])
    # of lists, a frame is slow to make and quick to take rows from
    return replies.hstack(pl.DataFrame(parsed, schema=_READ, orient="row")[which])


def count_statuses(replies: pl.DataFrame, source: str = "recorded replies") -> pl.DataFrame:
    """Count parsed replies by model and status.

    Parameters
    ----------
    replies : polars.DataFrame
        A frame with the columns `model` and `status`, as `read_responses` or
        `doxa.store.Store.replies` give them.
    source : str
        The name of the replies, for messages.

    Returns
    -------
    polars.DataFrame
        `model, status, n`, sorted. Where there are thoughts, also how many of the replies with
        that status have one that the model closed, that was cut at its budget, or that the model
        left open: `closed, cut, left`.

    Raises
    ------
    RecordingError
        A column is missing.
    """
    _require(replies, ("model", "status"), source)
    groups = replies.group_by("model", "status")
    counts = groups.len("n")
    if "thought_status" in replies.columns and replies["thought_status"].is_in(THOUGHT_ENDS).any():
        ends = {end: (pl.col("thought_status") == end).sum() for end in THOUGHT_ENDS}
        counts = groups.agg(n=pl.len(), **ends)
    return counts.sort("model", "status")


def _require(replies: pl.DataFrame, columns: tuple[str, ...], source: str) -> None:
    for name in columns:
        if name not in replies.columns:
            raise RecordingError(f"{source}: no column {name!r}: add it")


def _labels(text: str, place: str) -> list[str]:
    try:
        labels = literal_of(text)
    except ValueError:
        labels = None
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise RecordingError(
            f"{place}: choice_keys {str(text)[:_SHOWN]!r} is not a list of labels: write one such "
            "as ['1', '2']"
        )
    return labels
