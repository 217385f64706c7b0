"""Check the coverage of intervals, tests and verdicts by simulation from known populations.

    python benches/calibration.py [--trials 2000]
        [--only items respondents correlated both paired normalised tests verdicts]

Every trial draws items, respondents or both from a population whose true score is known, and
asks `doxa.score_batch` for an interval. Each block of trials has its own seed, so that the
randomness of the bootstrap averages out. The tables are Markdown, for
docs/explanation/uncertainty.md.
"""

from __future__ import annotations

import argparse
import itertools
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from doxa.analysis.parts.correction import adjust_p_values, t_p_values
from doxa.analysis.parts.uniform import normalised_score, ratio_of_means
from doxa.score import item_weights, score_batch, score_sample
from doxa.score.intervals import quantile_intervals
from doxa.score.means import summarise_means

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

OPTIONS = 4
ALL_ITEMS = 400_000
BLOCKS = 10
THRESHOLD = 0.02
Noise = tuple[float, float]
NEARNESS = {"0.85": (0.5, 1.0), "0.93": (0.0, 0.75), "0.97": (0.0, 0.25)}
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

    def add(self, low: Any, high: Any, truth: float) -> None:
        low, high = np.asarray(low, float), np.asarray(high, float)
        self.n += low.size
        self.low += int((low > truth).sum())
        self.high += int((high < truth).sum())
        self.width += float((high - low).sum())

    def cells(self) -> tuple[float, float, float, str]:
        share = 100 / self.n
        held = 100 - (self.low + self.high) * share
        return held, self.low * share, self.high * share, f"{self.width / self.n:.4f}"


MISSES = ("coverage %", "truth below %", "truth above %", "mean width")


def items(trials: int) -> None:
    """Draw items; the shares are known exactly."""
    head("Items drawn again", "items", "model", "method", *MISSES)
    random = np.random.default_rng(1)
    for n_items in (10, 20, 36, 144):
        for name, noise in NEARNESS.items():
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


def respondents(trials: int) -> None:
    """Draw respondents; the items are all there are."""
    columns = ("respondents", "model", "method", *MISSES)
    head("Respondents drawn again, 36 items", *columns)
    for n in (100, 300, 1000):
        for name, noise in NEARNESS.items():
            model, human = item_population(np.random.default_rng(2), 36, noise)
            truth = alignment(model, human).mean()
            for method in ("percentile", "basic", "bias_corrected", "delta"):
                draw, hits = np.random.default_rng(n), Hits()
                for seed, size in blocks(trials // 4):
                    drawn = sampled(draw, np.tile(human, (size, 1)), n)
                    found = score_batch(
                        np.tile(model, (size, 1)), drawn, groups=np.repeat(np.arange(size), 36),
                        items=np.tile(np.arange(36), size), resample="respondents",
                        human_n=np.full(len(drawn), n), method=method, seed=seed,
                    ).groups  # fmt: skip
                    hits.add(found["low"], found["high"], truth)
                line(n, name, method, *hits.cells())


def correlated(trials: int) -> None:
    """Draw respondents whose answers are correlated: whole, or from counts."""
    head("Respondents with correlated answers, 1,000 of them, 36 items", "drawn", *MISSES)
    random = np.random.default_rng(3)
    model, human = item_population(random, 36, NEARNESS["0.85"])
    truth = alignment(model, human).mean()
    cuts = np.cumsum(human, axis=1)
    whole, counted = Hits(), Hits()
    for trial in range(trials // 10):
        trait = random.normal(size=(1000, 1))
        ranks = 0.5 * trait + np.sqrt(0.75) * random.normal(size=(1000, 36))
        uniform = normal_cdf(ranks)
        answers = (uniform[:, :, None] > cuts[None, :, :-1]).sum(axis=2)
        found = score_sample(
            model, answers, items=np.arange(36), n_options=[OPTIONS] * 36, seed=trial
        ).groups
        whole.add(found["low"], found["high"], truth)
        shares = np.stack([(answers == k).mean(axis=0) for k in range(OPTIONS)], axis=1)
        found = score_batch(
            model, shares, resample="respondents", human_n=np.full(36, 1000), seed=trial
        ).groups
        counted.add(found["low"], found["high"], truth)
    line("whole respondents (microdata)", *whole.cells())
    line("item by item (counts)", *counted.cells())


def normal_cdf(x: Array) -> Array:
    from scipy.special import ndtr

    values: Array = ndtr(x)
    return values


def both(trials: int) -> None:
    """Draw items and respondents."""
    columns = ("items", "respondents", "model", "drawn", "method", *MISSES)
    head("Items and respondents", *columns)
    random = np.random.default_rng(4)
    for name, noise in NEARNESS.items():
        truth = alignment(*item_population(random, ALL_ITEMS, noise)).mean()
        for n_items, n in ((36, 300), (36, 1000), (144, 1000)):
            for sources, methods in (
                (("items",), ("studentized",)),
                (
                    ("items", "respondents"),
                    ("percentile", "bias_corrected", "basic", "studentized"),
                ),
            ):
                draw = np.random.default_rng(n + n_items)
                hits = {method: Hits() for method in methods}
                for seed, size in blocks(trials // 4):
                    model, human = item_population(draw, n_items * size, noise)
                    drawn = sampled(draw, human, n)
                    for method, hit in hits.items():
                        found = score_batch(
                            model, drawn, groups=np.repeat(np.arange(size), n_items),
                            resample=sources, human_n=np.full(len(drawn), n), method=method,
                            seed=seed,
                        ).groups  # fmt: skip
                        hit.add(found["low"], found["high"], truth)
                for method, hit in hits.items():
                    line(n_items, n, name, " + ".join(sources), method, *hit.cells())


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
            (("respondents",), "percentile"), (("respondents",), "basic"),
            (("items", "respondents"), "percentile"), (("items", "respondents"), "basic"),
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


def normalised(trials: int) -> None:
    """Draw items; the score is placed between equal shares and a known ceiling."""
    head("Normalised scores, items drawn again", "items", "score", "method", *MISSES)
    even, ceiling = np.full(OPTIONS, 1 / OPTIONS), 0.985
    for n_items in (10, 20, 36, 144):
        for noise in NEARNESS.values():
            draw = np.random.default_rng(n_items)
            model, human = item_population(draw, ALL_ITEMS, noise)
            level = alignment(even, human).mean()
            truth = float(normalised_score(alignment(model, human).mean(), level, ceiling))
            hits = {"percentile": Hits(), "linearised, studentised": Hits()}
            for seed in range(trials):
                model, human = item_population(draw, n_items, noise)
                level = alignment(even, human)[None]
                above, room = alignment(model, human)[None] - level, ceiling - level
                ratio, parts = ratio_of_means(above, room)
                weights = item_weights(n_items, n_resamples=1000, seed=seed).T
                drawn = (above @ weights) / (room @ weights)
                found = summarise_means(
                    parts, drawn, resample=("items",), n_resamples=1000, confidence=0.95, seed=seed
                )
                ends = quantile_intervals(ratio, drawn, ("items",), 0.95)
                hits["percentile"].add(*ends, truth)
                hits["linearised, studentised"].add(found["low"], found["high"], truth)
            for method, hit in hits.items():
                line(n_items, f"{truth:.2f}", method, *hit.cells())


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
            n_families = max(trials // 4, 100)
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
                p_values = {
                    "replicates": np.minimum(1.0, 2 * (fewer + 1) / 1001),
                    "t": t_p_values(per_test.mean(axis=1), error, np.full(n_tests, n_items)),
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


PARTS = {
    part.__name__: part
    for part in (
        items, respondents, correlated, both, paired, normalised, tests, verdicts
    )
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--only", nargs="*", choices=list(PARTS), default=list(PARTS))
    options = parser.parse_args()
    for name in options.only:
        start = time.process_time()
        PARTS[name](options.trials)
        print(f"\n({name}: {time.process_time() - start:.0f} s of processor time)", flush=True)


if __name__ == "__main__":
    main()
