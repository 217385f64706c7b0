"""The peers of the scoring core; a library that is not installed gives None."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]
    Offsets = NDArray[np.int64]


def by_length(offsets: Offsets) -> list[tuple[int, NDArray[np.int64]]]:
    lengths = np.diff(offsets)
    return [(int(k), np.flatnonzero(lengths == k)) for k in np.unique(lengths)]


def taken(values: Doubles, offsets: Offsets, rows: NDArray[np.int64], k: int) -> Doubles:
    return values[offsets[rows][:, None] + np.arange(k)]


def numpy_alignment(p: Doubles, q: Doubles, offsets: Offsets) -> Doubles:
    out = np.empty(offsets.size - 1)
    for k, rows in by_length(offsets):
        gaps = np.cumsum(taken(p, offsets, rows, k) - taken(q, offsets, rows, k), axis=1)
        out[rows] = 1 - np.abs(gaps[:, :-1]).sum(axis=1) / (k - 1)
    return out


def numpy_six(p: Doubles, q: Doubles, offsets: Offsets) -> Doubles:
    """Compute six metrics: rows of one length together, column by column."""
    out = np.empty((6, offsets.size - 1))
    for k, rows in by_length(offsets):
        a, b = taken(p, offsets, rows, k).T.copy(), taken(q, offsets, rows, k).T.copy()
        gaps = np.cumsum(a - b, axis=0)[:-1]
        middle = 0.5 * (a + b)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_a, log_b, log_m = np.log2(a), np.log2(b), np.log2(middle)
            shannon = 0.5 * (a * (log_a - log_m) + b * (log_b - log_m)).sum(axis=0)
            out[3, rows] = (a * (log_a - log_b)).sum(axis=0)
        out[0, rows] = 1 - np.abs(gaps).sum(axis=0) / (k - 1)
        out[1, rows] = 0.5 * np.abs(a - b).sum(axis=0)
        out[2, rows] = np.sqrt(np.maximum(shannon, 0))
        out[4, rows] = np.sqrt(0.5 * ((np.sqrt(a) - np.sqrt(b)) ** 2).sum(axis=0))
        out[5, rows] = (gaps**2).sum(axis=0) / (k - 1)
    return out


def numba_alignment(p: Doubles, q: Doubles, offsets: Offsets) -> Callable[[], Any] | None:
    try:
        import numba
    except ImportError:
        return None

    @numba.njit(parallel=True)
    def run(p: Doubles, q: Doubles, offsets: Offsets) -> Doubles:
        out = np.empty(offsets.size - 1)
        for i in numba.prange(offsets.size - 1):
            gap = area = 0.0
            for j in range(offsets[i], offsets[i + 1] - 1):
                gap += p[j] - q[j]
                area += abs(gap)
            out[i] = 1 - area / (offsets[i + 1] - offsets[i] - 1)
        return out

    return lambda: run(p, q, offsets)


def numba_six(p: Doubles, q: Doubles, offsets: Offsets) -> Callable[[], Any] | None:
    try:
        import numba
    except ImportError:
        return None

    @numba.njit(parallel=True)
    def run(p: Doubles, q: Doubles, offsets: Offsets) -> Doubles:
        out = np.empty((6, offsets.size - 1))
        for i in numba.prange(offsets.size - 1):
            gap = area = square = total = shannon = leibler = root = 0.0
            for j in range(offsets[i], offsets[i + 1]):
                a, b = p[j], q[j]
                if j < offsets[i + 1] - 1:
                    gap += a - b
                    area += abs(gap)
                    square += gap * gap
                m = 0.5 * (a + b)
                total += abs(a - b)
                if a > 0:
                    shannon += 0.5 * a * np.log2(a / m)
                    leibler += a * np.log2(a / b)
                if b > 0:
                    shannon += 0.5 * b * np.log2(b / m)
                root += (np.sqrt(a) - np.sqrt(b)) ** 2
            steps = offsets[i + 1] - offsets[i] - 1
            out[0, i] = 1 - area / steps
            out[1, i] = 0.5 * total
            out[2, i] = np.sqrt(max(shannon, 0.0))
            out[3, i] = leibler
            out[4, i] = np.sqrt(0.5 * root)
            out[5, i] = square / steps
        return out

    return lambda: run(p, q, offsets)


def pot_alignment(p: Doubles, q: Doubles, offsets: Offsets, part: int) -> Callable[[], Any] | None:
    """Run POT's batched one-dimensional distance on every `part`-th row."""
    try:
        import ot
    except ImportError:
        return None

    def run() -> None:
        for k, rows in by_length(offsets):
            few = rows[::part]
            places = np.tile(np.linspace(0, 1, k)[:, None], few.size)
            a, b = taken(p, offsets, few, k).T, taken(q, offsets, few, k).T
            ot.wasserstein_1d(places, places, a, b)

    return run


def scipy_loop(p: Doubles, q: Doubles, offsets: Offsets, n: int) -> list[float]:
    out = []
    for start, end in pairwise(offsets[: n + 1]):
        x = np.arange(end - start)
        distance = stats.wasserstein_distance(x, x, p[start:end], q[start:end])
        out.append(1 - distance / (end - start - 1))
    return out


def popfidelity_alignment(p: Doubles, q: Doubles) -> Callable[[], Any] | None:
    try:
        from popfidelity.alignment import opinionqa_alignment
    except ImportError:
        return None
    return lambda: opinionqa_alignment(p, q)


def numpy_bootstrap(scores: Doubles, draws: int) -> Doubles:
    n = scores.shape[1]
    chosen = np.random.default_rng(0).integers(0, n, (draws, n))
    weights = np.zeros((draws, n))
    np.add.at(weights, (np.arange(draws)[:, None], chosen), 1 / n)
    return np.quantile(scores @ weights.T, (0.025, 0.975), axis=1)


def scipy_bootstrap(scores: Doubles, draws: int) -> None:
    for row in scores:
        stats.bootstrap((row,), np.mean, n_resamples=draws, method="BCa", rng=0)


def arch_bootstrap(scores: Doubles, draws: int) -> Callable[[], Any] | None:
    try:
        from arch.bootstrap import IIDBootstrap
    except ImportError:
        return None

    def run() -> None:
        for row in scores:
            IIDBootstrap(row, seed=0).conf_int(np.mean, draws, method="bca")

    return run


def numpy_respondents(
    codes: NDArray[np.uint8], options: list[int], cumulative: list[Doubles], draws: int
) -> Doubles:
    """Draw the respondents of one country and wave: all draws at once, as a matrix product."""
    n = codes.shape[1]
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(n, np.full(n, 1 / n), draws).astype(np.float32)
    out = np.zeros((cumulative[0].shape[0], draws))
    for item, k in enumerate(options):
        answered = (codes[item][:, None] <= np.arange(k - 1)).astype(np.float32)
        human = (drawn @ answered).astype(float) / n
        for model, steps in enumerate(cumulative[item]):
            out[model] += 1 - np.abs(human - steps[:-1]).sum(axis=1) / (k - 1)
    return out / len(options)
