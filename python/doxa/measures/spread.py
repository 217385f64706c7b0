"""How spread out answers are beside people's: standard deviation, diversity, what is never said."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from doxa.measures.shapes import as_shares, unit_positions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "GroupSpread",
    "collision",
    "effective_options",
    "group_spread",
    "modal_share",
    "normalised_variance",
    "support_collapse",
]


def normalised_variance(
    rows: ArrayLike, positions: Sequence[float] | None = None
) -> NDArray[np.float64]:
    """Give the variance of ordinal answers on a scale from 0 to 1.

    Parameters
    ----------
    rows : (n, K) array of float
        Distributions.
    positions : sequence of K floats, optional
        Of the options; evenly spaced by default.

    Returns
    -------
    (n,) ndarray
        In [0, 0.25].

    Examples
    --------
    >>> normalised_variance([[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]).tolist()
    [0.25, 0.0]
    """
    shares = as_shares(rows)
    return variance(shares, unit_positions(shares.shape[1], positions))


def variance(shares: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the variance of each distribution on given positions."""
    apart = x - (shares @ x)[..., None]
    found: NDArray[np.float64] = (apart**2 * shares).sum(axis=-1)
    return found


def entropy(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give Shannon's entropy of each distribution, in nats."""
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    found: NDArray[np.float64] = -(shares * logs).sum(axis=-1)
    return found


def effective_options(rows: ArrayLike) -> NDArray[np.float64]:
    """Give the number of equally common options that would be as diverse, exp(entropy).

    Hill, M. O. (1973). *Ecology* 54(2), 427–432, doi:10.2307/1934352.

    Returns
    -------
    (n,) ndarray
        In [1, K].

    Examples
    --------
    >>> effective_options([[0.5, 0.5, 0.0]]).round(6).tolist()
    [2.0]
    """
    return np.asarray(np.exp(entropy(as_shares(rows))))


def collision(rows: ArrayLike) -> NDArray[np.float64]:
    """Give the probability that two answers are the same, Σ p².

    Simpson, E. H. (1949). *Nature* 163, 688, doi:10.1038/163688a0.

    Returns
    -------
    (n,) ndarray
        In [1 / K, 1].

    Examples
    --------
    >>> collision([[0.5, 0.5, 0.0]]).tolist()
    [0.5]
    """
    return np.asarray((as_shares(rows) ** 2).sum(axis=-1))


def modal_share(rows: ArrayLike) -> NDArray[np.float64]:
    """Give the share of the most frequent answer.

    Returns
    -------
    (n,) ndarray
        In [1 / K, 1].

    Examples
    --------
    >>> modal_share([[0.5, 0.3, 0.2]]).tolist()
    [0.5]
    """
    return np.asarray(as_shares(rows).max(axis=-1))


def support_collapse(
    model: ArrayLike, human: ArrayLike, *, threshold: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the options that a model never gives.

    Parameters
    ----------
    model, human : (n, K) array of float
        Distributions.
    threshold : float
        The largest share of the model that counts as never; 0 in the source.

    Returns
    -------
    options : (n,) ndarray
        How many options the model never gives.
    unexpressed : (n,) ndarray
        The share of people who gave one of them, in [0, 1].

    Examples
    --------
    >>> support_collapse([[0.0, 1.0, 0.0]], [[0.2, 0.8, 0.0]])
    (array([2.]), array([0.2]))
    """
    people = as_shares(human)
    return unsaid(as_shares(model, people), people, threshold)


def unsaid(
    model: NDArray[np.float64], people: NDArray[np.float64], threshold: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the number of options never said, and people's share of them."""
    never = model <= threshold
    return never.sum(axis=-1).astype(float), np.where(never, people, 0.0).sum(axis=-1)


class GroupSpread(NamedTuple):
    """How answers to one question vary between cells and within them.

    Attributes
    ----------
    between, within : float
        The variance of the cells' means, and the mean of the cells' variances, on a scale from 0
        to 1.
    eta_squared : float
        between / (between + within), in [0, 1]; NaN if nothing varies.
    cramers_v : float
        The association of cells and options, in [0, 1]; NaN if only one option is given.
    gap : float
        The largest minus the smallest share of the upper half of the scale in a cell, in [0, 1].
    """

    between: float
    within: float
    eta_squared: float
    cramers_v: float
    gap: float


def group_spread(
    cells: ArrayLike,
    *,
    positions: Sequence[float] | None = None,
    weights: ArrayLike | None = None,
    from_option: int | None = None,
) -> GroupSpread:
    """Split the variance of answers into that between cells and that within them.

    Parameters
    ----------
    cells : (n, K) array of float
        One distribution a cell, such as a country or a group.
    positions : sequence of K floats, optional
        Of the options; evenly spaced by default.
    weights : (n,) array of float, optional
        How much each cell counts, such as its number of answers; alike by default.
    from_option : int, optional
        The place, from 0 on, of the first option of the upper part of the scale; by default the
        upper half, without the middle option of an odd number.

    Returns
    -------
    GroupSpread

    References
    ----------
    Pearson, K. (1900). *Philosophical Magazine* 50, 157–175; Cramér, H. (1946). *Mathematical
    Methods of Statistics*, chapter 21.

    Examples
    --------
    >>> group_spread([[1.0, 0.0], [0.0, 1.0]]).eta_squared
    1.0
    """
    shares = as_shares(cells)
    x = unit_positions(shares.shape[1], positions)
    counts = np.ones(len(shares)) if weights is None else np.asarray(weights, float)
    start = upper_half(shares.shape[1]) if from_option is None else from_option
    return split(shares, x, counts / counts.sum(), start)


def upper_half(n_options: int) -> int:
    """Give the place of the first option of the upper half of a scale."""
    return (n_options + 1) // 2


def split(
    shares: NDArray[np.float64], x: NDArray[np.float64], weights: NDArray[np.float64], start: int
) -> GroupSpread:
    """Split the variance, as `group_spread` does, with weights that add up to 1."""
    means = shares @ x
    between = float(weights @ (means - weights @ means) ** 2)
    within = float(weights @ variance(shares, x))
    all_of_it = between + within
    upper = shares[:, start:].sum(axis=1)
    return GroupSpread(
        between,
        within,
        between / all_of_it if all_of_it > 0 else np.nan,
        association(shares, weights),
        float(np.ptp(upper)),
    )


def association(shares: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Give Cramér's V of cells and options, with weights that add up to 1."""
    pooled = weights @ shares
    given = pooled > 0
    degrees = min(len(shares), int(given.sum())) - 1
    if degrees < 1:
        return np.nan
    parts = weights @ (shares[:, given] - pooled[given]) ** 2 / pooled[given]
    return float(np.sqrt(parts.sum() / degrees))
