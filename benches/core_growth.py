"""Races of `core.py` over work that grows, against peers where they can do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import core_peers as peers
import numpy as np
from core_work import ALIGNMENT, QUESTIONNAIRE, SIX, item_labels, ragged_pairs
from race import Race

import doxa
from doxa import _core

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOOPED, BATCHED = 1_000, 100_000
"""Most pairs that SciPy's loop and POT do; what is more is estimated from these."""


def by_pairs(threads: int) -> Iterator[Race]:
    for n in (100, 1_000, 10_000, 100_000, 1_000_000):
        p, q, offsets = ragged_pairs(np.resize(QUESTIONNAIRE, n), 2)
        sides = (p, offsets), (q, offsets)
        race = Race("alignment of ragged pairs, by number of pairs", n)
        race.add("doxa", lambda s=sides: _core.score(*s, ALIGNMENT, threads=threads))
        race.add("NumPy by length", lambda s=(p, q, offsets): peers.numpy_alignment(*s))
        race.add("numba", peers.numba_alignment(p, q, offsets))
        part = max(1, n // BATCHED)
        race.add("POT by length", peers.pot_alignment(p, q, offsets, part), 1 / part)
        few = min(n, LOOPED)
        race.add("SciPy loop", lambda s=(p, q, offsets, few): peers.scipy_loop(*s), few / n)
        yield race


def by_pairs_of_ten(threads: int) -> Iterator[Race]:
    for n in (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000):
        p, q, _ = ragged_pairs(np.full(n, 10), 3)
        p, q = p.reshape(-1, 10), q.reshape(-1, 10)
        race = Race("alignment of pairs of ten options, by number of pairs", n)
        race.add("doxa.score_batch", lambda s=(p, q): doxa.score_batch(*s, n_threads=threads))
        race.add(
            "NumPy",
            lambda p=p, q=q: 1 - np.abs(np.cumsum(p - q, axis=1)[:, :-1]).sum(axis=1) / 9,
        )
        race.add("popfidelity", peers.popfidelity_alignment(p, q))
        yield race


def by_pairs_of_two(threads: int) -> Iterator[Race]:
    for n in [10**power for power in range(5, 9)]:
        p = np.full((n, 2), 0.5, np.float32)
        race = Race("alignment of float32 pairs of two options, by number of pairs", n)
        race.add("doxa", lambda p=p: _core.score(p, p, ALIGNMENT, threads=threads))
        yield race


def by_metrics(threads: int) -> Iterator[Race]:
    for n in (1_000, 10_000, 100_000, 1_000_000):
        p, q, offsets = ragged_pairs(np.resize(QUESTIONNAIRE, n), 4)
        sides = (p, offsets), (q, offsets)
        race = Race("six metrics of ragged pairs, by number of pairs", n)
        race.add("doxa", lambda s=sides: _core.score(*s, SIX, threads=threads))
        race.add("NumPy by column", lambda s=(p, q, offsets): peers.numpy_six(*s))
        race.add("numba", peers.numba_six(p, q, offsets))
        yield race


def by_rows(threads: int) -> Iterator[Race]:
    items, draws = 144, 1_000
    for rows in (1, 10, 100, 1_000, 8_316):
        scores = np.random.default_rng(5).beta(5, 2, (rows, items))
        given = scores.ravel(), item_labels(rows, items)

        def ours(method: str, given: tuple[np.ndarray, tuple] = given) -> Callable[[], object]:
            return lambda: _core.item_intervals(
                *given, n_resamples=draws, seed=0, method=method, confidence=0.95, threads=threads
            )

        race = Race(f"bootstrap of {items} items, {draws} draws, by number of rows", rows)
        race.add("doxa, BCa", ours("bca"))
        race.add("doxa, studentised", ours("studentized"))
        race.add("NumPy product and quantile", lambda s=scores: peers.numpy_bootstrap(s, draws))
        few = min(rows, 4)
        race.add("SciPy BCa", lambda s=scores[:few]: peers.scipy_bootstrap(s, draws), few / rows)
        yield race


GROWTH: dict[str, Callable[[int], Iterator[Race]]] = {
    "growth": by_pairs,
    "growth-ten": by_pairs_of_ten,
    "growth-two": by_pairs_of_two,
    "growth-six": by_metrics,
    "growth-items": by_rows,
}
