"""The scale of the cultural map: from six items' means to its two dimensions."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.distribution import human_distributions
from doxa.questionnaire import QuestionBank
from doxa.survey import world
from doxa.survey.culture import published_map

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from doxa.questionnaire import Item

__all__ = ["ITEMS", "CulturalScale", "Place", "cultural_scale"]

ITEMS: Final[Mapping[str, bool]] = {
    "Q164": False,  # God is not important
    "Q184": True,  # abortion can be justified
    "Q45": True,  # more respect for authority would be bad
    "Q46": False,  # happy
    "Q182": True,  # homosexuality can be justified
    "Q57": False,  # most people can be trusted
}
"""The map's items, three of each dimension; whether their last answer is its upper end."""

_DIMENSIONS: Final = (slice(0, 3), slice(3, 6))
_LEAST: Final = 2
"""The fewest items from which a dimension is told."""
_WAVE: Final = 7


@dataclass(frozen=True, slots=True)
class Place:
    """Where some populations lie.

    Attributes
    ----------
    coordinates : numpy.ndarray
        Shape (n, 2): traditional to secular-rational, survival to self-expression values, as
        factor scores; NaN where a dimension has too few items.
    covariance : numpy.ndarray
        Shape (n, 2, 2), of the errors of both.
    indices : numpy.ndarray
        Shape (n, 2): the means of the dimension's items in standard deviations of countries, those
        that are there.
    """

    coordinates: NDArray[np.float64]
    covariance: NDArray[np.float64]
    indices: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CulturalScale:
    """How six items' means become a place on the map.

    Attributes
    ----------
    mean, deviation : numpy.ndarray
        Shape (6,): of the items' means over countries.
    correlation : numpy.ndarray
        Shape (6, 6), of the items over countries.
    constant : numpy.ndarray
        Shape (2,).
    weights : numpy.ndarray
        Shape (2, 6): of the standardised items; 0 for those of the other dimension.
    error : numpy.ndarray
        Shape (2,): root mean square of the leave-one-out errors against the published places.
    fit : numpy.ndarray
        Shape (2,): correlation of leave-one-out and published places.
    n_countries : int
        How many countries it was fitted to.
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    correlation: NDArray[np.float64]
    constant: NDArray[np.float64]
    weights: NDArray[np.float64]
    error: NDArray[np.float64]
    fit: NDArray[np.float64]
    n_countries: int

    @staticmethod
    def item_mean(item: Item, shares: NDArray[np.float64]) -> tuple[float, float]:
        """Give the mean, from 0 to 1 at the dimension's upper end, and the variance of answers.

        Parameters
        ----------
        item : Item
            One of `ITEMS`.
        shares : numpy.ndarray
            The share of each option on its scale.
        """
        positions = np.asarray(item.scale.positions)
        at = (positions - positions[0]) / (positions[-1] - positions[0])
        mean = float(at @ shares)
        variance = max(float(at**2 @ shares) - mean**2, 0.0)
        return (mean if ITEMS[item.id] else 1.0 - mean), variance

    def place(self, means: NDArray[np.float64], variances: NDArray[np.float64]) -> Place:
        """Place populations by the means of their items.

        Parameters
        ----------
        means : numpy.ndarray
            Shape (n, 6), as `item_mean` gives them; NaN where an item is missing.
        variances : numpy.ndarray
            Shape (n, 6): of the errors of these means, which are taken as independent.
        """
        n = len(means)
        coordinates, indices = np.full((n, 2), np.nan), np.full((n, 2), np.nan)
        covariance = np.full((n, 2, 2), np.nan)
        scores = (means - self.mean) / self.deviation
        errors = variances / self.deviation**2
        for row in range(n):
            here = ~np.isnan(scores[row])
            if not here.any():
                continue
            carry, rest = self._filling(here)
            known = scores[row, here]
            at = self.constant + self.weights @ (carry @ known)
            spread = self.weights @ (carry * errors[row, here] @ carry.T + rest) @ self.weights.T
            for axis, items in enumerate(_DIMENSIONS):
                if here[items].sum() >= _LEAST:
                    coordinates[row, axis] = at[axis]
                    indices[row, axis] = np.nanmean(scores[row, items])
            covariance[row] = spread
        gone = np.isnan(coordinates)
        covariance[gone[:, :, None] | gone[:, None, :]] = np.nan
        return Place(coordinates, covariance, indices)

    def _filling(self, here: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the matrix from the items there to all six, and the covariance of what it misses."""
        gone = ~here
        carry = np.zeros((len(here), int(here.sum())))
        carry[here] = np.eye(int(here.sum()))
        rest = np.zeros((len(here), len(here)))
        if gone.any():
            known = self.correlation[np.ix_(here, here)]
            across = self.correlation[np.ix_(gone, here)]
            carry[gone] = np.linalg.solve(known, across.T).T
            rest[np.ix_(gone, gone)] = self.correlation[np.ix_(gone, gone)] - carry[gone] @ across.T
        return carry, rest


@functools.cache
def cultural_scale() -> CulturalScale:
    """Fit the scale to the published map, from the answers that doxa ships of wave 7.

    The weights are those of least squares, for each dimension over its three items.

    Examples
    --------
    >>> scale = cultural_scale()
    >>> scale.n_countries, scale.fit.round(2).tolist()
    (47, [0.95, 0.95])
    """
    bank = QuestionBank.load()
    counts = world().filter(pl.col("question").is_in(list(ITEMS)), wave=_WAVE)
    people = human_distributions(counts, bank)
    rows: dict[str, dict[str, float]] = {}
    for country, question, shares in people.select(
        "country", "question", "probabilities"
    ).iter_rows():
        mean, _ = CulturalScale.item_mean(bank.items[question], np.asarray(shares))
        rows.setdefault(country, {})[question] = mean
    published = {row[0]: row[2:] for row in published_map().iter_rows()}
    used = sorted(c for c, row in rows.items() if len(row) == len(ITEMS) and c in published)
    means = np.array([[rows[country][name] for name in ITEMS] for country in used])
    places = np.array([published[country] for country in used])
    mean, deviation = means.mean(axis=0), means.std(axis=0)
    scores = (means - mean) / deviation
    weights = np.zeros((2, len(ITEMS)))
    constant, error, fit = np.zeros(2), np.zeros(2), np.zeros(2)
    for axis, items in enumerate(_DIMENSIONS):
        design = np.column_stack([np.ones(len(used)), scores[:, items]])
        inverse = np.linalg.pinv(design)
        constant[axis], *weights[axis, items] = inverse @ places[:, axis]
        left = places[:, axis] - design @ inverse @ places[:, axis]
        left /= 1 - np.einsum("ij,ji->i", design, inverse)
        error[axis] = np.sqrt((left**2).mean())
        fit[axis] = np.corrcoef(places[:, axis] - left, places[:, axis])[0, 1]
    correlation = np.corrcoef(scores.T)
    return CulturalScale(mean, deviation, correlation, constant, weights, error, fit, len(used))
