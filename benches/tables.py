"""Check the claims of the analysis tables by simulation from known populations.

Run: python benches/tables.py [worlds]

Items are drawn from a population with known means and variances. Each line gives the share of
trials in which a claim of a table was true, with the standard error of that share.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import polars as pl

from doxa.analysis import (
    Settings,
    compare_models,
    leaderboard,
    sample_sizes,
    variance_components,
)
from doxa.questionnaire.item import Item
from doxa.questionnaire.scale import Scale

WORLDS = int(sys.argv[1]) if len(sys.argv) > 1 else 400
RESAMPLES = 500
TWO = Scale("ordinal", (1, 2))


def bank(n_items: int) -> SimpleNamespace:
    names = [f"Q{number}" for number in range(n_items)]
    return SimpleNamespace(items={name: Item(name, "made-up", "two", TWO, {}) for name in names})


def sides(scores: dict[str, np.ndarray]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return frames in which the alignment of a model on item i is scores[model][i]."""
    n = len(next(iter(scores.values())))
    questions = [f"Q{number}" for number in range(n)]
    asked = {"elicitation": "verbalized", "language": "en", "steering": "none", "target": ""}
    model = pl.concat(
        pl.DataFrame({
            "model": name, **asked, "group": "", "reasoning": "off", "question": questions,
            "codes": [[1, 2]] * n, "probabilities": np.stack([1 - score, score], axis=1),
            "off_scale_mass": 0.0, "n_replies": 1,
        })
        for name, score in scores.items()
    ).with_columns(pl.col("probabilities").cast(pl.List(pl.Float64)))  # fmt: skip
    human = pl.DataFrame({
        "survey": "made-up", "wave": 7, "country": "JPN", "question": questions,
        "codes": [[1, 2]] * n, "probabilities": [[0.0, 1.0]] * n, "off_scale_mass": 0.0,
        "n": 1000, "n_effective": 1000.0,
    })  # fmt: skip
    return model, human


def line(what: str, came_true: list[bool], promised: float) -> None:
    share = np.mean(came_true)
    error = np.sqrt(share * (1 - share) / len(came_true))
    print(f"{what:58s} {share:6.3f} ± {error:.3f}   promised {promised:.2f}")


def related(rng: np.random.Generator, n_items: int, shifts: list[float]) -> dict[str, np.ndarray]:
    """Return scores of models that find the same items hard; the means are 0.75 + shift."""
    common = 0.7 * (rng.beta(8, 2, n_items) - 0.8)
    return {
        f"model {k}": np.clip(0.75 + shift + common + rng.normal(0, 0.03, n_items), 0, 1)
        for k, shift in enumerate(shifts)
    }


def simultaneous_intervals() -> None:
    shifts = [0.0, -0.01, -0.02, -0.05, -0.1]
    population = related(np.random.default_rng(1), 2_000_000, shifts)
    means = {name: float(scores.mean()) for name, scores in population.items()}
    for n_items in (40, 144):
        all_held, each_held = [], []
        for world in range(WORLDS):
            model, human = sides(
                related(np.random.default_rng([2, n_items, world]), n_items, shifts)
            )
            drawn = Settings(n_resamples=RESAMPLES, seed=world)
            board = leaderboard(model, human, bank(n_items), settings=drawn)
            held = [
                low <= means[name] <= high
                for name, low, high in board.select("model", "low", "high").iter_rows()
            ]
            all_held.append(all(held))
            each_held += held
        line(f"leaderboard, {n_items} items: all 5 intervals hold", all_held, 0.95)
        line(f"leaderboard, {n_items} items: an interval holds", each_held, 0.95)


def power() -> None:
    shifts = [0.0, -0.02]
    pilot_model, human = sides(related(np.random.default_rng(3), 5000, shifts))
    names = ("model 0", "model 1")
    sizes = sample_sizes(
        pilot_model, human, bank(5000), *names, difference=0.02, settings=Settings(n_resamples=200)
    )
    needed = int(sizes.filter(source="items")["estimate"].item())
    seen = []
    for world in range(WORLDS):
        model, human = sides(related(np.random.default_rng([4, world]), needed, shifts))
        drawn = Settings(n_resamples=RESAMPLES, seed=world)
        test = compare_models(model, human, bank(needed), *names, settings=drawn)
        seen.append(test["p_value"].item() <= 0.05)
    line(f"sample_sizes: {needed} items show a difference of 0.02", seen, 0.8)


def components() -> None:
    truth = {"item": 0.1**2, "country": 0.05**2, "item × country": 0.06**2, "residual": 0.04**2}
    sources = {
        "item": ["question"], "country": ["country"], "item × country": ["question", "country"],
    }  # fmt: skip
    n_items, n_countries, n_draws = 100, 6, 3
    cells = [(i, c) for i in range(n_items) for c in range(n_countries) for _ in range(n_draws)]
    item, country = np.array(cells).T
    keys = pl.DataFrame({"question": item, "country": country}).cast(pl.String)
    held: dict[str, list[bool]] = {name: [] for name in truth}
    found: dict[str, list[float]] = {name: [] for name in truth}
    for world in range(WORLDS):
        rng = np.random.default_rng([5, world])
        sd = {name: np.sqrt(variance) for name, variance in truth.items()}
        crossed = rng.normal(0, sd["item × country"], (n_items, n_countries))
        score = (
            rng.normal(0, sd["item"], n_items)[item]
            + rng.normal(0, sd["country"], n_countries)[country]
            + crossed[item, country]
            + rng.normal(0, sd["residual"], item.size)
        )
        kept = rng.random(item.size) < 0.8
        table = variance_components(
            keys.with_columns(score=score).filter(kept),
            sources=sources, settings=Settings(n_resamples=RESAMPLES, seed=world),
        )  # fmt: skip
        for name, estimate, low, high in table.select(
            "source", "estimate", "low", "high"
        ).iter_rows():
            held[name].append(low <= truth[name] <= high)
            found[name].append(estimate)
    for name, variance in truth.items():
        if name != "country":  # the six countries are fixed: only items are resampled
            line(f"variance of {name}: the interval holds", held[name], 0.95)
        mean, error = np.mean(found[name]), np.std(found[name]) / np.sqrt(WORLDS)
        print(f"{'':4s}mean estimate {mean:.6f} ± {error:.6f}, true {variance:.6f}")


if __name__ == "__main__":
    simultaneous_intervals()
    power()
    components()
