"""Turn rows and labels from users' containers into the form that the core reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from doxa.errors import InvalidArgumentError, InvalidDistributionError
from doxa.score.forked import check_threads
from doxa.score.numbers import row_numbers, unmasked, unmasked_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

__all__ = [
    "Groups",
    "Items",
    "Labels",
    "as_rows",
    "group_labels",
    "item_labels",
    "nominal_flags",
    "ragged",
    "row_positions",
]

Labels: TypeAlias = tuple["NDArray[np.uint32]", "NDArray[np.uint32]", int, int]
"""Group and item of each row, number of groups, number of items."""

ARROW = ("__arrow_c_stream__", "__arrow_c_array__")


def as_rows(rows: Any) -> Any:
    """Convert rows to what the core reads: an array, values with offsets, or an Arrow object."""
    if isinstance(rows, np.ndarray):
        if rows.ndim != 2:
            raise InvalidDistributionError(
                f"an array of {rows.ndim} dimensions is not a table of rows: pass shape (n, K)"
            )
        kind = rows.dtype if rows.dtype in (np.float64, np.float32) else np.float64
        return np.ascontiguousarray(unmasked_rows(rows), kind)
    if hasattr(type(rows), "columns") or hasattr(type(rows), "column_names"):
        raise InvalidDistributionError(
            f"a {type(rows).__name__} holds columns, not rows: pass frame.to_numpy(), or one "
            "column of lists"
        )
    if any(hasattr(rows, protocol) for protocol in ARROW):
        return _floats(rows)
    return ragged(rows)


def _floats(rows: Any) -> Any:
    """Convert a Polars series of lists of other numbers, such as counts, to lists of float64."""
    inner = getattr(getattr(rows, "dtype", None), "inner", None)
    if inner is None:
        return rows
    import polars as pl

    if inner.is_numeric() and inner not in (pl.Float64, pl.Float32):
        return rows.cast(pl.List(pl.Float64))
    return rows


def ragged(rows: Sequence[Any]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Join n 1-D arrays end to end; return the values, and n + 1 offsets."""
    try:
        arrays = [
            np.asarray(unmasked_rows(row, number), np.float64) for number, row in enumerate(rows)
        ]
    except (TypeError, ValueError) as error:
        if isinstance(error, InvalidDistributionError):
            raise
        raise InvalidDistributionError(
            f"a {type(rows).__name__} holds no distributions: pass a 2-D float array, "
            "a list of 1-D arrays, or an Arrow array of lists"
        ) from None
    for row, array in enumerate(arrays):
        if array.ndim != 1:
            raise InvalidDistributionError(
                f"row {row} has {array.ndim} dimensions: pass a list of 1-D arrays", row
            )
    offsets = np.zeros(len(arrays) + 1, np.int64)
    np.cumsum([array.size for array in arrays], out=offsets[1:])
    values = np.concatenate(arrays) if arrays else np.empty(0)
    return values, offsets


def nominal_flags(
    scale: str | Sequence[str] | pl.Series, first_row: int = 0
) -> bool | NDArray[np.bool_]:
    """Tell which rows are nominal: one flag for all rows, or one per row."""
    if isinstance(scale, str):
        if scale not in ("ordinal", "nominal"):
            raise InvalidArgumentError(f"scale {scale!r} is neither 'ordinal' nor 'nominal'")
        return scale == "nominal"
    import polars as pl

    kinds: Any
    nominal: NDArray[np.bool_]
    if isinstance(scale, pl.Series):
        kinds = scale.cast(pl.String)
        nominal, ordinal = (
            (kinds == kind).fill_null(value=False).to_numpy() for kind in ("nominal", "ordinal")
        )
    else:
        kinds = unmasked("scale", scale).astype(object)
        nominal, ordinal = kinds == "nominal", kinds == "ordinal"
    wrong = np.flatnonzero(~(nominal | ordinal))
    if wrong.size:
        row = int(wrong[0])
        raise InvalidArgumentError(
            f"scale {kinds[row]!r} of row {first_row + row} is neither 'ordinal' nor 'nominal'"
        )
    return nominal


def row_positions(
    positions: Sequence[float] | Sequence[Sequence[float]] | pl.Series | None,
) -> NDArray[np.float64] | tuple[NDArray[np.float64], NDArray[np.int64]] | None:
    """Convert positions to what the core reads: one array for all rows, or one per row."""
    if positions is None or len(positions) == 0:
        return None
    if any(hasattr(positions, protocol) for protocol in ARROW):
        return _column_of_positions(positions)
    if np.ndim(positions[0]) == 0 and positions[0] is not None:
        return row_numbers("positions", positions)
    return ragged([() if row is None else row for row in positions])


def _column_of_positions(
    column: Any,
) -> NDArray[np.float64] | tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Convert an Arrow or Polars column of numbers, or of lists: millions of rows at once."""
    import polars as pl

    series = pl.Series(column)
    if not series.dtype.is_nested():
        return np.ascontiguousarray(series.to_numpy(), np.float64)
    lists = series.cast(pl.List(pl.Float64))
    sizes = lists.list.len().fill_null(0)
    offsets = np.zeros(len(lists) + 1, np.int64)
    np.cumsum(sizes.to_numpy(), out=offsets[1:])
    return lists.filter(sizes > 0).explode().to_numpy(), offsets


class Groups:
    """The group of each row, and the names of the groups.

    Attributes
    ----------
    index : ndarray of uint32
        Group of each row.
    keys : polars.DataFrame or None
        One row per group in the order of first appearance; None for one unnamed group.
    n : int
        Number of groups.
    """

    __slots__ = ("_index", "_n_rows", "keys", "n")

    def __init__(
        self, n_rows: int, index: NDArray[np.uint32] | None, keys: pl.DataFrame | None
    ) -> None:
        self._n_rows = n_rows
        self._index = index
        self.keys = keys
        self.n = 1 if keys is None else keys.height

    @property
    def index(self) -> NDArray[np.uint32]:
        """Group of each row; made on first use if all rows are in one group."""
        if self._index is None:
            self._index = np.zeros(self._n_rows, np.uint32)
        return self._index

    def find(self, label: object) -> int:
        """Find the group with that label: a value, a tuple of keys, or a mapping of them."""
        if self.keys is None:
            raise InvalidArgumentError("there are no groups to compare: pass groups=")
        columns = self.keys.columns
        wanted: tuple[object, ...]
        if isinstance(label, dict):
            wanted = tuple(label.get(column) for column in columns)
        else:
            wanted = label if isinstance(label, tuple) else (label,)
        for group, key in enumerate(self.keys.iter_rows()):
            if key == wanted:
                return group
        raise InvalidArgumentError(
            f"there is no group {label!r}: groups are named by {', '.join(columns)}"
        )


class Items:
    """The item of each row.

    Attributes
    ----------
    index : ndarray of uint32
        Item of each row.
    n : int
        Number of items that could be drawn.
    """

    __slots__ = ("_index", "n")

    def __init__(self, n: int, index: NDArray[np.uint32] | None = None) -> None:
        self._index = index
        self.n = n

    @property
    def index(self) -> NDArray[np.uint32]:
        """Item of each row; made on first use if each row has its own item."""
        if self._index is None:
            self._index = np.arange(self.n, dtype=np.uint32)
        return self._index


def group_labels(groups: Any, n_rows: int) -> Groups:
    """Assign numbers to the groups in the order of first appearance."""
    import polars as pl

    if groups is None:
        return Groups(n_rows, None, None)
    check_threads()
    frame = groups if isinstance(groups, pl.DataFrame) else pl.DataFrame({"group": groups})
    if frame.height != n_rows:
        raise InvalidArgumentError(
            f"{frame.height} group labels for {n_rows} rows: give one per row"
        )
    keys = frame.unique(maintain_order=True)
    numbers = keys.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("__group"))
    index = frame.join(
        numbers, on=frame.columns, how="left", nulls_equal=True, maintain_order="left"
    )["__group"]
    return Groups(n_rows, index.to_numpy(), keys)


def item_labels(items: Any, groups: Groups, n_rows: int) -> Items:
    """Assign numbers to the items in sorted order; without labels, by position in the group."""
    import polars as pl

    if items is None and groups.n == 1:
        return Items(n_rows)
    if items is None:
        order = np.argsort(groups.index, kind="stable")
        sizes = np.bincount(groups.index, minlength=groups.n)
        starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
        index = np.empty(n_rows, np.uint32)
        index[order] = np.arange(n_rows) - starts
        return Items(int(sizes.max(initial=0)), index)
    check_threads()
    given = unmasked("items", items) if isinstance(items, np.ndarray) else items
    labels = given if isinstance(given, pl.Series) else pl.Series(given)
    if len(labels) != n_rows:
        raise InvalidArgumentError(f"{len(labels)} item labels for {n_rows} rows: give one per row")
    if labels.null_count():
        row = int(labels.is_null().arg_max() or 0)
        raise InvalidArgumentError(f"the item label of row {row} is null: name the item")
    ranks = labels.rank("dense")
    return Items(int(ranks.n_unique()), (ranks - 1).cast(pl.UInt32).to_numpy())
