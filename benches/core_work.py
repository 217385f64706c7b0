"""Work for the scoring core: pairs of a questionnaire's lengths, and labels of their scores."""

from __future__ import annotations

from typing import Any

import numpy as np

ALIGNMENT = ("alignment",)
SIX = (
    "alignment",
    "total_variation",
    "js_distance",
    "kl_divergence",
    "hellinger",
    "ranked_probability_score",
)
# Options of the items of a questionnaire, in its order.
QUESTIONNAIRE = [4] * 52 + [10] * 24 + [2] * 18 + [5] * 20 + [3] * 16 + [7] * 6 + [8] * 8


def ragged_pairs(lengths: np.ndarray, seed: int) -> tuple[Any, Any, np.ndarray]:
    rng = np.random.default_rng(seed)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    sides = []
    for _ in range(2):
        values = rng.random(offsets[-1]) + 1e-3
        values /= np.repeat(np.add.reduceat(values, offsets[:-1]), lengths)
        sides.append(values)
    return sides[0], sides[1], offsets


def item_labels(rows: int, items: int) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Label scores that stand row by row, as the core takes them."""
    return (
        np.repeat(np.arange(rows, dtype=np.uint32), items),
        np.tile(np.arange(items, dtype=np.uint32), rows),
        rows,
        items,
    )
