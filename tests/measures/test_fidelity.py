from __future__ import annotations

import numpy as np
import popfidelity
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from doxa.measures import population_fidelity
from doxa.measures.fidelity import geometric_mean
from measures.peer import at_random, shipped

THEIRS = ("score_accuracy", "score_adaptability", "score_structure", "score_center", "pfs")


@pytest.mark.parametrize("data", [shipped, lambda: at_random(120)], ids=["shipped", "random"])
def test_it_agrees_with_popfidelity(data) -> None:
    for survey, model in data():
        ours = population_fidelity(model.shares, survey.shares)
        theirs = popfidelity.score(survey, model, popfidelity.Variant(round_pairs=12))
        expected = [theirs[name] for name in THEIRS]
        assert list(ours[:5]) == pytest.approx(expected, abs=1e-9, nan_ok=True)
        assert ours.binding == theirs["binding_component"]


def test_the_paper_s_example() -> None:
    people = [[p, 1 - p] for p in (0.2, 0.4, 0.6, 0.8)]
    scores = [
        population_fidelity([[p, 1 - p] for p in shares], people)
        for shares in ((0.15, 0.25, 0.35, 0.45), (0, 0.2, 0.4, 0.6))
    ]
    assert [score.binding for score in scores] == ["adaptability", "accuracy"]
    assert [round(score.score, 4) for score in scores] == [0.7368, 0.9283]


def test_cells_that_do_not_differ() -> None:
    people = [[p, 1 - p] for p in (0.2, 0.4, 0.6, 0.8)]
    flat = [[0.5, 0.5]] * 4
    collapsed = population_fidelity(flat, people)
    assert collapsed[1:3] + collapsed[4:] == (0, 0, 0, "adaptability")
    alike = population_fidelity(people, flat)
    assert np.isnan([alike.adaptability, alike.structure, alike.score]).all()
    assert alike.binding == "accuracy"
    one = population_fidelity(flat[:1], people[:1])
    assert np.isnan([one.adaptability, one.structure, one.score]).all()


@example(65, "ordinal")  # its ranks are not correlated at all
@given(st.integers(0, 10_000), st.sampled_from(["ordinal", "nominal"]))
def test_ranges_and_invariances(seed: int, scale: str) -> None:
    rng = np.random.default_rng(seed)
    people, model = rng.dirichlet(np.ones(4), (2, 6))
    found = population_fidelity(model, people, scale=scale)
    assert all(0 <= value <= 1 for value in found[:5])
    order = rng.permutation(6)
    assert population_fidelity(model[order], people[order], scale=scale)[:5] == pytest.approx(
        found[:5]
    )
    assert population_fidelity(people, people, scale=scale)[:5] == pytest.approx([1] * 5)
    if scale == "ordinal":  # a scale may be read from either end
        turned = population_fidelity(model[:, ::-1], people[:, ::-1])
        assert turned[:5] == pytest.approx(found[:5])


def test_a_geometric_mean_is_zero_where_a_part_is() -> None:
    parts = np.array([[0.5, 0.0, np.nan], [0.5, 0.5, 0.5]])
    assert geometric_mean(parts) == pytest.approx([0.5, 0.0, np.nan], nan_ok=True)
