from __future__ import annotations

import numpy as np
import pytest

from doxa.analysis.parts.cultural_scale import ITEMS, CulturalScale, cultural_scale
from doxa.questionnaire import QuestionBank

SCALE = cultural_scale()
BANK = QuestionBank.load()


def test_means_run_from_the_lower_end_of_a_dimension_to_its_upper_end() -> None:
    of = CulturalScale.item_mean
    assert of(BANK.items["Q57"], np.array([1.0, 0.0])) == (1.0, 0.0)
    assert of(BANK.items["Q45"], np.array([0.0, 0.0, 1.0])) == (1.0, 0.0)
    mean, variance = of(BANK.items["Q182"], np.array([0.5, *[0.0] * 8, 0.5]))
    assert (mean, variance) == (0.5, 0.25)


def test_the_fit_is_that_of_least_squares_left_out_one_by_one() -> None:
    # by refitting without each country, from the same numbers
    assert SCALE.n_countries == 47
    np.testing.assert_allclose(SCALE.fit, [0.948, 0.953], atol=1e-3)
    np.testing.assert_allclose(SCALE.error, [0.315, 0.296], atol=1e-3)
    assert (SCALE.weights[0, 3:] == 0).all()
    assert (SCALE.weights[1, :3] == 0).all()
    assert (SCALE.weights[[0, 0, 0, 1, 1, 1], range(6)] > 0).all()


def test_errors_are_those_of_a_simulation() -> None:
    rng = np.random.default_rng(1)
    means = SCALE.mean[None, :].copy()
    variances = np.full((1, 6), 0.01**2)
    place = SCALE.place(means, variances)
    drawn = SCALE.place(means + 0.01 * rng.standard_normal((20_000, 6)), np.zeros((20_000, 6)))
    found = np.cov(drawn.coordinates.T)
    np.testing.assert_allclose(place.covariance[0], found, rtol=0.05, atol=2e-5)


def test_a_missing_item_is_filled_in_by_its_conditional_expectation() -> None:
    rng = np.random.default_rng(2)
    z = rng.multivariate_normal(np.zeros(6), SCALE.correlation, 200_000)
    means = SCALE.mean + SCALE.deviation * z
    gone = [*ITEMS].index("Q164")
    with_gap = means[:400].copy()
    with_gap[:, gone] = np.nan
    place = SCALE.place(with_gap, np.zeros((400, 6)))
    # the slow way: regress the whole place on the five other items
    whole = SCALE.constant + z @ SCALE.weights.T
    others = np.delete(z, gone, axis=1)
    slopes, *_ = np.linalg.lstsq(np.column_stack([np.ones(len(z)), others]), whole, rcond=None)
    design = np.column_stack([np.ones(400), others[:400]])
    np.testing.assert_allclose(place.coordinates, design @ slopes, atol=0.01)
    left = whole - np.column_stack([np.ones(len(z)), others]) @ slopes
    assert place.covariance[0, 0, 0] == pytest.approx(left[:, 0].var(), rel=0.02)
    assert place.covariance[0, 1, 1] == pytest.approx(0.0, abs=1e-12)


def test_a_dimension_needs_two_of_its_items() -> None:
    means = SCALE.mean[None, :].copy()
    means[0, 1:3] = np.nan
    place = SCALE.place(means, np.zeros((1, 6)))
    assert np.isnan(place.coordinates[0, 0])
    assert not np.isnan(place.coordinates[0, 1])
    nothing = SCALE.place(np.full((1, 6), np.nan), np.zeros((1, 6)))
    assert np.isnan(nothing.coordinates).all()
