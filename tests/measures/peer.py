"""The data that popfidelity ships, and random data, as its cells and as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import popfidelity
from popfidelity import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from popfidelity import Cells


def shipped() -> Iterator[tuple[Cells, Cells]]:
    """The survey's cells and each model's: the toy of its paper, and CES 2024."""
    toy = examples.toy()
    for name in ("M1", "M2", "M3"):
        yield toy["survey"], toy[name]
    folder = examples.path("ces")
    questions = popfidelity.read_questions(folder / "questions.yaml")
    options = {name: question.labels for name, question in questions.items()}
    # popfidelity's own reader passes pandas an argument that pandas warns about
    survey, models = (pd.read_csv(folder / f"{side}_cells.csv") for side in ("survey", "model"))
    people = popfidelity.cells_by_question(survey, options=options)
    for _, block in models.groupby("mode"):
        for name, model in popfidelity.cells_by_question(block, options=options).items():
            yield popfidelity.align(people[name], model)


def at_random(times: int, seed: int = 0) -> Iterator[tuple[Cells, Cells]]:
    """Random cells with counts; every second time many shares are 0."""
    rng = np.random.default_rng(seed)
    for number in range(times):
        shape = rng.integers(2, 10), rng.integers(2, 8)
        sides = [_shares(rng, *shape, sparse=number % 2 == 1) for _ in range(2)]
        counts = rng.integers(5, 60, shape[0]).astype(float)
        yield tuple(cells(side, counts) for side in sides)


def cells(shares: NDArray[np.float64], counts: NDArray[np.float64] | None = None) -> Cells:
    names = [tuple(f"{letter}{place:02d}" for place in range(n))
             for letter, n in zip("co", shares.shape, strict=True)]  # fmt: skip
    return popfidelity.Cells(*names, shares, counts)


def _shares(rng: np.random.Generator, n: int, k: int, *, sparse: bool) -> NDArray[np.float64]:
    shares = rng.dirichlet(np.ones(k), n)
    if sparse:
        kept = rng.random((n, k)) < 0.7
        kept[np.arange(n), rng.integers(0, k, n)] = True
        shares = np.where(kept, shares, 0.0)
    return shares / shares.sum(axis=1, keepdims=True)
