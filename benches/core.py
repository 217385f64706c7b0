"""Time the core beside its peers, interleaved in one run: medians, ratios, bandwidth.

    python benches/core.py [--repeats 7] [--json benches/results/core.json]

Peers that are not installed are left out of the table by name; `make bench` installs them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from scipy import stats
from scipy.spatial.distance import jensenshannon

import doxa

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Jobs = dict[str, Callable[[], Any]]

SIX = (
    "alignment",
    "total_variation",
    "js_divergence",
    "kl_divergence",
    "hellinger",
    "mean_difference",
)


def distributions(random: np.random.Generator, n: int, k: int) -> NDArray[np.float64]:
    rows = random.dirichlet(np.ones(k), n)
    return rows / rows.sum(axis=1, keepdims=True)


def ragged(rows: NDArray[np.float64], lengths: NDArray[np.int64]) -> pl.Series:
    """Cut rows to mixed lengths and normalise, as one list column."""
    kept = np.arange(rows.shape[1]) < lengths[:, None]
    cut = np.where(kept, rows, 0.0)
    cut /= cut.sum(axis=1, keepdims=True)
    flat = pl.DataFrame({"row": np.repeat(np.arange(len(rows)), lengths), "p": cut[kept]})
    return flat.group_by("row", maintain_order=True).agg("p")["p"]


def numpy_alignment(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 - np.abs(np.cumsum(p - q, axis=1))[:, :-1].sum(axis=1) / (p.shape[1] - 1)


def numpy_six(p: NDArray[np.float64], q: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    x = np.arange(p.shape[1])
    m = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        kl = np.where(p > 0, p * np.log2(p / q), 0).sum(axis=1)
        js = (
            np.where(p > 0, p * np.log2(p / m), 0).sum(axis=1)
            + np.where(q > 0, q * np.log2(q / m), 0).sum(axis=1)
        ) / 2
    return [
        numpy_alignment(p, q),
        np.abs(p - q).sum(axis=1) / 2,
        js,
        kl,
        np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum(axis=1) / 2),
        (p - q) @ x,
    ]


def scipy_loop(p: NDArray[np.float64], q: NDArray[np.float64]) -> list[float]:
    x = np.arange(p.shape[1])
    span = p.shape[1] - 1
    pairs = zip(p, q, strict=True)
    return [1 - stats.wasserstein_distance(x, x, a, b) / span for a, b in pairs]


def numpy_bootstrap(scores: NDArray[np.float64], n_resamples: int) -> NDArray[np.float64]:
    random = np.random.default_rng(0)
    n = scores.shape[1]
    weights = random.multinomial(n, np.full(n, 1 / n), n_resamples) / n
    return np.quantile(scores @ weights.T, [0.025, 0.975], axis=1)


def bandwidth() -> float:
    """Measure how fast this machine reads memory, in GB/s, with a sum over 800 MB."""
    block = np.ones(100_000_000)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        block.sum()
        times.append(time.perf_counter() - start)
    return float(block.nbytes / min(times) / 1e9)


def measure(jobs: Jobs, repeats: int) -> dict[str, float]:
    """Run the jobs in turn, `repeats` times over, and give the median seconds of each."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    for _ in range(repeats):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def works(random: np.random.Generator) -> dict[str, tuple[Jobs, dict[str, float]]]:
    """Name the pieces of work: their jobs, and by what to scale jobs done on a part of it."""
    n = 1_000_000
    p, q = distributions(random, n, 10), distributions(random, n, 10)
    lengths = random.integers(2, 11, n)
    ragged_p, ragged_q = ragged(p, lengths), ragged(q, lengths)
    few = 2_000
    rows, items = 2_000, 144
    long_p = distributions(random, rows * items, 4)
    long_q = distributions(random, rows * items, 4)
    groups = np.repeat(np.arange(rows), items)
    item = np.tile(np.arange(items), rows)
    one_p, one_q = p[:1], q[:1]
    found: dict[str, tuple[Jobs, dict[str, float]]] = {
        "alignment, 1,000,000 pairs of 10": (
            {
                "doxa": lambda: doxa.score_batch(p, q),
                "numpy": lambda: numpy_alignment(p, q),
                "scipy loop": lambda: scipy_loop(p[:few], q[:few]),
            },
            {"scipy loop": n / few},
        ),
        "alignment, 1,000,000 ragged pairs of 2 to 10": (
            {
                "doxa": lambda: doxa.score_batch(ragged_p, ragged_q),
                "read the same bytes": lambda: (
                    ragged_p.explode().sum(),
                    ragged_q.explode().sum(),
                ),
            },
            {},
        ),
        "six metrics, 1,000,000 pairs of 10": (
            {
                "doxa": lambda: doxa.score_batch(p, q, metrics=SIX),
                "numpy": lambda: numpy_six(p, q),
                "scipy loop, Jensen–Shannon alone": lambda: [
                    jensenshannon(a, b, 2) for a, b in zip(p[:few], q[:few], strict=True)
                ],
            },
            {"scipy loop, Jensen–Shannon alone": n / few},
        ),
        f"item bootstrap, {rows:,} groups of {items} items, 1,000 resamples, scores included": (
            {
                "doxa": lambda: doxa.score_batch(
                    long_p, long_q, groups=groups, items=item, resample="items"
                ),
                "numpy": lambda: numpy_bootstrap(
                    numpy_alignment(long_p, long_q).reshape(rows, items), 1000
                ),
            },
            {},
        ),
        "one pair": (
            {
                "doxa": lambda: doxa.score_batch(one_p, one_q),
                "numpy": lambda: numpy_alignment(one_p, one_q),
                "scipy": lambda: scipy_loop(one_p, one_q),
            },
            {},
        ),
    }
    jobs = found["alignment, 1,000,000 pairs of 10"][0]
    try:
        numba = import_module("numba")
    except ImportError:
        return found

    @numba.njit(parallel=True)  # type: ignore[untyped-decorator, unused-ignore]
    def compiled(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
        scores = np.empty(len(p))
        for row in numba.prange(len(p)):
            total = difference = 0.0
            for k in range(p.shape[1] - 1):
                difference += p[row, k] - q[row, k]
                total += abs(difference)
            scores[row] = 1 - total / (p.shape[1] - 1)
        return scores

    jobs["numba"] = lambda: compiled(p, q)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path, default=Path("benches/results/core.json"))
    arguments = parser.parse_args()
    versions = {name: version(name) for name in ("doxa", "numpy", "polars", "scipy")}
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    read = bandwidth()
    print(machine)
    print(", ".join(f"{name} {number}" for name, number in versions.items()))
    print(f"one core reads {read:.1f} GB/s")
    results: dict[str, dict[str, float]] = {}
    for work, (jobs, scales) in works(np.random.default_rng(0)).items():
        medians = measure(jobs, arguments.repeats)
        results[work] = {name: s * scales.get(name, 1.0) for name, s in medians.items()}
        print(f"\n{work}")
        for name, seconds in results[work].items():
            ratio = seconds / results[work]["doxa"]
            note = "  (a part, scaled up)" if name in scales else ""
            print(f"  {name:34} {1000 * seconds:12.3f} ms  {ratio:9.2f} x{note}")
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    record = {"machine": machine, "versions": versions, "gb_per_s": read, "seconds": results}
    arguments.json.write_text(json.dumps(record, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
