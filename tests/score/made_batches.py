"""Made-up batches: three groups of ten items, and batches of alignments that are given."""

from __future__ import annotations

import numpy as np

import doxa

_RNG = np.random.default_rng(5)
MODEL = _RNG.dirichlet(np.ones(4), 30)
HUMAN = _RNG.dirichlet(np.ones(4), 10)[np.tile(np.arange(10), 3)]
GROUPS = np.repeat(["a", "b", "c"], 10)
ITEMS = np.tile([f"Q{i}" for i in range(10)], 3)
SIZES = np.full(30, 400.0)


def scored(**options: object) -> doxa.ScoreBatch:
    settings: dict[str, object] = {
        "groups": GROUPS,
        "items": ITEMS,
        "human_n": SIZES,
        "resample": "respondents",
    } | options
    return doxa.score_batch(MODEL, HUMAN, **settings)  # type: ignore[arg-type]


def batch_of(values: np.ndarray) -> doxa.ScoreBatch:
    """A batch whose alignments are the given values, one group per row of them."""
    n_groups, n_items = values.shape
    model = np.stack([1 - values.ravel(), values.ravel()], axis=1)
    human = np.tile([0.0, 1.0], (values.size, 1))
    return doxa.score_batch(
        model,
        human,
        groups=np.repeat([f"g{i}" for i in range(n_groups)], n_items),
        resample="items",
    )
