"""Intervals where respondents are drawn, alone or with the items: a part of `calibration.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
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
    sampled,
)  # fmt: skip
from scipy.special import ndtr

from doxa.score import score_batch, score_sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SPREAD = 0.6
"""Of the logarithms of weights: a design effect of 1.43."""


def weighted(random: np.random.Generator, shares: Array, n: int) -> tuple[Array, Array]:
    """Draw n respondents with weights: their shares, and how many they are worth."""
    weights = random.lognormal(0.0, SPREAD, (len(shares), n))
    answers = (random.random((len(shares), n, 1)) > np.cumsum(shares, axis=1)[:, None, :-1]).sum(2)
    found = np.stack([(weights * (answers == k)).sum(axis=1) for k in range(OPTIONS)], axis=1)
    total = weights.sum(axis=1)
    return found / total[:, None], total**2 / (weights**2).sum(axis=1)


def respondents(trials: int) -> None:
    """Draw respondents; every trial has items of its own, which are all there are."""
    columns = ("items", "respondents", "model", "weights", "method", *MISSES)
    head("Respondents drawn again, from counts", *columns)
    for n_items in (5, 10, 36, 144):
        for n in (100, 300, 1000, 3000):
            for name, noise in NEARNESS.items():
                for weights in (False, True) if n_items == 36 and n <= 1000 else (False,):
                    _respondents(n_items, n, (name, noise), weights, trials)


def _respondents(
    n_items: int, n: int, model_of: tuple[str, tuple[float, float]], weights: bool, trials: int
) -> None:
    name, noise = model_of
    hits = {method: Hits() for method in ("basic", "shrunken")}
    draw = np.random.default_rng(n_items + n)
    for seed, size in blocks(max(trials // (8 if n_items > 36 else 2), 10)):
        model, human = item_population(draw, n_items * size, noise)
        truth = alignment(model, human).reshape(size, n_items).mean(axis=1)
        if weights:
            drawn, sizes = weighted(draw, human, n)
        else:
            drawn, sizes = sampled(draw, human, n), np.full(len(human), float(n))
        for method, hit in hits.items():
            found = score_batch(
                model, drawn, groups=np.repeat(np.arange(size), n_items), resample="respondents",
                human_n=sizes, method=method, seed=seed,
            ).groups  # fmt: skip
            hit.add(found["low"], found["high"], truth)
    for method, hit in hits.items():
        line(n_items, n, name, "yes" if weights else "no", method, *hit.cells())


def correlated(trials: int) -> None:
    """Draw respondents whose answers are correlated: whole, or from counts."""
    columns = ("items", "respondents", "model", "drawn", *MISSES)
    head("Respondents with correlated answers (a common factor of 0.25)", *columns)
    for n_items, n in ((10, 300), (36, 300), (36, 1000)):
        for name, noise in NEARNESS.items():
            random, hits = np.random.default_rng(n_items + n), [Hits() for _ in range(3)]
            for trial in range(max(trials // 10, 10)):
                model, human = item_population(random, n_items, noise)
                truth = alignment(model, human).mean()
                ranks = 0.5 * random.normal(size=(n, 1))
                ranks = ranks + np.sqrt(0.75) * random.normal(size=(n, n_items))
                cuts = np.cumsum(human, axis=1)[None, :, :-1]
                answers = (ndtr(ranks)[:, :, None] > cuts).sum(axis=2)
                options: dict[str, Any] = {"n_options": [OPTIONS] * n_items, "seed": trial}
                for method, hit in zip(("basic", "shrunken"), hits, strict=False):
                    found = score_sample(
                        model, answers, items=np.arange(n_items), method=method, **options
                    ).groups
                    hit.add(found["low"], found["high"], truth)
                shares = np.stack([(answers == k).mean(axis=0) for k in range(OPTIONS)], axis=1)
                found = score_batch(
                    model, shares, resample="respondents", human_n=np.full(n_items, n), seed=trial
                ).groups
                hits[2].add(found["low"], found["high"], truth)
            said = ("whole respondents, basic", "whole respondents, shrunken", "counts, shrunken")
            for kind, hit in zip(said, hits, strict=True):
                line(n_items, n, name, kind, *hit.cells())


def both(trials: int) -> None:
    """Draw items and respondents."""
    columns = ("items", "respondents", "model", "drawn", "method", *MISSES)
    head("Items and respondents", *columns)
    random = np.random.default_rng(4)
    for name, noise in NEARNESS.items():
        truth = alignment(*item_population(random, ALL_ITEMS, noise)).mean()
        for n_items, n in ((10, 300), (36, 100), (36, 1000), (144, 300)):
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
