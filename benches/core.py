"""Time the scoring core beside its peers, interleaved in one run.

Usage: python benches/core.py [--quick] [--large] [--json PATH]

Every workload runs its contestants in turn, round after round, so that what else the machine
does falls on all of them; medians are compared. Contestants that would take minutes do a part
of the work, and their time is scaled up to the whole: those are marked with "~".
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import core_peers as peers
import numpy as np
import polars as pl

import doxa
from doxa import _core

if TYPE_CHECKING:
    from collections.abc import Callable

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
MILLION = 1_000_000
COUNTRY_WAVES = 198


@dataclass
class Timing:
    """The median time of one contestant in one workload, in milliseconds."""

    workload: str
    name: str
    median_ms: float
    rounds: int
    scaled: bool = False


@dataclass
class Race:
    """Contestants of one workload, each with the part of the work it does."""

    workload: str
    contestants: dict[str, tuple[Callable[[], Any], float]] = field(default_factory=dict)

    def add(self, name: str, run: Callable[[], Any] | None, part: float = 1.0) -> None:
        """Enter a contestant; None for a peer that is not installed."""
        if run is not None:
            self.contestants[name] = run, part

    def run(self, rounds: int, budget: float) -> list[Timing]:
        """Run all in turn until the rounds or the seconds are used up."""
        times: dict[str, list[float]] = {name: [] for name in self.contestants}
        for run, _ in self.contestants.values():
            run()
        end = time.perf_counter() + budget
        for number in range(rounds):
            for name, (run, _) in self.contestants.items():
                start = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - start)
            if time.perf_counter() > end and number >= 2:
                break
        return [
            Timing(
                self.workload,
                name,
                1e3 * statistics.median(times[name]) / part,
                len(times[name]),
                part < 1,
            )
            for name, (_, part) in self.contestants.items()
        ]


def ragged_pairs(lengths: np.ndarray, seed: int) -> tuple[Any, Any, np.ndarray]:
    rng = np.random.default_rng(seed)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    sides = []
    for _ in range(2):
        values = rng.random(offsets[-1]) + 1e-3
        values /= np.repeat(np.add.reduceat(values, offsets[:-1]), lengths)
        sides.append(values)
    return sides[0], sides[1], offsets


def read_twice(arrays: list[np.ndarray], threads: int) -> Callable[[], None]:
    """Read the arrays' bytes on all threads, as fast as NumPy adds them up."""
    pool = ThreadPoolExecutor(threads)
    parts = [part for array in arrays for part in np.array_split(array, threads)]

    def run() -> None:
        list(pool.map(np.add.reduce, parts))

    return run


def distances(order: str, threads: int) -> Race:
    lengths = np.resize(QUESTIONNAIRE, MILLION)
    if order == "random":
        lengths = np.random.default_rng(1).integers(2, 11, MILLION)
    p, q, offsets = ragged_pairs(lengths, 2)
    race = Race(f"alignment, 1M ragged pairs, K in {order} order")
    race.add("doxa", lambda: _core.score((p, offsets), (q, offsets), threads=threads))
    race.add("doxa, one thread", lambda: _core.score((p, offsets), (q, offsets), threads=1))
    race.add("reading the bytes", read_twice([p, q, offsets], threads))
    race.add("NumPy, rows by length", lambda: peers.numpy_alignment(p, q, offsets))
    race.add("numba", peers.numba_alignment(p, q, offsets))
    race.add("POT, by length", peers.pot_alignment(p, q, offsets, part=20), 1 / 20)
    race.add("SciPy loop", lambda: peers.scipy_loop(p, q, offsets, 1000), 1000 / MILLION)
    return race


def rectangle(threads: int) -> Race:
    p, q, _ = ragged_pairs(np.full(MILLION, 10), 3)
    p, q = p.reshape(-1, 10), q.reshape(-1, 10)
    race = Race("alignment, 1M x 10")
    race.add("doxa", lambda: _core.score(p, q, threads=threads))
    race.add("reading the bytes", read_twice([p.ravel(), q.ravel()], threads))
    race.add("NumPy", lambda: 1 - np.abs(np.cumsum(p - q, axis=1)[:, :-1]).sum(axis=1) / 9)
    race.add("popfidelity", peers.popfidelity_alignment(p, q))
    return race


def six_metrics(threads: int) -> Race:
    p, q, offsets = ragged_pairs(np.resize(QUESTIONNAIRE, MILLION), 4)
    race = Race("six metrics, 1M ragged pairs")
    race.add("doxa", lambda: _core.score((p, offsets), (q, offsets), SIX, threads=threads))
    race.add("NumPy columns", lambda: peers.numpy_six(p, q, offsets))
    race.add("numba", peers.numba_six(p, q, offsets))
    return race


def item_bootstrap(threads: int) -> Race:
    rows, items, draws = 8_316, 144, 1_000
    scores = np.random.default_rng(5).beta(5, 2, (rows, items))
    labels = (
        np.repeat(np.arange(rows, dtype=np.uint32), items),
        np.tile(np.arange(items, dtype=np.uint32), rows),
        rows,
        items,
    )
    flat = scores.ravel()

    def ours(method: str) -> Callable[[], Any]:
        return lambda: _core.item_intervals(
            flat,
            labels,
            n_resamples=draws,
            seed=0,
            method=method,
            confidence=0.95,
            threads=threads,
        )

    race = Race(f"bootstrap of items, {rows} rows x {items} items x {draws}")
    race.add("doxa, BCa", ours("bca"))
    race.add("doxa, percentile", ours("percentile"))
    race.add("doxa, studentised", ours("studentized"))
    race.add("NumPy product and quantile", lambda: peers.numpy_bootstrap(scores, draws))
    race.add("SciPy BCa", lambda: peers.scipy_bootstrap(scores[:8], draws), 8 / rows)
    race.add("arch BCa", peers.arch_bootstrap(scores[:2], draws), 2 / rows)
    return race


def respondent_bootstrap(threads: int) -> Race:
    rng = np.random.default_rng(6)
    people, models, draws = 1_500, 42, 1_000
    options = QUESTIONNAIRE
    codes = np.stack(
        [rng.choice(k, people, p=rng.dirichlet(np.full(k, 2.0))) for k in options]
    ).astype(np.uint8)
    rows = [rng.dirichlet(np.ones(k)) for k in options for _ in range(models)]
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    model = (np.concatenate(rows), offsets)
    labels = (
        np.tile(np.arange(models, dtype=np.uint32), len(options)),
        np.repeat(np.arange(len(options), dtype=np.uint32), models),
        models,
        len(options),
    )
    samples = 6

    def ours(weights: np.ndarray | None) -> Callable[[], None]:
        def run() -> None:
            for sample in range(samples):
                _core.sample_replicates(
                    model,
                    ["alignment"],
                    labels,
                    codes,
                    options,
                    weights=weights,
                    strata=None,
                    clusters=None,
                    draw_items=False,
                    draw_respondents=True,
                    n_resamples=draws,
                    seed=0,
                    sample=sample,
                    threads=threads,
                )

        return run

    race = Race(f"bootstrap of respondents, {COUNTRY_WAVES} x {models} rows x 144 items x {draws}")
    race.add("doxa", ours(None), samples / COUNTRY_WAVES)
    race.add("doxa, weighted", ours(rng.random(people)), samples / COUNTRY_WAVES)
    cumulative = [np.cumsum(rows[i * models : (i + 1) * models], axis=1) for i in range(144)]
    race.add(
        "NumPy, tuned",
        lambda: peers.numpy_respondents(codes, options, cumulative, 100),
        0.1 / COUNTRY_WAVES,
    )
    return race


def calls(n: int) -> Race:
    p, q, _ = ragged_pairs(np.full(n, 4), 7)
    p, q = p.reshape(n, 4), q.reshape(n, 4)
    repeats = 500

    def often(function: Callable[[], Any]) -> Callable[[], None]:
        def run() -> None:
            for _ in range(repeats):
                function()

        return run

    race = Race(f"one call on {n} pair{'s' if n > 1 else ''}")
    race.add("doxa._core", often(lambda: _core.score(p, q)), repeats)
    race.add("score_batch", often(lambda: doxa.score_batch(p, q)), repeats)
    race.add("score_batch(...).scores", often(lambda: doxa.score_batch(p, q).scores), repeats)
    race.add(
        "NumPy",
        often(lambda: 1 - np.abs(np.cumsum(p - q, axis=1)[:, :-1]).sum(axis=1) / 3),
        repeats,
    )
    return race


def growth(largest: int, threads: int) -> Race:
    race = Race("alignment of float32 pairs, K = 2, by number of pairs")
    for n in [10**power for power in range(5, largest + 1)]:
        p = np.full((n, 2), 0.5, np.float32)
        race.add(f"{n:,}", lambda p=p: _core.score(p, p, threads=threads))
    return race


def machine() -> dict[str, str]:
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = f"{names[0].split(':', 1)[1].strip()} x {len(names)}" if names else cpu
    versions = {}
    for library in ("doxa", "numpy", "scipy", "polars", "numba", "POT", "popfidelity", "arch"):
        try:
            versions[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            versions[library] = "not installed"
    return {
        "cpu": cpu,
        "python": platform.python_version(),
        "system": platform.system(),
        **versions,
    }


def report(timings: list[Timing]) -> pl.DataFrame:
    table = pl.DataFrame([asdict(timing) for timing in timings])
    ours = pl.col("median_ms").first().over("workload")
    return table.with_columns((pl.col("median_ms") / ours).alias("ratio"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few rounds of each")
    parser.add_argument("--large", action="store_true", help="grow to 100 million pairs")
    parser.add_argument("--threads", type=int, default=0, help="threads of doxa (0: all)")
    parser.add_argument("--json", type=Path, default=Path("benches/results/core.json"))
    options = parser.parse_args()
    threads = options.threads or len(os_cpus())
    rounds, budget = (3, 2.0) if options.quick else (25, 20.0)
    races: list[Callable[[], Race]] = [
        lambda: distances("questionnaire", threads),
        lambda: distances("random", threads),
        lambda: rectangle(threads),
        lambda: six_metrics(threads),
        lambda: item_bootstrap(threads),
        lambda: respondent_bootstrap(threads),
        lambda: calls(1),
        lambda: calls(144),
        lambda: growth(8 if options.large else 7, threads),
    ]
    timings: list[Timing] = []
    for make in races:
        race = make()
        print(f"timing {race.workload} ...", file=sys.stderr)
        timings += race.run(rounds, budget)
    about = machine()
    print("; ".join(f"{name} {value}" for name, value in about.items()), f"; {threads} threads")
    for (workload,), rows in report(timings).group_by("workload", maintain_order=True):
        print(f"\n{workload}")
        for row in rows.iter_rows(named=True):
            mark = "~" if row["scaled"] else " "
            print(
                f"  {row['name']:<28}{mark}{row['median_ms']:>14,.4f} ms {row['ratio']:>12,.2f} x"
            )
    read = {row.workload: row.median_ms for row in timings if row.name == "reading the bytes"}
    values = 2 * MILLION * 10 * 8
    bandwidth = values / read["alignment, 1M x 10"] / 1e6
    print(f"\nmemory bandwidth, reading: {bandwidth:.1f} GB/s")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(
        json.dumps(
            {
                "machine": about,
                "threads": threads,
                "bandwidth_gb_s": bandwidth,
                "timings": [asdict(timing) for timing in timings],
            },
            indent=1,
        )
    )
    print(f"written to {options.json}", file=sys.stderr)


def os_cpus() -> set[int]:
    import os

    return (
        os.sched_getaffinity(0)
        if hasattr(os, "sched_getaffinity")
        else {*range(os.cpu_count() or 1)}
    )


if __name__ == "__main__":
    main()
