"""Made-up pairs in a frame: groups of unequal size, ragged rows, items with several pairs."""

from __future__ import annotations

import numpy as np
import polars as pl

METRICS = ["alignment", "mean_difference", "kl_divergence"]


def pairs(rows: int, seed: int = 0, *, once: bool = False) -> pl.DataFrame:
    """Pairs of 3 models in 5 countries; with `once`, at most one for each item of a group."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(2, 7, rows)
    sides = [[rng.dirichlet(np.ones(k)) for k in lengths] for _ in range(2)]
    for row in range(0, rows, 11):  # a divergence without a bound
        sides[1][row][:2] = [0.0, sides[1][row][:2].sum()]
    numbers = rng.permutation(rows)
    country = numbers % 5 if once else rng.choice(5, rows, p=[0.5, 0.2, 0.15, 0.1, 0.05])
    item = numbers // 5 if once else rng.integers(0, 12, rows)
    return pl.DataFrame(
        {
            "country": pl.Series(country).replace_strict(
                [0, 1, 2, 3, 4], ["JPN", "USA", None, "COL", "DEU"], return_dtype=pl.String
            ),
            "wave": pl.Series(rng.choice([6, 7], rows) if not once else np.full(rows, 7)),
            "item": pl.Series(item).map_elements(lambda n: f"Q{n}", pl.String),
            "kind": rng.choice(["ordinal", "nominal"], rows, p=[0.8, 0.2]),
            "model": pl.Series(sides[0], dtype=pl.List(pl.Float64)),
            "human": pl.Series(sides[1], dtype=pl.List(pl.Float64)),
        }
    )
