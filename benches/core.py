"""Time the scoring core beside its peers, interleaved in one run.

    python benches/core.py [--quick] [--only ragged,items,...]

The contestants of a workload take turns, round after round, so other work on the machine slows them
equally; medians are compared. Each starts after a pause, and short ones run for a while before they
are timed. Contestants that would take minutes do a part of the work; their time is scaled up and
marked with "~". The newest timings of every workload are kept (`kept.py`), so a long run can be
made in parts.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from typing import TYPE_CHECKING, Any

import core_peers as peers
import numpy as np
import polars as pl
from core_growth import GROWTH
from core_stream import streamed
from core_work import ALIGNMENT, QUESTIONNAIRE, SIX, item_labels, ragged_pairs
from kept import about, keep, kept
from race import Race, Timing, table
from targets import beside

import doxa
from doxa import _core
from doxa.outside.processor import cores

if TYPE_CHECKING:
    from collections.abc import Callable

MILLION = 1_000_000
COUNTRY_WAVES = 198
READING = "reading its bytes, writing 8 MB"


def arrow_lists(values: np.ndarray, offsets: np.ndarray) -> Any:
    import pyarrow as pa

    return pa.LargeListArray.from_arrays(offsets, values)


def read_once(arrays: list[np.ndarray], threads: int) -> Callable[[], None]:
    """Read the arrays' bytes on all threads, as fast as NumPy adds them up."""
    pool = ThreadPoolExecutor(threads)
    parts = [part for array in arrays for part in np.array_split(array, threads)]

    def run() -> None:
        list(pool.map(np.add.reduce, parts))

    return run


def read_and_write(arrays: list[np.ndarray], numbers: int, threads: int) -> Callable[[], None]:
    """Read the arrays' bytes, and write so many numbers to memory that was touched before."""
    pool = ThreadPoolExecutor(threads)
    read = [np.array_split(array, threads) for array in arrays]
    written = np.array_split(np.zeros(numbers), threads)

    def part(number: int) -> None:
        for parts in read:
            np.add.reduce(parts[number])
        written[number].fill(1.0)

    return lambda: list(pool.map(part, range(threads)))


def distances(order: str, threads: int) -> Race:
    lengths = np.resize(QUESTIONNAIRE, MILLION)
    if order == "random":
        lengths = np.random.default_rng(1).integers(2, 11, MILLION)
    p, q, offsets = ragged_pairs(lengths, 2)
    race = Race(f"alignment, 1M ragged pairs, K in {order} order")
    race.add("doxa", lambda: _core.score((p, offsets), (q, offsets), ALIGNMENT, threads=threads))
    race.add(
        "doxa, one thread", lambda: _core.score((p, offsets), (q, offsets), ALIGNMENT, threads=1)
    )
    lists = [pl.Series(pl.from_arrow(arrow_lists(values, offsets))) for values in (p, q)]
    race.add("doxa.score_batch", lambda: doxa.score_batch(*lists, n_threads=threads))
    race.add("reading the bytes", read_once([p, q, offsets], threads))
    race.add(READING, read_and_write([p, q, offsets], MILLION, threads))
    race.add("NumPy, rows by length", lambda: peers.numpy_alignment(p, q, offsets))
    race.add("numba", peers.numba_alignment(p, q, offsets))
    race.add("POT, by length", peers.pot_alignment(p, q, offsets, part=20), 1 / 20)
    race.add("SciPy loop", lambda: peers.scipy_loop(p, q, offsets, 1000), 1000 / MILLION)
    return race


def rectangle(threads: int) -> Race:
    p, q, _ = ragged_pairs(np.full(MILLION, 10), 3)
    p, q = p.reshape(-1, 10), q.reshape(-1, 10)
    race = Race("alignment, 1M x 10")
    race.add("doxa", lambda: _core.score(p, q, ALIGNMENT, threads=threads))
    race.add("doxa.score_batch", lambda: doxa.score_batch(p, q, n_threads=threads))
    race.add("reading the bytes", read_once([p.ravel(), q.ravel()], threads))
    race.add(READING, read_and_write([p.ravel(), q.ravel()], MILLION, threads))
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
    labels, flat = item_labels(rows, items), scores.ravel()

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
    samples = 48

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


def count_bootstrap(threads: int) -> Race:
    """Draw the people behind 144 items anew, from their number alone, and score 42 models."""
    rng = np.random.default_rng(8)
    models, draws, options = 42, 1_000, QUESTIONNAIRE
    people = np.concatenate([np.tile(rng.dirichlet(np.full(k, 2.0)), models) for k in options])
    model = np.concatenate([rng.dirichlet(np.ones(k), models).ravel() for k in options])
    offsets = np.concatenate([[0], np.cumsum(np.repeat(options, models))]).astype(np.int64)
    rows = models * len(options)
    labels = (
        np.tile(np.arange(models, dtype=np.uint32), len(options)),
        np.repeat(np.arange(len(options), dtype=np.uint32), models),
        models,
        len(options),
    )

    def ours() -> None:
        _core.count_replicates(
            (model, offsets),
            (people, offsets),
            ["alignment"],
            labels,
            draw_items=False,
            human_n=np.full(rows, 1500.0),
            model_n=None,
            n_resamples=draws,
            seed=0,
            threads=threads,
        )

    race = Race("bootstrap from counts, 42 models x 144 items x 1000")
    race.add("doxa, a million distances", ours, rows * draws / MILLION)
    return race


def ranked(threads: int) -> Race:
    """Rank groups; a batch keeps its tables, so each turn has a copy."""
    rng = np.random.default_rng(9)
    groups, items = 100, 20_000
    people = np.tile(rng.dirichlet(np.ones(4), items), (groups, 1))
    model = rng.dirichlet(np.ones(4), groups * items)
    names = np.repeat(np.arange(groups), items), np.tile(np.arange(items), groups)

    batch = doxa.score_batch(
        model, people, groups=names[0], items=names[1], resample="items", n_threads=threads
    )
    race = Race(f"ranks, {groups} groups x {items} items")
    race.add("doxa, groups", lambda: copy(batch).groups)
    race.add("doxa, ranks", lambda: copy(batch).ranks())
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
    race.add("doxa._core", often(lambda: _core.score(p, q, ALIGNMENT)), repeats)
    race.add("score_batch", often(lambda: doxa.score_batch(p, q)), repeats)
    race.add("score_batch(...).scores", often(lambda: doxa.score_batch(p, q).scores), repeats)
    race.add(
        "NumPy",
        often(lambda: 1 - np.abs(np.cumsum(p - q, axis=1)[:, :-1]).sum(axis=1) / 3),
        repeats,
    )
    return race


WORKLOADS: dict[str, Callable[[int], Race]] = {
    "ragged": lambda threads: distances("questionnaire", threads),
    "random": lambda threads: distances("random", threads),
    "rectangle": rectangle,
    "six": six_metrics,
    "items": item_bootstrap,
    "respondents": respondent_bootstrap,
    "counts": count_bootstrap,
    "ranks": ranked,
    "pair": lambda _: calls(1),
    "pairs": lambda _: calls(144),
}


def bandwidth(timings: list[Timing]) -> float | None:
    """Return the GB read per second, if that was timed."""
    for row in timings:
        if (row.workload, row.name) == ("alignment, 1M x 10", "reading the bytes"):
            return 2 * MILLION * 10 * 8 / row.median_ms / 1e6
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few rounds of each")
    parser.add_argument(
        "--only", default="", help=f"some of {', '.join([*WORKLOADS, *GROWTH])}, stream"
    )
    parser.add_argument("--threads", type=int, default=0, help="threads of doxa (0: all)")
    options = parser.parse_args()
    threads = options.threads or cores()
    rounds, budget = (3, 2.0) if options.quick else (25, 12.0)
    wanted = options.only.split(",") if options.only else [*WORKLOADS, *GROWTH, "stream"]
    timings: list[Timing] = []
    for name in wanted:
        print(f"timing {name} ...", file=sys.stderr)
        if name == "stream":
            timings += streamed(threads)
        elif name in GROWTH:
            for race in GROWTH[name](threads):
                timings += race.run(rounds, budget / 8)
        else:
            timings += WORKLOADS[name](threads).run(rounds, budget)
    print("; ".join(f"{name} {value}" for name, value in about().items()))
    print(table(timings))
    if (read := bandwidth(timings)) is not None:
        print(f"\nmemory is read at {read:.1f} GB/s")
    keep("core", timings=timings)
    now = kept("core")[about()["instruction_set"]]
    print(f"\n{beside({'core': now}, 'core')}")


if __name__ == "__main__":
    main()
