"""The output of timing a model; speed is not tested."""

from __future__ import annotations

import math

import pytest
from tiny_models import random_model

from doxa.bench import WAYS, ModelTiming, time_model
from doxa.errors import ExperimentError, InvalidArgumentError, ModelError


@pytest.fixture(scope="module")
def timed() -> tuple[ModelTiming, list[str]]:
    """Time a tiny model once; return the result and the messages."""
    said: list[str] = []
    found = time_model(random_model(), language="es", n_items=3, threads=1, tell=said.append)
    return found, said


def test_what_was_asked(timed: tuple[ModelTiming, list[str]]) -> None:
    found, said = timed
    assert (found.model, found.language, found.threads) == (random_model().stem, "es", 1)
    assert (found.asked, found.items) == (3, 144)
    assert found.replies == found.valid == 1 + 3 * (1 + 1 + 2)
    first = f"loaded {random_model().stem}; asking it a first item"
    assert said == [first, *(f"asking it item {number} of 3" for number in (1, 2, 3))]


def test_every_way_has_its_times(timed: tuple[ModelTiming, list[str]]) -> None:
    found, _ = timed
    assert set(found.seconds_per_item) == set(found.run_seconds) == set(WAYS)
    rates = (found.load_seconds, found.prompt_tokens_per_second, *found.seconds_per_item.values())
    assert all(math.isfinite(rate) and rate > 0 for rate in rates)
    for way in WAYS:
        assert found.run_seconds[way] > found.seconds_per_item[way]


def test_what_cannot_be_timed_is_told_in_one_line() -> None:
    with pytest.raises(InvalidArgumentError, match="n_items is 2: give 3 or more"):
        time_model(random_model(), n_items=2)
    with pytest.raises(ExperimentError, match="items = 201: give 1 to 144"):
        time_model(random_model(), n_items=200)
    with pytest.raises(ExperimentError, match="no language 'xx'"):
        time_model(random_model(), language="xx")
    with pytest.raises(ModelError, match="exceeds the 64 tokens"):
        time_model(random_model(context=64))
