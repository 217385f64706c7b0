"""How far the alignment of an item can lie from what is known of its answers."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from doxa.questionnaire.scale import Scale

__all__ = ["alignment_bounds"]


def alignment_bounds(
    answered: Sequence[float] | None, human: Sequence[float], missing: float, scale: Scale
) -> tuple[float, float]:
    """Bound the alignment of an item some of whose replies are missing.

    The model's distribution is (1 - m) p + m q, where p was answered, m is the share of
    missing replies, and q is any distribution.

    Parameters
    ----------
    answered : sequence of float or None
        The distribution p of the replies there are, in the order of the scale; None where all
        are missing.
    human : sequence of float
        The human distribution.
    missing : float
        The share m, in [0, 1]; 1 where `answered` is None.
    scale : Scale
        The item's scale.

    Returns
    -------
    lowest, highest : float
        Both are attained by some q; in [0, 1].

    Notes
    -----
    A distance is convex in q, so the greatest one is that of a q with all mass on one option.
    The least one is, for a nominal item, the mass that p has too much. For an ordinal item it
    is the least Σ Δx |m Q - (H - (1 - m) P)| over non-decreasing Q in [0, 1]: an isotonic
    regression in the absolute norm, solved by moving the minimum of a convex piecewise linear
    function from step to step.

    Examples
    --------
    >>> from doxa.questionnaire.scale import Scale
    >>> alignment_bounds(None, [0.25, 0.25, 0.5], 1.0, Scale("ordinal", (1, 2, 3)))
    (0.375, 1.0)
    >>> alignment_bounds([1.0, 0.0, 0.0], [0.0, 0.0, 1.0], 0.5, Scale("ordinal", (1, 2, 3)))
    (0.0, 0.5)
    """
    target = np.array(human, np.float64)
    known = np.zeros_like(target) if answered is None else (1 - missing) * np.array(answered)
    placed = known + missing * np.eye(len(target))
    if scale.kind == "nominal":
        farthest = np.abs(placed - target).sum(axis=1).max() / 2
        nearest = float(np.maximum(known - target, 0.0).sum())
    else:
        steps = np.diff(scale.positions) / (scale.positions[-1] - scale.positions[0])
        apart = np.abs(np.cumsum(placed - target, axis=1)[:, :-1])
        farthest = (apart @ steps).max()
        nearest = _least_distance(np.cumsum(target - known)[:-1], missing, steps)
    # Rounding may take either a little beyond its range.
    return max(0.0, 1.0 - float(farthest)), min(1.0, 1.0 - nearest)


def _least_distance(
    wanted: NDArray[np.float64], missing: float, steps: NDArray[np.float64]
) -> float:
    """Minimise Σ steps |M - wanted| over non-decreasing M in [0, missing]."""
    within = np.clip(wanted, 0.0, missing)
    distance = float(steps @ np.abs(wanted - within))
    breaks: list[tuple[float, float]] = []
    for point, weight in zip(within.tolist(), steps.tolist(), strict=True):
        heappush(breaks, (-point, 2 * weight))
        left = weight
        while left > 0:
            negative, size = heappop(breaks)
            taken = min(size, left)
            distance += taken * (-negative - point)
            left -= taken
            if size > taken:
                heappush(breaks, (negative, size - taken))
    return distance
