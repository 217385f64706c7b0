from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from doxa.errors import InvalidArgumentError
from doxa.score import score_batch, squared_distances

RANDOM = np.random.default_rng(1)
PEOPLE, OTHER = RANDOM.dirichlet(np.full(4, 1.5), (2, 12))


@pytest.mark.parametrize("nearness", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("scale", ["ordinal", "nominal"])
def test_the_estimate_is_unbiased_and_its_interval_holds(nearness: float, scale: str) -> None:
    model = PEOPLE + nearness * (OTHER - PEOPLE)
    truth = score_batch(
        model, PEOPLE, metrics="ranked_probability_score", scale=scale
    ).groups["estimate"][0]  # fmt: skip
    random, trials, n = np.random.default_rng(2), 400, 80
    drawn = random.multinomial(n, np.tile(PEOPLE, (trials, 1))) / n
    replies = random.multinomial(n, np.tile(model, (trials, 1))) / n
    found = squared_distances(
        replies, drawn, np.full(len(drawn), n), model_n=np.full(len(drawn), n), scale=scale,
        groups=np.repeat(np.arange(trials), 12),
    )  # fmt: skip
    error = found["estimate"].std() / np.sqrt(trials)
    assert found["estimate"].mean() == pytest.approx(truth, abs=4 * error)
    assert found["std_error"].mean() == pytest.approx(found["estimate"].std(), rel=0.15)
    held = (found["low"] <= truth + 1e-12) & (truth <= found["high"])
    assert held.mean() >= 0.91
    assert (found["low"] >= 0).all()


def test_other_items_spread_it_as_a_t_test_says() -> None:
    found = squared_distances(OTHER, PEOPLE, np.full(12, 500.0), resample="items")
    one = squared_distances(OTHER, PEOPLE, np.full(12, 500.0), groups=np.arange(12))
    values = one["estimate"].to_numpy()
    assert found["estimate"][0] == pytest.approx(values.mean())
    assert found["std_error"][0] == pytest.approx(values.std() / np.sqrt(12))
    wide = squared_distances(
        [[0.5, 0.0, 0.5]] * 2, [[0.2, 0.3, 0.5]] * 2, [50.0, 50.0], positions=[0.0, 1.0, 5.0]
    )
    own = squared_distances(
        [[0.5, 0.0, 0.5]] * 2, [[0.2, 0.3, 0.5]] * 2, [50.0, 50.0], positions=[[0.0, 1.0, 5.0]] * 2
    )
    assert wide.equals(own)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"human_n": [1.0]}, "human_n: give one number above 1"),
        ({"resample": "replies"}, "name respondents or items"),
        ({"confidence": 2.0}, "confidence=2.0"),
    ],
)
def test_what_cannot_be_estimated_is_refused(options: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"model": [[0.5, 0.5]], "human": [[0.4, 0.6]], "human_n": [9.0]}
    with pytest.raises(InvalidArgumentError, match=message):
        squared_distances(**given | options)
