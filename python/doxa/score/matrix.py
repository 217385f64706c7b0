"""Every group against every other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from doxa import _core
from doxa.errors import InvalidArgumentError
from doxa.score.options import thread_count
from doxa.score.rows import Groups, as_rows, group_labels, nominal_flags, row_positions

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

__all__ = ["alignment_matrix"]


def alignment_matrix(
    rows: Any,
    *,
    groups: Any,
    items: Sequence[Any] | pl.Series,
    others: Any = None,
    other_groups: Any = None,
    other_items: Sequence[Any] | pl.Series | None = None,
    metric: str = "alignment",
    scale: str | Sequence[str] = "ordinal",
    positions: Sequence[float] | Sequence[Sequence[float]] | None = None,
    n_threads: int | None = None,
) -> pl.DataFrame:
    """Score every group of rows against every group of other rows.

    Parameters
    ----------
    rows, others : array, list of arrays, or Arrow array of lists
        Response distributions as in `score_batch`. By default `others` are the rows themselves.
    groups, other_groups : labels, or polars.DataFrame of keys
        Whose distribution each row is: a model, a country, a country in a wave.
    items, other_items : labels
        The item of each row.
    metric : str
        Any of `doxa.score.METRICS`.
    scale, positions
        As in `score_batch`, for `rows`.
    n_threads : int, optional
        At most this many threads.

    Returns
    -------
    polars.DataFrame
        One row per group: its keys, then one Float64 column per other group, named by its
        keys joined with "/": the mean over the items that both have, null if
        there are none.

    Raises
    ------
    InvalidDistributionError
        A row is not a response distribution, or rows of one item differ in length.
    InvalidArgumentError
        Labels do not fit the rows, or groups of `others` have the same name.

    Examples
    --------
    >>> import doxa
    >>> doxa.score.alignment_matrix(
    ...     [[0.2, 0.8], [0.5, 0.5]], groups=["JPN", "USA"], items=["Q1", "Q1"]
    ... ).rows()
    [('JPN', 1.0, 0.7), ('USA', 0.7, 1.0)]
    """
    import polars as pl

    if others is None:
        others, other_groups, other_items = rows, groups, items
    if other_groups is None or other_items is None:
        raise InvalidArgumentError("others= needs other_groups= and other_items=: pass all three")
    first, second = pl.Series(items), pl.Series(other_items)
    known = pl.concat([first, second]).unique().sort()
    sides = [
        (group_labels(labels, len(names)), _numbers(names, known))
        for labels, names in ((groups, first), (other_groups, second))
    ]
    means = _core.pairwise_means(
        as_rows(rows),
        (sides[0][0].index, sides[0][1], sides[0][0].n, len(known)),
        as_rows(others),
        (sides[1][0].index, sides[1][1], sides[1][0].n, len(known)),
        metric,
        nominal=nominal_flags(scale),
        positions=row_positions(positions),
        threads=thread_count(n_threads),
    )
    columns = _names(sides[1][0])
    table = pl.DataFrame(means, schema=columns, orient="row").fill_nan(None)
    keys = sides[0][0].keys
    return table if keys is None else pl.concat([keys, table], how="horizontal")


def _numbers(names: pl.Series, known: pl.Series) -> Any:
    import polars as pl

    numbers = names.replace_strict(known, np.arange(len(known), dtype=np.uint32))
    return numbers.cast(pl.UInt32).to_numpy()


def _names(groups: Groups) -> list[str]:
    if groups.keys is None:
        return ["mean"]
    names = ["/".join(map(str, key)) for key in groups.keys.iter_rows()]
    if len(set(names)) != len(names):
        raise InvalidArgumentError("two other groups have the same name: give each its own")
    return names
