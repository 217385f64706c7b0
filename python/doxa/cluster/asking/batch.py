"""Rows of replies to an Arrow batch, and back."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.store.seal import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.store.seal import Row

__all__ = ["packed", "unpacked"]

_NUMBERS: Final = {"off_option_mass": pl.Float64, "n_draws": pl.Int64}
_SCHEMA: Final = {name: _NUMBERS.get(name, pl.String) for name in TABLES["replies"].columns}


def packed(rows: Sequence[Row]) -> bytes:
    """Write rows of the table of replies as a stream of Arrow.

    Examples
    --------
    >>> unpacked(packed([]))
    []
    """
    stream = BytesIO()
    pl.DataFrame(rows, schema=_SCHEMA, orient="row").write_ipc_stream(stream)
    return stream.getvalue()


def unpacked(batch: bytes) -> list[Row]:
    """Return the rows that `packed` wrote, to the bit."""
    return pl.read_ipc_stream(batch).rows()
