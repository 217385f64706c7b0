"""How far the rounding of published shares can move an alignment."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.notes import FEW_RESPONDENTS
from doxa.analysis.parts.pairs import population_keys

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from doxa.distribution import HasItems
    from doxa.questionnaire.scale import Scale

__all__ = ["at_most", "item_rounding", "rounding_bounds"]

_SIGNS_UP_TO: Final = 12
"""With more options the signs are too many to try, and a wider bound is given."""
_CHUNK: Final = 2**22


def at_most(bound: float) -> str:
    """Write a bound with two significant digits, rounded up, so that it still holds.

    Examples
    --------
    >>> at_most(0.1 * 0.003), at_most(0.001234), at_most(0.0)
    ('0.0003', '0.0013', '0')
    """
    # what floating point adds in the last digits is no part of the bound
    known = Decimal(f"{bound:.12g}")
    return f"{known.normalize(Context(prec=2, rounding=ROUND_CEILING)):f}"


def rounding_bounds(shares: ArrayLike, error: ArrayLike, scale: Scale) -> NDArray[np.float64]:
    """Bound the change of an alignment by the rounding of the shares on one side.

    Shares tₖ were published as rₖ with |rₖ - tₖ| ≤ δ, and both are used after division by
    their sums R and T: p = r / R in place of q = t / T. Answers that were left out before the
    division had their own rounding, so R and T differ too.

    Parameters
    ----------
    shares : array_like of shape (n, K)
        The shares p that are used, in the order of the scale; rows sum to 1.
    error : array_like of shape (n,)
        δ / R, the error of each share as a part of those on the scale; below 1 / K.
    scale : Scale
        The scale of the item, with K options.

    Returns
    -------
    numpy.ndarray
        Shape (n,), in [0, 1]: the alignment with p of any distribution differs from that with q by
        at most this much.

    Notes
    -----
    By the triangle inequality the change is at most the distance W₁(p, q) / max d, and a
    distribution at the right end of the scale reaches it. With e = r - t and E = Σ e,
    p - q = (e - pE) / (R - E), and by duality W₁ is the largest Σⱼ fⱼ (pⱼ - qⱼ) over functions f
    that change between two options by at most their distance. For one f this is
    Σⱼ eⱼ (fⱼ - f̄) / (R - E), where f̄ = Σ pⱼ fⱼ: at most δ Σⱼ |fⱼ - f̄| / (R - Kδ), reached but for
    the denominator by errors of ±δ. It is convex in f, so a function that rises or falls by the
    whole distance at each step is the worst; all are tried. With more than twelve options
    Σᵢ pᵢ Σⱼ d(i, j) ≥ Σⱼ |fⱼ - f̄| is used in their place. For a nominal item f is 1 on some m
    options and 0 on others; the worst for each m are the m with the most shares or the fewest.

    Examples
    --------
    >>> from doxa.questionnaire.scale import Scale
    >>> two = rounding_bounds([[0.25, 0.75]], [0.0005], Scale("ordinal", (1, 2)))
    >>> four = rounding_bounds([[0.5, 0, 0, 0.5]], [0.0005], Scale("ordinal", (1, 2, 3, 4)))
    >>> two.round(5).tolist(), four.round(5).tolist()
    ([0.0005], [0.00067])
    """
    p = np.asarray(shares, np.float64)
    error = np.asarray(error, np.float64)
    if scale.kind == "nominal":
        spread = _nominal(p)
    else:
        x = np.asarray(scale.positions)
        x = (x - x[0]) / (x[-1] - x[0])
        if len(x) > _SIGNS_UP_TO:
            spread = p @ np.abs(x[:, None] - x[None, :]).sum(axis=1)
        else:
            spread = _ordinal(p, np.diff(x))
    with np.errstate(divide="ignore"):
        bound = np.where(p.shape[1] * error < 1, error / (1 - p.shape[1] * error) * spread, 1.0)
    return np.minimum(bound, 1.0)


def _ordinal(p: NDArray[np.float64], steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Find the largest Σⱼ |fⱼ - f̄| over functions that rise or fall by each whole step."""
    # The first step may rise: with -f in place of f nothing changes.
    signs = np.array([(1, *rest) for rest in product((1, -1), repeat=len(steps) - 1)])
    f = np.concatenate([np.zeros((len(signs), 1)), (signs * steps).cumsum(axis=1)], axis=1)
    found = np.empty(len(p))
    size = max(1, _CHUNK // f.size)
    for start in range(0, len(p), size):
        part = p[start : start + size]
        mean = part @ f.T
        found[start : start + size] = sum(
            np.abs(column - mean) for column in f.T
        ).max(axis=1)  # fmt: skip
    return found


def _nominal(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Find the largest m (1 - P) + (K - m) P over the m options with the share P."""
    k = p.shape[1]
    m = np.arange(1, k)
    most = np.sort(p, axis=1)[:, ::-1].cumsum(axis=1)[:, :-1]
    fewest = np.sort(p, axis=1).cumsum(axis=1)[:, :-1]
    chosen = np.where(2 * m < k, most, fewest)
    return np.asarray((m + (k - 2 * m) * chosen).max(axis=1))


def item_rounding(human: pl.DataFrame, bank: HasItems) -> pl.DataFrame:
    """Bound how far rounding can move the alignment with each population's answers to each item.

    Parameters
    ----------
    human : polars.DataFrame
        Response distributions as `doxa.distribution.human_distributions` gives them; without
        the column `rounding` none of them is known to be published.
    bank : QuestionBank or other HasItems
        The items, with their scales.

    Returns
    -------
    polars.DataFrame
        The population's keys, `question`, `rounding` (Float64, in [0, 1]; 0 for counts, null for
        published shares whose rounding is not known), `published`, `unweighted` and `few`
        (Boolean; fewer than 30 effective respondents).
    """
    keys = [*population_keys(human), "question"]
    absent = {
        name: pl.lit(None, kind)
        for name, kind in (
            ("rounding", pl.Float64),
            ("weighted", pl.Boolean),
            ("n", pl.Float64),
            ("n_effective", pl.Float64),
        )
        if name not in human.columns
    }
    told = "rounding" not in absent
    frame = human.with_columns(**absent).with_row_index("row")
    bounds = np.where(frame["n"].is_null().to_numpy() & told, np.nan, 0.0)
    rounded = frame.filter(pl.col("rounding").is_not_null())
    for question, rows, shares, error in (
        rounded.group_by("question").agg("row", "probabilities", "rounding").iter_rows()
    ):
        bounds[rows] = rounding_bounds(shares, error, bank.items[question].scale)
    return frame.select(
        *keys,
        pl.Series("rounding", bounds).fill_nan(None),
        published=pl.col("n").is_null() & told,
        unweighted=(~pl.col("weighted")).fill_null(value=False),
        few=(pl.col("n_effective") < FEW_RESPONDENTS).fill_null(value=False),
    )
