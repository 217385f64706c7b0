"""Shares of replies with Wilson's interval, the replies to one item taken as a cluster."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["WILSON", "clustered_shares", "wilson_interval"]

WILSON: Final = "nothing: Wilson interval, items as clusters"
"""The `resampled` of such shares."""

_COLUMNS: Final = {
    "estimate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "n": pl.Int64,
    "n_items": pl.Int64,
}


def clustered_shares(
    replies: pl.DataFrame, hit: pl.Expr, by: Sequence[str], confidence: float
) -> pl.DataFrame:
    """Give the share of replies of which something is true, for each group.

    Parameters
    ----------
    replies : polars.DataFrame
        The columns `by` and `question`.
    hit : polars.Expr
        Whether it is true; null counts as no.
    by : sequence of str
        The columns that name a group.
    confidence : float
        Of the intervals, in (0, 1).

    Returns
    -------
    polars.DataFrame
        One row a group: its keys, `estimate`, `low`, `high`, `n` (replies) and `n_items`.

    Notes
    -----
    Wilson's (1927) interval does not shrink to a point at 0. It takes the effective number of
    replies: the binomial variance, share × (1 - share), divided by the variance of the share with
    items as clusters, and at most the number of replies. That cannot be estimated for a share of 0
    or 1; the number of items is used instead.
    """
    items = replies.group_by(*by, "question", maintain_order=True).agg(
        asked=pl.len(), hits=hit.sum()
    )
    rows = [
        (*part.select(by).row(0), *_share(part, confidence))
        for part in items.partition_by(by, maintain_order=True)
    ]
    schema = {name: replies.schema[name] for name in by} | _COLUMNS
    return pl.DataFrame(rows, schema=schema, orient="row")


def _share(part: pl.DataFrame, confidence: float) -> tuple[Any, ...]:
    asked, hits = part["asked"].to_numpy(), part["hits"].to_numpy()
    n, n_items = int(asked.sum()), part.height
    share = float(hits.sum() / n)
    of_items = float(((hits - asked * share) ** 2).sum()) / n**2
    n_effective = share * (1 - share) / of_items if 0 < share < 1 and of_items > 0 else n_items
    low, high = wilson_interval(share, min(n_effective, n), confidence)
    return share, low, high, n, n_items


def wilson_interval(share: float, n: float, confidence: float) -> tuple[float, float]:
    """Give Wilson's interval for a share of n.

    Wilson, E. B. (1927), *Journal of the American Statistical Association* 22, 209–212.

    Examples
    --------
    >>> low, high = wilson_interval(0.0, 100, 0.95)
    >>> round(low, 4), round(high, 4)
    (0.0, 0.037)
    """
    z2 = NormalDist().inv_cdf(0.5 + 0.5 * confidence) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return max(0.0, float(centre - reach)), min(1.0, float(centre + reach))
