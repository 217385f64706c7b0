"""Differences, tests and verdicts: a part of `calibration.py`."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
from calibration_populations import (
    ALL_ITEMS,
    MISSES,
    NEARNESS,
    Hits,
    alignment,
    blocks,
    head,
    item_draws,
    item_population,
    line,
    noisy,
    sampled,
)  # fmt: skip

from doxa.analysis.parts.correction import adjust_p_values
from doxa.score import item_weights, score_batch
from doxa.score.intervals import t_intervals
from doxa.score.means import summarise_means
from doxa.score.student import interval_p_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

THRESHOLD = 0.02


def paired(trials: int) -> None:
    """Compare two models on the same items, against the same respondents."""
    columns = ("items", "respondents", "drawn", "method", *MISSES)
    head("Paired differences of two models", *columns)
    random = np.random.default_rng(5)

    def two(draw: np.random.Generator, n: int) -> tuple[Array, Array, Array]:
        first, human = item_population(draw, n, NEARNESS["0.93"])
        return first, noisy(draw, human, NEARNESS["0.85"]), human

    a, b, q = two(random, ALL_ITEMS)
    truth_of_all = (alignment(a, q) - alignment(b, q)).mean()
    fixed = two(np.random.default_rng(6), 36)
    truth_of_fixed = (alignment(fixed[0], fixed[2]) - alignment(fixed[1], fixed[2])).mean()
    for n_items, n in ((36, 300), (144, 1000)):
        for sources, method in (
            (("items",), "percentile"), (("items",), "bca"), (("items",), "studentized"),
            (("respondents",), "basic"), (("respondents",), "shrunken"),
            (("items", "respondents"), "basic"),
            (("items", "respondents"), "studentized"),
        ):  # fmt: skip
            only_people = "items" not in sources
            if only_people and n_items != 36:
                continue
            draw, hits = np.random.default_rng(n + n_items), Hits()
            for seed, size in blocks(trials // (8 if n_items == 144 else 4)):
                for _ in range(size):
                    first, second, human = fixed if only_people else two(draw, n_items)
                    drawn = sampled(draw, human, n) if "respondents" in sources else human
                    found = score_batch(
                        np.vstack([first, second]), np.vstack([drawn, drawn]),
                        groups=["a"] * n_items + ["b"] * n_items,
                        items=[*range(n_items)] * 2, resample=sources,
                        human_n=np.full(2 * n_items, n), method=method,
                        seed=seed * size + _,
                    ).compare("a", "b")  # fmt: skip
                    hits.add(
                        found["low"], found["high"],
                        truth_of_fixed if only_people else truth_of_all,
                    )  # fmt: skip
            line(n_items, n, " + ".join(sources), method, *hits.cells())


def few(trials: int) -> None:
    """Draw few items with heavy tails: scores of which some are very low, and differences."""
    columns = ("numbers", "items", "method", "coverage %", "mean width", "width, largest of 100")
    head("Few items, heavy tails", *columns)

    def rare(draw: np.random.Generator, n: int) -> Array:
        low, high = draw.beta(2, 6, n), draw.beta(18, 2, n)
        return np.where(draw.random(n) < 0.08, low, high)

    def apart(draw: np.random.Generator, n: int) -> Array:
        return np.clip(draw.standard_t(2, n) * 0.06 - 0.03, -1, 1)

    for name, draws in (("scores, 8 % of them low", rare), ("differences, t of 2", apart)):
        random = np.random.default_rng(1)
        truth = np.mean([draws(random, ALL_ITEMS).mean() for _ in range(10)])
        for n in (5, 9, 20, 36, 144):
            draw = np.random.default_rng(n)
            values = draws(draw, n * trials).reshape(trials, n)
            for method, difference in (("studentised", False), ("Student's t", True)):
                weights = item_weights(n, n_resamples=1000, seed=n)
                found = summarise_means(
                    values, values @ weights.T, resample=("items",), n_resamples=1000, seed=n,
                    confidence=0.95, difference=difference,
                    bounds=(0.0, 1.0) if draws is rare else (-1.0, 1.0),
                )  # fmt: skip
                low, high = found["low"], found["high"]
                held = 100 * float(((low <= truth) & (truth <= high)).mean())
                widths = f"{(high - low).mean():.3f}", f"{np.quantile(high - low, 0.99):.3f}"
                line(name, n, method, held, *widths)


def tests(trials: int) -> None:
    """Count how often any of a family of true null hypotheses is rejected."""
    head(
        "Families of tests without any effect: share with a rejection at 0.05, %",
        "items", "tests", "p-value", "single test", "Holm", "Benjamini–Hochberg",
    )  # fmt: skip
    for n_items in (20, 36, 144):
        for n_tests in (10, 40):
            rejected = {name: np.zeros(3) for name in ("replicates", "t")}
            draw = np.random.default_rng(n_items * n_tests)
            n_families = max(trials, 100)
            for seed in range(n_families):
                # Exchangeable models: their differences have mean 0 for any distribution.
                size = n_items * n_tests
                first, human = item_population(draw, size, NEARNESS["0.85"])
                second = noisy(draw, human, NEARNESS["0.85"])
                difference = alignment(first, human) - alignment(second, human)
                per_test = difference.reshape(n_tests, n_items)
                if seed % 20 == 0:
                    weights = item_draws(draw, n_items)
                replicates = per_test @ weights.T
                fewer = np.minimum((replicates <= 0).sum(axis=1), (replicates >= 0).sum(axis=1))
                error = replicates.std(axis=1, ddof=1)
                low, high = t_intervals(
                    per_test.mean(axis=1), error, 0.95, np.full(n_tests, n_items)
                )
                p_values = {
                    "replicates": np.minimum(1.0, 2 * (fewer + 1) / 1001),
                    "t": interval_p_values(low, high, 0.95, n_items - 1.0),
                }
                for name, p in p_values.items():
                    rejected[name] += (
                        (p <= 0.05).mean(),
                        (adjust_p_values(p, "holm") <= 0.05).any(),
                        (adjust_p_values(p, "benjamini_hochberg") <= 0.05).any(),
                    )
            for name, share in rejected.items():
                line(n_items, n_tests, name, *(float(x) for x in 100 * share / n_families))


def verdicts(trials: int) -> None:
    """Compare the probabilities of verdicts with their frequencies, for gaps of any size."""
    head(
        "Verdicts: probability that the table gives, and share that is true",
        "items", "probability given %", "verdicts", "mean given %", "true %",
    )  # fmt: skip
    for n_items in (36, 144):
        draw = np.random.default_rng(n_items)
        centre = alignment(*item_population(draw, ALL_ITEMS, NEARNESS["0.85"])).mean()
        given, came_true = [], []
        for seed, size in blocks(trials * 2):
            gap = draw.uniform(-0.1, 0.1, size)
            spread = alignment(*item_population(draw, n_items * size, NEARNESS["0.85"]))
            values = gap[:, None] + spread.reshape(size, n_items) - centre
            replicates = values @ item_draws(np.random.default_rng(seed), n_items).T
            under = (replicates < -THRESHOLD).mean(axis=1)
            over = (replicates > THRESHOLD).mean(axis=1)
            given += [under, 1 - under - over, over]
            came_true += [gap < -THRESHOLD, np.abs(gap) <= THRESHOLD, gap > THRESHOLD]
        p, true = np.concatenate(given), np.concatenate(came_true)
        edges = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0001)
        for low, high in itertools.pairwise(edges):
            chosen = (p >= low) & (p < high)
            line(
                n_items, f"{100 * low:.0f} to {min(100.0, 100 * high):.0f}", int(chosen.sum()),
                float(100 * p[chosen].mean()), float(100 * true[chosen].mean()),
            )  # fmt: skip
