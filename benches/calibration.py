"""Check the coverage of intervals, tests and verdicts by simulation from known populations.

    python benches/calibration.py [--trials 2000 | --quick]
        [--part items respondents correlated both paired few normalised tests verdicts]

Every trial draws items, respondents or both from a population whose true score is known, and
asks doxa for an interval. Each block of trials has its own seed, so that the randomness of the
bootstrap averages out. The tables are Markdown, for docs/explanation/uncertainty.md.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from calibration_people import both, correlated, respondents
from calibration_populations import (
    ALL_ITEMS,
    MISSES,
    NEARNESS,
    OPTIONS,
    Hits,
    alignment,
    blocks,
    head,
    item_population,
    line,
)  # fmt: skip
from calibration_tests import few, paired, tests, verdicts

from doxa.analysis.parts.uniform import normalised_score, ratio_of_means
from doxa.score import item_weights, score_batch
from doxa.score.intervals import quantile_intervals
from doxa.score.means import summarise_means

QUICK = 100
"""Trials of a run that only shows that every part works."""


def items(trials: int) -> None:
    """Draw items; the shares are known exactly."""
    head("Items drawn again", "items", "model", "method", *MISSES)
    random = np.random.default_rng(1)
    for n_items in (10, 20, 36, 144):
        for name, noise in [*NEARNESS.items()][:3]:
            truth = alignment(*item_population(random, ALL_ITEMS, noise)).mean()
            for method in ("percentile", "basic", "bias_corrected", "bca", "studentized"):
                draw, hits = np.random.default_rng(n_items), Hits()
                for seed, size in blocks(trials):
                    model, human = item_population(draw, n_items * size, noise)
                    groups = np.repeat(np.arange(size), n_items)
                    found = score_batch(
                        model, human, groups=groups, resample="items", method=method, seed=seed
                    ).groups
                    hits.add(found["low"], found["high"], truth)
                line(n_items, name, method, *hits.cells())


def normalised(trials: int) -> None:
    """Draw items; the score is placed between equal shares and a known ceiling."""
    head("Normalised scores, items drawn again", "items", "score", "method", *MISSES)
    even, ceiling = np.full(OPTIONS, 1 / OPTIONS), 0.985
    for n_items in (10, 20, 36, 144):
        for noise in [*NEARNESS.values()][:3]:
            draw = np.random.default_rng(n_items)
            model, human = item_population(draw, ALL_ITEMS, noise)
            level = alignment(even, human).mean()
            truth = float(normalised_score(alignment(model, human).mean(), level, ceiling))
            hits = {"percentile": Hits(), "linearised, studentised": Hits()}
            for seed in range(trials):
                model, human = item_population(draw, n_items, noise)
                level = alignment(even, human)[None]
                above, room = alignment(model, human)[None] - level, ceiling - level
                _, parts = ratio_of_means(above, room)
                weights = item_weights(n_items, n_resamples=1000, seed=seed).T
                drawn = (above @ weights) / (room @ weights)
                found = summarise_means(
                    parts, drawn, resample=("items",), n_resamples=1000, confidence=0.95, seed=seed
                )
                ends = quantile_intervals(drawn, 0.95)
                hits["percentile"].add(*ends, truth)
                hits["linearised, studentised"].add(found["low"], found["high"], truth)
            for method, hit in hits.items():
                line(n_items, f"{truth:.2f}", method, *hit.cells())


PARTS = {
    part.__name__: part
    for part in (items, respondents, correlated, both, paired, few, normalised, tests, verdicts)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} trials")
    parser.add_argument("--part", nargs="*", choices=list(PARTS), default=list(PARTS))
    options = parser.parse_args()
    for name in options.part:
        start = time.process_time()
        PARTS[name](QUICK if options.quick else options.trials)
        print(f"\n({name}: {time.process_time() - start:.0f} s of processor time)", flush=True)


if __name__ == "__main__":
    main()
