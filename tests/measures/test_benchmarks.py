from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from popfidelity import alignment, metrics
from scipy.stats import binom

from doxa.errors import InvalidArgumentError
from doxa.measures import (
    a_bias,
    consistency,
    gap_closed,
    majority_distance,
    noise_floor,
    simbench_score,
    steerability,
    threshold_curve,
    uniform_distance,
)
from doxa.score import score_batch
from measures.peer import at_random, shipped

DISTANCES = {
    "wasserstein": "emd", "total_variation": "total_variation", "js_divergence": "js_divergence",
    "js_distance": "js_distance", "hellinger": "hellinger",
}  # fmt: skip


@pytest.mark.parametrize("data", [shipped, lambda: at_random(60)], ids=["shipped", "random"])
def test_distances_and_scores_agree_with_popfidelity(data) -> None:
    for survey, model in data():
        people, answers = survey.shares, model.shares
        scores = score_batch(answers, people, metrics=[*DISTANCES, "alignment"]).scores
        for ours, theirs in DISTANCES.items():
            options = {"base": 2.0} if theirs.startswith("js") else {}
            expected = metrics.distance(people, answers, theirs, **options)
            assert scores[ours].to_numpy() == pytest.approx(expected, abs=1e-9)
        aligned = scores["alignment"].to_numpy()
        assert aligned == pytest.approx(alignment.opinionqa_alignment(people, answers), abs=1e-9)
        assert aligned.mean() == pytest.approx(
            alignment.opinionqa_representativeness([(people, answers)]), abs=1e-9
        )
        assert 1 - scores["js_distance"].to_numpy() == pytest.approx(
            alignment.globalopinionqa_similarity(people, answers), abs=1e-9
        )
        theirs = alignment.meister_alignment(people, answers)
        assert uniform_distance(people).mean() == pytest.approx(
            theirs["uniform_baseline"], abs=1e-9
        )
        assert majority_distance(people).mean() == pytest.approx(
            theirs["majority_baseline"], abs=1e-9
        )
        assert simbench_score(answers, people) == pytest.approx(
            alignment.simbench_score(people, answers), abs=1e-7
        )
        apart = 1 - aligned
        curve = alignment.threshold_curve(apart)["share_within"].to_numpy()
        assert threshold_curve(apart) == pytest.approx(curve)
        assert a_bias(answers[0]) == pytest.approx(alignment.a_bias(answers[0]), abs=1e-12)


def test_steerability_and_consistency_agree_with_popfidelity() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        human = rng.dirichlet(np.ones(4), 6)
        steered = rng.dirichlet(np.ones(4), (6, 3))
        alignments = np.array([
            score_batch(ways, np.tile(people, (3, 1))).scores["alignment"]
            for ways, people in zip(steered, human, strict=True)
        ])  # fmt: skip
        theirs = alignment.opinionqa_steerability(human, steered)
        assert steerability(alignments) == pytest.approx(theirs, abs=1e-9)
        by_topic = rng.random((5, 4))
        best, share = alignment.opinionqa_consistency(pd.DataFrame(by_topic))
        assert consistency(by_topic) == (int(best), pytest.approx(share))


@given(st.integers(0, 10_000))
def test_the_noise_floor_is_the_expectation_of_its_samples(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shares, n = rng.dirichlet(np.ones(4)), int(rng.integers(1, 60))
    exact = sum(
        binom(n, below).expect(lambda count, below=below: abs(count / n - below))
        for below in shares.cumsum()[:-1]
    )
    assert noise_floor(shares, n) == pytest.approx(exact, abs=1e-9)
    exact = sum(binom(n, p).expect(lambda count, p=p: abs(count / n - p)) for p in shares) / 2
    assert noise_floor(shares, n, nominal=True) == pytest.approx(exact, abs=1e-9)


def test_the_noise_floor_is_popfidelity_s_but_for_its_draws() -> None:
    shares = [0.1, 0.4, 0.3, 0.2]
    for n in (5, 40, 1000):
        theirs = alignment.subpop_noise_floor(shares, n, draws=20_000)
        assert noise_floor(shares, n) == pytest.approx(theirs, rel=0.02)


def test_ends_of_the_scales() -> None:
    people = np.array([[0.9, 0.1], [0.2, 0.8]])
    assert simbench_score(people, people) == 100
    assert simbench_score(np.full((2, 2), 0.5), people) == 0
    assert np.isnan(simbench_score(people, np.full((2, 2), 0.5)))
    assert gap_closed(0.1, 0.5, 0.1) == 1
    assert gap_closed(0.5, 0.5, 0.1) == 0
    assert np.isnan(gap_closed(0.5, 0.5, 0.5))
    assert gap_closed(0.2, 0.5, 0.1) == pytest.approx(alignment.relative_improvement(0.2, 0.5, 0.1))
    assert noise_floor([1.0, 0.0], 10) == 0
    with pytest.raises(InvalidArgumentError, match="number of respondents"):
        noise_floor([0.5, 0.5], 0)
