"""Shrunken replicates against a slow twin in NumPy, and what they promise."""

from __future__ import annotations

import numpy as np
import pytest

import doxa
from doxa.score import score_batch, score_sample

LEVELS = np.arange(1, 23)
"""Of the twin: as in ``rust/resample/shrink/prior.rs``."""


def mixtures() -> tuple[np.ndarray, np.ndarray]:
    rows, priors = [], []
    for zeros, of_zeros in ((0.0, 3.0), (0.1, 1.0)):
        for left, of_left in ((0.4, 4.0), (2.0, 2.0), (5.0, 0.5)):
            for right in (0.4, 1.5):
                for mode in LEVELS:
                    away = (LEVELS - mode) * np.log(2)
                    bump = np.exp(-0.5 * (away / np.where(mode > LEVELS, left, right)) ** 2)
                    rows.append(np.r_[zeros, (1 - zeros) * bump / bump.sum()])
                    priors.append(of_zeros * of_left)
    prior = 0.95 * np.array(priors) / np.sum(priors)
    return np.vstack([rows, np.eye(1, 23)]), np.r_[prior, 0.05]


def twin(model: np.ndarray, human: np.ndarray, n: int, n_resamples: int, seed: int) -> np.ndarray:
    """Draw guesses at the true mean alignment of one group, from multinomial respondents."""
    random = np.random.default_rng(seed)
    items, options = human.shape
    people, answers = (np.cumsum(x, axis=1)[:, :-1].ravel() for x in (human, model))
    drawn = random.multinomial(n, human, (n_resamples, items)) / n
    noise = (np.cumsum(drawn, axis=2)[:, :, :-1].reshape(n_resamples, -1)) - people
    square = (noise**2).mean(axis=0)
    rows = np.repeat(np.arange(items), options - 1)
    spread = people * (1 - people)
    overall = square.sum() / (spread.sum() + 0.05)
    effect = np.array([
        (square[rows == i].sum() + 0.05 * overall) / (spread[rows == i].sum() + 0.05)
        for i in range(items)
    ])  # fmt: skip
    equal = answers * (1 - answers) * effect[rows]
    apart = people - answers
    near = np.clip(1 - np.abs(apart) / np.sqrt(equal) / 4, 0, 0.5)
    variance = near * equal + (1 - near) * square
    squares = noise**2 / variance
    power = min(1.0, squares.var(axis=0).sum() / squares.sum(axis=1).var())
    lowest = 0.03 * variance.mean()
    ratio = max(2.0, (4 * (apart**2).max() / lowest) ** (1 / 21))
    levels = np.r_[0.0, lowest * ratio ** np.arange(22)]
    total = levels + variance[:, None]
    logs = -0.5 * (np.log(total) + (apart**2)[:, None] / total)
    likelihoods = np.exp(logs - logs.max(axis=1, keepdims=True))
    weights, prior = mixtures()
    posterior = np.log(prior) + power * np.log(weights @ likelihoods.T + 1e-300).sum(axis=1)
    posterior = np.exp(posterior - posterior.max())
    chosen = random.choice(prior.size, n_resamples, p=posterior / posterior.sum())
    pull = np.empty((n_resamples, apart.size))
    for replicate, mixture in enumerate(chosen):
        uniform = random.random(items)[rows]
        chances = np.cumsum(weights[mixture] * likelihoods, axis=1)
        place = (chances <= (uniform * chances[:, -1])[:, None]).sum(axis=1)
        pull[replicate] = levels[place] / (levels[place] + variance)
    far = np.abs(pull * apart + np.sqrt(pull) * noise)
    return 1 - far.sum(axis=1) / items / (options - 1)


def made(seed: int, items: int, nearness: float) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    people, others = random.dirichlet(np.full(4, 2.0), (2, items))
    return people, (1 - nearness) * people + nearness * others


@pytest.mark.parametrize(("nearness", "n"), [(0.0, 200), (0.1, 200), (0.15, 900), (0.7, 200)])
def test_replicates_are_those_of_a_slow_twin(nearness: float, n: int) -> None:
    people, model = made(1, 12, nearness)
    human = np.random.default_rng(2).multinomial(n, people) / n
    options = {"resample": "respondents", "n_resamples": 3000, "human_n": np.full(12, float(n))}
    found = score_batch(model, human, **options).replicates()[0]
    expected = twin(model, human, n, 3000, 3)
    assert found.mean() == pytest.approx(expected.mean(), abs=0.15 * expected.std())
    marks = (0.025, 0.25, 0.75, 0.975)
    spread = np.quantile(expected, 0.975) - np.quantile(expected, 0.025)
    np.testing.assert_allclose(
        np.quantile(found, marks), np.quantile(expected, marks), atol=0.07 * spread
    )


def covered(seed: int, nearness: float, resample: object = "respondents") -> float:
    """Share of 60 intervals that hold the truth: 20 items, 200 respondents."""
    items, trials = 20, 60
    people, model = made(seed, items * trials, nearness)
    human = np.random.default_rng(seed).multinomial(200, people) / 200
    truth = score_batch(
        model, people, groups=np.repeat(range(trials), items)
    ).groups["estimate"]  # fmt: skip
    found = score_batch(
        model, human, groups=np.repeat(range(trials), items), resample=resample,  # type: ignore[arg-type]
        human_n=np.full(items * trials, 200.0), n_resamples=300,
    ).groups  # fmt: skip
    assert (found["high"] <= 1).all()
    held = (found["low"] <= truth + 1e-12) & (truth <= found["high"] + 1e-12)
    return float(held.mean())  # type: ignore[arg-type]


@pytest.mark.parametrize("nearness", [0.0, 0.1, 0.3, 0.7])
def test_intervals_hold_the_truth_at_the_kink_and_beyond(nearness: float) -> None:
    assert covered(4, nearness) >= 0.87


def test_far_from_people_they_are_the_bootstraps_own() -> None:
    people, model = made(5, 10, 1.0)
    options = {"resample": "respondents", "human_n": np.full(10, 1e6), "n_resamples": 400}
    usual = score_batch(model, people, **options).groups.row(0, named=True)
    plain = score_batch(model, people, method="basic", **options).groups.row(0, named=True)
    width = plain["high"] - plain["low"]
    assert usual["low"] == pytest.approx(plain["low"], abs=0.15 * width)
    assert usual["high"] == pytest.approx(plain["high"], abs=0.15 * width)


def test_whole_respondents_and_counts_agree_where_answers_are_independent() -> None:
    random = np.random.default_rng(6)
    people, model = made(6, 8, 0.15)
    answers = np.stack([random.choice(4, 400, p=p) for p in people], axis=1)
    shares = np.stack([(answers == k).mean(axis=0) for k in range(4)], axis=1)
    whole = score_sample(model, answers, items=range(8), n_options=[4] * 8).groups
    counted = score_batch(model, shares, resample="respondents", human_n=np.full(8, 400.0)).groups
    width = (counted["high"] - counted["low"])[0]
    for name in ("low", "high"):
        assert whole[name][0] == pytest.approx(counted[name][0], abs=0.15 * width)


def test_replicates_do_not_depend_on_threads_rows_or_other_metrics() -> None:
    people, model = made(7, 30, 0.2)
    groups, items = np.repeat(["a", "b", "c"], 10), np.tile(range(10), 3)
    options = {"resample": ("items", "respondents"), "n_resamples": 70}
    order = np.random.default_rng(8).permutation(30)
    first = doxa.score_batch(
        model, people, groups=groups, items=items, human_n=np.full(30, 90.0), n_threads=1, **options
    )
    again = doxa.score_batch(
        model[order], people[order], groups=groups[order], items=items[order],
        human_n=np.full(30, 90.0), metrics=("hellinger", "alignment"), **options,
    )  # fmt: skip
    found = dict(zip(again.groups["group"].unique(maintain_order=True), again.replicates(),
                     strict=True))  # fmt: skip
    for name, row in zip("abc", first.replicates(), strict=True):
        np.testing.assert_array_equal(found[name], row)


def test_one_side_without_noise_stays_as_it_is() -> None:
    shares = np.array([[0.0, 1.0], [0.5, 0.5]])
    found = score_batch(
        shares, shares[::-1], resample="respondents", human_n=[50.0, 50.0], n_resamples=20
    ).replicates()
    assert ((found > 0.3) & (found < 0.7)).all()
    unanimous = score_batch(
        [[0.25, 0.75]], [[0.0, 1.0]], resample="respondents", human_n=[50.0], n_resamples=20
    )
    np.testing.assert_allclose(unanimous.replicates(), 0.75)
