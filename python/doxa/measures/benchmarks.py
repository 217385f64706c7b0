"""Scores that benchmarks define, from distributions as arrays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from doxa.errors import InvalidArgumentError
from doxa.measures.shapes import as_shares
from doxa.score import score_batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "THRESHOLDS",
    "a_bias",
    "consistency",
    "gap_closed",
    "majority_distance",
    "noise_floor",
    "simbench_score",
    "steerability",
    "threshold_curve",
    "uniform_distance",
]

THRESHOLDS: Final = tuple(step / 20 for step in range(21))
"""The thresholds of the source's curve: 0, 0.05, …, 1."""


def uniform_distance(human: ArrayLike) -> NDArray[np.float64]:
    """Give the total variation between people's answers and equal shares of all options.

    Parameters
    ----------
    human : (n, K) array of float
        Distributions.

    Returns
    -------
    (n,) ndarray
        In [0, 1 - 1 / K].

    Examples
    --------
    >>> uniform_distance([[0.5, 0.5], [0.9, 0.1]]).round(6).tolist()
    [0.0, 0.4]
    """
    people = as_shares(human)
    return np.asarray(np.abs(people - 1 / people.shape[1]).sum(axis=1) / 2)


def majority_distance(human: ArrayLike) -> NDArray[np.float64]:
    """Give the total variation between people's answers and their most frequent one alone.

    Returns
    -------
    (n,) ndarray
        In [0, 1 - 1 / K].

    Examples
    --------
    >>> majority_distance([[0.9, 0.1]]).round(6).tolist()
    [0.1]
    """
    return np.asarray(1 - as_shares(human).max(axis=1))


def simbench_score(model: ArrayLike, human: ArrayLike) -> float:
    """Score a model on a set of questions: 0 like equal shares of all options, 100 like people.

    Parameters
    ----------
    model, human : (n, K) array of float
        Distributions, one question or group a row.

    Returns
    -------
    float
        100 (1 - mean TV(model, people) / mean TV(uniform, people)), at most 100; below 0 for a
        model that is farther from people than equal shares are. NaN if people's answers are all
        equal shares.

    References
    ----------
    Hu, T., et al. (2025). SimBench. arXiv:2510.17516. As in the authors' code, the distance of
    equal shares is averaged over the set before the division.

    Examples
    --------
    >>> round(simbench_score([[0.7, 0.3]], [[0.9, 0.1]]), 6)
    50.0
    """
    people = as_shares(human)
    answers = as_shares(model, people)
    apart = score_batch(answers, people, metrics="total_variation").scores["total_variation"]
    uniform = uniform_distance(people).mean()
    return float(100 * (1 - apart.to_numpy().mean() / uniform)) if uniform > 0 else math.nan


def steerability(alignments: ArrayLike) -> float:
    """Average, over questions, the best alignment that some steering reaches.

    Parameters
    ----------
    alignments : (n, m) array of float
        Of m ways of steering on n questions; NaN where a way was not asked a question.

    Returns
    -------
    float
        In [0, 1].

    References
    ----------
    Santurkar, S., et al. (2023). Whose Opinions Do Language Models Reflect? arXiv:2303.17548.

    Examples
    --------
    >>> round(steerability([[0.7, 0.9], [0.8, 0.6]]), 6)
    0.85
    """
    return float(np.nanmax(np.asarray(alignments, float), axis=1).mean())


def consistency(alignments: ArrayLike) -> tuple[int, float]:
    """Find whom a model is closest to over all topics, and on how many topics it is.

    Parameters
    ----------
    alignments : (topics, groups) array of float
        The alignment with each group of people on each topic.

    Returns
    -------
    best : int
        The place of the group with the largest mean over topics; the first of equals.
    share : float
        On which share of topics this group is closest, in [0, 1].

    References
    ----------
    Santurkar, S., et al. (2023). Whose Opinions Do Language Models Reflect? arXiv:2303.17548.

    Examples
    --------
    >>> consistency([[0.9, 0.8], [0.7, 0.6], [0.5, 0.9]])
    (1, 0.3333333333333333)
    """
    table = np.asarray(alignments, float)
    best = int(table.mean(axis=0).argmax())
    return best, float((table.argmax(axis=1) == best).mean())


def noise_floor(
    human: Sequence[float] | NDArray[np.float64],
    n: float,
    positions: Sequence[float] | None = None,
    *,
    nominal: bool = False,
) -> float:
    """Give the expected distance of people's answers from a sample of them.

    Parameters
    ----------
    human : (K,) array of float
        A distribution.
    n : float
        Respondents in a sample, at least 1; rounded to a whole number.
    positions : sequence of K floats, optional
        Of the options; 0, 1, …, K - 1 by default, as in the source.
    nominal : bool
        Whether the options have no order; the distance then is total variation.

    Returns
    -------
    float
        At least 0. Exact: of each cumulative share, the mean absolute deviation of a binomial
        (de Moivre), where the source draws samples.

    References
    ----------
    Suh, J., et al. (2025). Language Model Fine-Tuning on Scaled Survey Data for Predicting
    Distributions of Public Opinions. arXiv:2502.16761. Diaconis, P. & Zabell, S. (1991).
    *Statistical Science* 6(3), 284–302, doi:10.1214/ss/1177011699.

    Examples
    --------
    >>> round(noise_floor([0.5, 0.5], 2), 6)
    0.25
    """
    shares = as_shares(human)
    if not n >= 0.5:
        raise InvalidArgumentError(f"n={n!r}: give the number of respondents, 1 or more")
    x = None if nominal else np.arange(shares.size) if positions is None else np.asarray(positions)
    return float(noise_floors(shares, np.array([n], float), x)[0])


def noise_floors(
    shares: NDArray[np.float64], n: NDArray[np.float64], x: NDArray[Any] | None
) -> NDArray[np.float64]:
    """Give the noise floor of each distribution of an item; NaN where n is NaN, or rounds to 0.

    Parameters
    ----------
    shares : (rows, K) array
        Distributions.
    n : (rows,) array
        Respondents behind each.
    x : (K,) array or None
        Positions of the options; None if they have no order.
    """
    size = np.maximum(np.round(n), np.where(n >= 0.5, 1, 0))[:, None]
    parts, steps = (shares, 0.5) if x is None else (shares.cumsum(axis=1)[:, :-1], np.diff(x))
    inside = (parts > 0) & (parts < 1) & (size > 0)
    count, p = np.broadcast_arrays(size, parts)
    count, p = count[inside], p[inside]
    m = np.minimum(np.floor(count * p) + 1, count)
    logs = _log_gamma(count + 1) - _log_gamma(m + 1) - _log_gamma(count - m + 1)
    logs += m * np.log(p) + (count - m + 1) * np.log1p(-p)
    deviations = np.zeros(parts.shape)
    deviations[inside] = 2 * m * np.exp(logs) / count
    return np.where(size[:, 0] > 0, (deviations * steps).sum(axis=1), np.nan)


def _log_gamma(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.fromiter(map(math.lgamma, values), float, len(values))


def gap_closed(model: float, before: float, floor: float) -> float:
    """Give how much of the way from one distance to the noise floor a model has come.

    Parameters
    ----------
    model, before : float
        The model's distance, and the one that it is compared with: the unsteered model's, or that
        of equal shares.
    floor : float
        The distance that people's own sampling noise leaves.

    Returns
    -------
    float
        At most 1, or above where a model is closer than the floor; below 0 for a step back. NaN
        where there is no way to go.

    Examples
    --------
    >>> round(gap_closed(0.2, 0.5, 0.1), 6)
    0.75
    """
    return (before - model) / (before - floor) if before != floor else math.nan


def threshold_curve(
    distances: ArrayLike, thresholds: Sequence[float] = THRESHOLDS
) -> NDArray[np.float64]:
    """Give the share of questions whose distance is at most each threshold.

    Parameters
    ----------
    distances : (n,) array of float
        On a scale from 0 to 1.
    thresholds : sequence of float
        By default 0, 0.05, …, 1.

    Returns
    -------
    numpy.ndarray
        One share per threshold, in [0, 1], not decreasing.

    References
    ----------
    Zhao, W., et al. (2024). WorldValuesBench. arXiv:2404.16308.

    Examples
    --------
    >>> threshold_curve([0.1, 0.3], [0.1, 0.2, 0.3]).tolist()
    [0.5, 0.5, 1.0]
    """
    found = np.asarray(distances, float)[:, None] <= np.asarray(thresholds, float)
    share: NDArray[np.float64] = found.mean(axis=0)
    return share


def a_bias(shares_by_place: ArrayLike) -> float:
    """Give how far the share of the option shown first departs from an equal share.

    Parameters
    ----------
    shares_by_place : (K,) array of float
        Shares of the answers by the place at which the option was shown, over random orders.

    Returns
    -------
    float
        In [0, 1 - 1 / K].

    References
    ----------
    Dominguez-Olmedo, R., Hardt, M. & Mendler-Dünner, C. (2024). Questioning the Survey Responses
    of Large Language Models. arXiv:2306.07951.

    Examples
    --------
    >>> a_bias([0.7, 0.1, 0.1, 0.1])
    0.44999999999999996
    """
    (shares,) = as_shares(shares_by_place)
    return float(abs(shares[0] - 1 / shares.size))
