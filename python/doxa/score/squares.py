"""Squared distances from samples without bias: U-statistics, exact also where they are near 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from doxa import _core
from doxa.errors import InvalidArgumentError
from doxa.score.intervals import t_intervals
from doxa.score.numbers import row_numbers
from doxa.score.rows import as_rows, group_labels, item_labels, nominal_flags, row_positions

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

__all__ = ["squared_distances"]


def squared_distances(
    model: Any,
    human: Any,
    human_n: Any,
    *,
    model_n: Any = None,
    scale: str | Sequence[str] = "ordinal",
    positions: Any = None,
    groups: Any = None,
    items: Any = None,
    resample: str = "respondents",
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Estimate mean squared distances between populations, of which there are samples.

    The distance is the ranked probability score Σ (F − G)² Δx / (x_K − x₁), half the squared energy
    distance; for nominal options ½ Σ (p − q)². Unlike alignment it has no kink at 0: sampling adds
    exactly the variances of the cumulative shares, which are taken off. The estimate is unbiased
    whatever the distance, and may be below 0.

    Parameters
    ----------
    model, human : sequence of n 1-D arrays
        Response distributions, row by row.
    human_n : sequence of n floats
        Effective number of respondents behind each human row, above 1.
    model_n : sequence of n floats, optional
        Number of replies behind each model row, above 1; by default the model is no sample.
    scale, positions, groups, items
        As in `doxa.score.score_batch`.
    resample : {"respondents", "items"}
        What the interval is about: the same items with other people (normal, by the variance of a
        quadratic form), or other items and people (Student's t over the items).
    confidence : float
        In (0, 1).

    Returns
    -------
    polars.DataFrame
        One row per group: the keys, `n`, `estimate`, `low`, `high` (at least 0) and `std_error`.

    Raises
    ------
    InvalidArgumentError
        A sample has one member or none, `resample` is unknown, or `confidence` is out of range.

    Notes
    -----
    With D the differences of cumulative shares, W their weights and S the covariance of a
    multinomial sample, the plug-in has expectation D'WD + tr(WS) and variance
    4 D'WSWD + 2 tr(WSWS).

    Examples
    --------
    >>> table = squared_distances([[0.5, 0.5]], [[0.6, 0.4]], [101.0])
    >>> table["estimate"].round(4).to_list()
    [0.0076]
    """
    import polars as pl

    if resample not in ("respondents", "items"):
        raise InvalidArgumentError(f"resample={resample!r}: name respondents or items")
    if not 0 < confidence < 1:
        raise InvalidArgumentError(f"confidence={confidence!r}: give a number between 0 and 1")
    scale_of_rows: dict[str, Any] = {
        "nominal": nominal_flags(scale),
        "positions": row_positions(positions),
    }
    rows = as_rows(model), as_rows(human)
    plain = _core.score(*rows, ("ranked_probability_score",), **scale_of_rows, threads=0)[0]
    nominal = np.broadcast_to(np.asarray(scale_of_rows["nominal"]), plain.shape)
    sizes = [_sizes("human_n", human_n, plain.size), _sizes("model_n", model_n, plain.size)]
    bias, variances = np.empty(plain.size), np.empty((2, plain.size))
    for row, (p, q) in enumerate(zip(model, human, strict=True)):
        at = None if positions is None else _own(positions, row)
        sides = [np.asarray(side, np.float64) for side in (q, p)]
        ns = [side[row] for side in sizes]
        bias[row], *variances[:, row] = _moments(sides, ns, bool(nominal[row]), at)
    values = plain - bias
    labels = group_labels(groups, plain.size)
    numbered = item_labels(items, labels, plain.size)
    places = labels.index, numbered.index, labels.n
    found = _summary(values, variances, places, resample, confidence)
    names = ("n", "estimate", "low", "high", "std_error")
    table = pl.DataFrame(dict(zip(names, found, strict=True)))
    table = table.with_columns(pl.col("n").cast(pl.Int64)).fill_nan(None)
    return table if labels.keys is None else pl.concat([labels.keys, table], how="horizontal")


def _sizes(name: str, given: Any, n: int) -> NDArray[np.float64]:
    numbers = row_numbers(name, given)
    if numbers is None:
        return np.full(n, np.inf)
    if numbers.shape != (n,) or not (numbers > 1).all():
        raise InvalidArgumentError(f"{name}: give one number above 1 for each of {n} rows")
    return numbers


def _own(positions: Any, row: int) -> NDArray[np.float64]:
    shared = np.ndim(positions[0]) == 0
    return np.asarray(positions if shared else positions[row], np.float64)


def _moments(
    sides: list[NDArray[np.float64]],
    sizes: list[np.float64],
    nominal: bool,
    positions: NDArray[np.float64] | None,
) -> tuple[float, float, float]:
    """Give the bias of the plug-in of one row, its variance, and the least that it can be."""
    k = sides[0].size
    if nominal:
        weights, levels = np.full(k, 0.5), sides
    else:
        at = np.arange(k, dtype=np.float64) if positions is None else positions
        weights = np.diff(at) / (at[-1] - at[0])
        levels = [np.cumsum(side)[:-1] for side in sides]
    spread = np.zeros((weights.size, weights.size))
    for level, n in zip(levels, sizes, strict=True):
        together = np.diag(level) if nominal else np.minimum.outer(level, level)
        if np.isfinite(n):
            spread += (together - np.outer(level, level)) / (n - 1.0)
    weighted = spread * weights
    apart = levels[0] - levels[1]
    square, linear = float(np.trace(weighted @ weighted)), apart * weights
    # The differences are themselves too large: 4 D'WSWD of the sample has 4 tr(WSWS) too much.
    variance = 4.0 * float(linear @ spread @ linear) - 2.0 * square
    return float(np.trace(weighted)), variance, 2.0 * square


def _summary(
    values: NDArray[np.float64],
    variances: NDArray[np.float64],
    labels: tuple[NDArray[np.uint32], NDArray[np.uint32], int],
    resample: str,
    confidence: float,
) -> NDArray[np.float64]:
    group, item, n_groups = labels
    out = np.full((5, n_groups), np.nan)
    for number in range(n_groups):
        held = np.flatnonzero(group == number)
        mean = values[held].mean()
        if resample == "respondents":
            error = np.sqrt(variances[:, held].sum(axis=1).max()) / held.size
            reach = -_core.normal_quantile(0.5 - 0.5 * confidence) * error
            ends = np.array([mean - reach, mean + reach])
        else:
            _, place, counts = np.unique(item[held], return_inverse=True, return_counts=True)
            off = np.bincount(place, values[held] - mean)
            error = np.sqrt((off**2).sum()) / counts.sum()
            ends = t_intervals(
                np.array([mean]), np.array([error]), confidence, [counts.size]
            ).ravel()
        out[:, number] = held.size, mean, *np.maximum(ends, 0.0), error
    return out
