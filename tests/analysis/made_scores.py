"""Made-up scores of known components, and a slow twin of their decomposition."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CROSSED = {
    "item": ["question"], "country": ["country"], "language": ["language"],
    "item × country": ["question", "country"],
}  # fmt: skip


def by_projections(rows: pl.DataFrame, sources: Mapping[str, Sequence[str]]) -> list[float]:
    """Henderson's first method with whole matrices: quadratic forms and their expectations."""
    y, n = rows["score"].to_numpy(), rows.height
    designs = [np.ones((n, 1))]
    for columns in sources.values():
        joined = rows.select(pl.concat_str(columns, separator="/")).to_series()
        designs.append((joined.to_numpy()[:, None] == joined.unique().to_numpy()).astype(float))
    designs.append(np.eye(n))
    forms = [design @ np.linalg.inv(design.T @ design) @ design.T for design in designs]
    deviations = [form - forms[0] for form in forms[1:]]
    expected = [
        [np.einsum("ij,ij->", design, form @ design) for design in designs[1:]]
        for form in deviations
    ]
    return list(np.linalg.solve(expected, [y @ form @ y for form in deviations]))


def made_scores(seed: int, keep: float) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    rows = list(itertools.product(range(8), range(4), range(3), range(2)))
    effects = [rng.normal(size=8) * 0.3, rng.normal(size=4) * 0.2, rng.normal(size=3) * 0.2]
    return pl.DataFrame(
        [
            (f"Q{i}", f"C{c}", f"L{k}", effects[0][i] + effects[1][c] + effects[2][k]
             + rng.normal() * 0.1)
            for i, c, k, _ in rows
            if rng.random() < keep
        ],
        schema=["question", "country", "language", "score"],
        orient="row",
    )  # fmt: skip
