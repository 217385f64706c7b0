"""Populations whose true score is known, and tables of how often intervals hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

OPTIONS = 4
ALL_ITEMS = 400_000
BLOCKS = 10
ROUNDING = 1e-12
Noise = tuple[float, float]
NEARNESS = {"0.85": (0.5, 1.0), "0.93": (0.0, 0.75), "0.97": (0.0, 0.25), "1": (0.0, 0.0)}
"""True mean alignment of a model, and the range of how much of its answers is noise."""


def item_population(random: np.random.Generator, n: int, noise: Noise) -> tuple[Array, Array]:
    """Return a model's answers to items and the human ones, each of shape (n, OPTIONS)."""
    human = random.dirichlet(np.full(OPTIONS, 1.5), n)
    return noisy(random, human, noise), human


def noisy(random: np.random.Generator, human: Array, noise: Noise) -> Array:
    other = random.dirichlet(np.full(OPTIONS, 1.5), len(human))
    weight = random.uniform(*noise, (len(human), 1))
    answers: Array = (1 - weight) * human + weight * other
    return answers


def alignment(model: Array, human: Array) -> Array:
    return 1 - np.abs(np.cumsum(model - human, axis=-1))[..., :-1].sum(axis=-1) / (OPTIONS - 1)


def item_draws(random: np.random.Generator, n: int) -> Array:
    """Return the weights of n items in 1,000 replicates."""
    weights: Array = random.multinomial(n, np.full(n, 1 / n), 1000) / n
    return weights


def sampled(random: np.random.Generator, shares: Array, n: int) -> Array:
    return random.multinomial(n, shares) / n


def blocks(trials: int) -> Iterator[tuple[int, int]]:
    """Yield each seed with its number of trials."""
    for seed in range(BLOCKS):
        yield seed, trials // BLOCKS


def line(*cells: object) -> None:
    shown = (f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in cells)
    print("| " + " | ".join(shown) + " |", flush=True)


def head(title: str, *columns: str) -> None:
    print(f"\n{title}\n")
    line(*columns)
    line(*["---"] * len(columns))


class Hits:
    """Counts of intervals that contain the truth, and of misses on each side."""

    def __init__(self) -> None:
        self.n = self.low = self.high = 0
        self.width = 0.0

    def add(self, low: Any, high: Any, truth: Any) -> None:
        low, high = np.asarray(low, float), np.asarray(high, float)
        self.n += low.size
        self.low += int((low > truth + ROUNDING).sum())
        self.high += int((high < truth - ROUNDING).sum())
        self.width += float((high - low).sum())

    def cells(self) -> tuple[float, float, float, str]:
        share = 100 / self.n
        held = 100 - (self.low + self.high) * share
        return held, self.low * share, self.high * share, f"{self.width / self.n:.4f}"


MISSES = ("coverage %", "truth below %", "truth above %", "mean width")
