from __future__ import annotations

import numpy as np
import pytest
from popfidelity import dispersion, metrics

from doxa.measures import (
    collision,
    effective_options,
    group_spread,
    modal_share,
    normalised_variance,
    support_collapse,
)
from measures.peer import at_random, shipped


@pytest.mark.parametrize("data", [shipped, lambda: at_random(60)], ids=["shipped", "random"])
def test_they_agree_with_popfidelity(data) -> None:
    for survey, model in data():
        people, answers = survey.shares, model.shares
        variances = [normalised_variance(side) for side in (answers, people)]
        assert variances[1] == pytest.approx(dispersion.normalised_variance(survey), abs=1e-9)
        ratio = np.sqrt(variances[0] / np.where(variances[1] > 0, variances[1], np.nan))
        theirs = metrics.distance(survey, model, "sd_ratio")
        theirs = np.where(variances[1] > 0, theirs, np.nan)
        assert ratio == pytest.approx(theirs, abs=1e-9, nan_ok=True)
        assert effective_options(people) == pytest.approx(
            metrics.effective_categories(people), abs=1e-9
        )
        assert collision(people) == pytest.approx(metrics.collision(people), abs=1e-9)
        assert modal_share(people) == pytest.approx(metrics.modal_concentration(people), abs=1e-9)
        theirs = dispersion.support_collapse(survey, model)
        options, unexpressed = support_collapse(answers, people)
        assert options == pytest.approx(theirs["collapsed_options"].to_numpy())
        assert unexpressed == pytest.approx(theirs["unexpressed_prevalence"].to_numpy(), abs=1e-9)


def test_the_spread_of_groups_agrees_with_popfidelity() -> None:
    for survey, model in at_random(60, seed=1):
        theirs = dispersion.stereotyping(survey, model)
        for side, name in ((survey, "survey"), (model, "model")):
            ours = group_spread(side.shares, weights=side.counts)
            assert ours.eta_squared == pytest.approx(theirs[f"eta_squared_{name}"], abs=1e-9)
            assert ours.cramers_v == pytest.approx(theirs[f"cramers_v_{name}"], abs=1e-9)


def test_the_gap_agrees_with_popfidelity() -> None:
    from popfidelity import FacetFamily, Facets

    for survey, model in at_random(20, seed=2):
        levels = survey.labels
        facets = Facets(levels, (FacetFamily("each", levels, levels),))
        start = survey.shares.shape[1] // 2
        theirs = dispersion.gap_inflation(survey, model, facets, "each", from_option=start)
        for side, name in ((survey, "survey_gap"), (model, "model_gap")):
            ours = group_spread(side.shares, from_option=start)
            assert ours.gap == pytest.approx(theirs[name], abs=1e-9)


def test_ranges_and_extremes() -> None:
    split = group_spread([[1.0, 0.0], [0.0, 1.0]])
    assert split == (0.25, 0.0, 1.0, 1.0, 1.0)
    alike = group_spread([[0.3, 0.7], [0.3, 0.7]])
    assert (alike.between, alike.eta_squared, alike.cramers_v, alike.gap) == (0, 0, 0, 0)
    one_answer = group_spread([[1.0, 0.0], [1.0, 0.0]])
    assert np.isnan([one_answer.eta_squared, one_answer.cramers_v]).all()
    for survey, _ in at_random(30, seed=5):
        found = group_spread(survey.shares)
        assert 0 <= found.between + found.within <= 0.25 + 1e-12
        assert 0 <= found.eta_squared <= 1
        assert 0 <= found.cramers_v <= 1 + 1e-12
        assert effective_options(survey.shares).min() >= 1
        assert effective_options(survey.shares).max() <= survey.shares.shape[1] + 1e-9


def test_the_middle_option_is_in_no_half() -> None:
    assert group_spread([[0.2, 0.8, 0.0], [0.0, 0.6, 0.4]]).gap == pytest.approx(0.4)
