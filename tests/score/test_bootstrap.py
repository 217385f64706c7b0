from __future__ import annotations

import numpy as np
import pytest

import doxa
from doxa.errors import InvalidArgumentError
from doxa.score.bootstrap import (
    Bootstrap,
    check_draws,
    default_method,
    items_alone,
    resample_sources,
)
from score.made_batches import GROUPS, ITEMS, MODEL, SIZES, scored


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"human_n": None}, "pass human_n="),
        ({"resample": "replies"}, "pass model_n="),
        ({"resample": "people"}, "name some of items, respondents, replies"),
        ({"resample": ()}, "resample is empty"),
        ({"method": "bca"}, "for items alone"),
        ({"method": "shrunken", "resample": "items"}, "needs resampled respondents"),
        ({"method": "jackknife"}, "name one of percentile"),
        ({"method": "delta", "resample": "items"}, "for respondents alone"),
        ({"confidence": 95}, "confidence=95"),
        ({"n_resamples": 0}, "n_resamples=0"),
        ({"n_resamples": 2**62}, "from 1 to 10,000,000"),
        ({"seed": -1}, "seed=-1"),
        ({"n_threads": 0}, "n_threads=0"),
        ({"human_n": SIZES[:3]}, "3 numbers of respondents for 30 rows"),
        ({"human_n": np.where(np.arange(30) == 4, 0.0, SIZES)}, "respondents of row 4 is 0"),
        ({"groups": GROUPS[:3]}, "3 group labels for 30 rows"),
        ({"items": ITEMS[:3]}, "3 item labels for 30 rows"),
        ({"metrics": ["cosine"]}, "'cosine'|\"cosine\""),
        ({"metrics": []}, "no metrics"),
        ({"scale": "interval"}, "neither 'ordinal' nor 'nominal'"),
    ],
)
def test_wrong_options_are_told_by_name(options: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        scored(**options).groups  # noqa: B018


def test_studentized_needs_items_that_err_independently() -> None:
    with pytest.raises(InvalidArgumentError, match='pass method="basic"'):
        scored(resample="respondents", method="studentized")
    answers = np.random.default_rng(8).integers(0, 4, (50, 10))
    drawn = {"items": list(range(10)), "n_options": [4] * 10, "resample": ("items", "respondents")}
    with pytest.raises(InvalidArgumentError, match='pass method="basic"'):
        doxa.score.score_sample(MODEL[:10], answers, method="studentized", **drawn)


def test_sources_stand_in_one_order_and_once() -> None:
    assert resample_sources("replies") == ("replies",)
    assert resample_sources(["replies", "items", "replies"]) == ("items", "replies")
    assert items_alone(resample_sources(["items", "items"]))
    assert not items_alone(("items", "respondents"))


@pytest.mark.parametrize(
    ("sources", "independent", "method"),
    [
        (("items",), True, "studentized"),
        (("items",), False, "studentized"),
        (("items", "respondents"), True, "studentized"),
        (("items", "respondents"), False, "shrunken"),
        (("respondents",), True, "shrunken"),
        (("respondents", "replies"), True, "shrunken"),
    ],
)
def test_the_usual_interval_follows_from_what_is_drawn(
    sources: tuple[str, ...], independent: bool, method: str
) -> None:
    assert default_method(sources, independent_items=independent) == method  # type: ignore[arg-type]
    made = Bootstrap.of(
        sources, None, confidence=0.9, n_resamples=10, seed=1, threads=0,  # type: ignore[arg-type]
        replicate=lambda *_: np.empty(0), independent_items=independent,
    )  # fmt: skip
    assert (made.method, made.sources, made.seed) == (method, sources, 1)


def test_the_ends_of_ranges_are_inside() -> None:
    check_draws(1, 0.001, 2**64 - 1)
    check_draws(np.int64(10_000_000), 0.999, np.uint64(3))  # type: ignore[arg-type]
    for confidence in (0.0, 1.0, float("nan")):
        with pytest.raises(InvalidArgumentError, match="confidence="):
            check_draws(1, confidence, 0)
