"""Population fidelity: how far groups of people are told apart as in the survey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from doxa.measures.shapes import as_shares, placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from doxa.questionnaire.scale import ScaleKind

__all__ = ["COMPONENTS", "Cells", "Fidelity", "compared", "geometric_mean", "population_fidelity"]

_DECIMALS: Final = 12
"""To which distances are rounded, so that equal ones share a rank whatever order adds them up."""

COMPONENTS: Final = ("accuracy", "adaptability", "structure")
"""The components of the score, in the order in which the first wins a tie."""


class Fidelity(NamedTuple):
    """How well one question's answers of a model stand for the cells of a population.

    Attributes
    ----------
    accuracy, adaptability, structure : float
        The components, in [0, 1]; NaN where a component is not defined.
    center : float
        1 minus the distance between the mean of the model's cells and that of the survey's. It
        is reported beside the score and is not in it.
    score : float
        The geometric mean of the components, in [0, 1]; NaN if one of them is.
    binding : str
        The smallest component that is defined: what holds the score down.
    """

    accuracy: float
    adaptability: float
    structure: float
    center: float
    score: float
    binding: str


def population_fidelity(
    model: ArrayLike,
    human: ArrayLike,
    *,
    scale: ScaleKind = "ordinal",
    positions: Sequence[float] | None = None,
) -> Fidelity:
    """Score a model's answers to one question for several cells, such as countries or groups.

    Parameters
    ----------
    model, human : (n, K) array of float
        One distribution a cell, in the same order on both sides.
    scale : {"ordinal", "nominal"}
        Whether the options have an order. The source has ordinal questions only.
    positions : sequence of K floats, optional
        Of ordinal options; evenly spaced by default, as in the source.

    Returns
    -------
    Fidelity
        With a structure only from two cells on: it is 0 if all pairs of the model's cells are
        equally far apart, and NaN if only the survey's are. The adaptability is NaN if more than
        half of the survey's pairs do not differ at all.

    Raises
    ------
    InvalidDistributionError
        A row is no distribution.
    InvalidArgumentError
        The sides differ in shape, or the scale does not fit.

    Notes
    -----
    With d the distance 1 - alignment (the normalised earth mover's distance), accuracy is 1 minus
    the mean over cells of d(model, people); adaptability is min(A, 1/A), A the median distance
    between two cells of the model over that of the survey; structure is Spearman's correlation
    over pairs of cells, or 0 if it is negative. Distances are rounded to 12 decimals: where
    answers were counted, many pairs are equally far apart, and should share a rank. popfidelity
    rounds only when told to (``Variant(round_pairs=12)`` gives the same numbers).

    References
    ----------
    da Silva, N. B., et al. (2026). Population Fidelity: Evaluating Population Representativeness
    in LLMs. arXiv:2609.36253.

    Examples
    --------
    >>> people = [[0.2, 0.8], [0.4, 0.6], [0.6, 0.4], [0.8, 0.2]]
    >>> halved = [[0.15, 0.85], [0.25, 0.75], [0.35, 0.65], [0.45, 0.55]]
    >>> found = population_fidelity(halved, people)
    >>> round(found.score, 3), found.binding
    (0.737, 'adaptability')
    """
    people = as_shares(human)
    cells = [
        Cells.of(placed(side, scale, positions)) for side in (as_shares(model, people), people)
    ]
    values = compared(*cells)
    score = float(geometric_mean(values[:3]))
    known = ~np.isnan(values[:3])
    binding = COMPONENTS[int(np.nanargmin(values[:3]))] if known.any() else ""
    accuracy, adaptability, structure, center = values.tolist()
    return Fidelity(accuracy, adaptability, structure, center, score, binding)


class Cells(NamedTuple):
    """The cells of one side: points, ranks of their distances, the ranks' spread, the median."""

    points: NDArray[np.float64]
    ranks: NDArray[np.float64]
    spread: float
    dispersion: float

    @classmethod
    def of(cls, points: NDArray[np.float64]) -> Cells:
        """Measure the distances between all pairs of cells, shape (cells, …) in."""
        first, second = np.triu_indices(len(points), 1)
        distances = np.zeros(first.size)
        for column in points.T:
            distances += np.abs(column[first] - column[second])
        distances = distances.round(_DECIMALS)
        dispersion = float(np.median(distances)) if first.size else np.nan
        ranks = _ranked(distances)
        return cls(points, ranks, float(ranks @ ranks), dispersion)


def compared(model: Cells, human: Cells) -> NDArray[np.float64]:
    """Give accuracy, adaptability, structure and center of one question."""
    accuracy = 1 - np.abs(model.points - human.points).sum(axis=1).mean()
    center = 1 - np.abs(model.points.mean(axis=0) - human.points.mean(axis=0)).sum()
    ends = sorted((model.dispersion, human.dispersion))
    adaptability = ends[0] / ends[1] if human.dispersion > 0 else np.nan
    return np.array([accuracy, adaptability, _structure(model, human), center])


def geometric_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average along the first axis: 0 where a value is 0, NaN where one is not known.

    Examples
    --------
    >>> geometric_mean(np.array([[0.2, 0.0], [0.8, 0.9]])).round(3).tolist()
    [0.4, 0.0]
    """
    with np.errstate(divide="ignore"):
        mean: NDArray[np.float64] = np.exp(np.log(values).mean(axis=0))
    return mean


def _ranked(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank values about 0, equal ones sharing the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((counts.cumsum() - counts / 2)[place] - values.size / 2)


def _structure(model: Cells, human: Cells) -> float:
    if not model.ranks.size:
        return np.nan
    if not model.spread:
        return 0.0
    if not human.spread:
        return np.nan
    # ranks are whole or half numbers, so their products add up without rounding: no correlation
    # is exactly 0, where 1e-17 would have a cube root that shows
    together = float(model.ranks @ human.ranks)
    return max(0.0, together / float(np.sqrt(model.spread * human.spread)))
