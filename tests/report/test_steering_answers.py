from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from doxa.report.steering_answers import steering_answers

MEAN = {
    "model": "m", "elicitation": "logprobs", "wave": 7, "steering": "persona", "group": "",
    "reasoning": "off", "n_countries": 1, "estimate": 0.0, "low": -0.1, "high": 0.1,
}  # fmt: skip


def said(**changes: object) -> str:
    [[sentence]] = steering_answers(pl.DataFrame(MEAN | changes, strict=False)).values()
    return sentence


@given(st.floats(-0.2, 0.2), st.floats(0, 0.1), st.floats(0, 0.1))
def test_it_is_sure_only_where_the_interval_leaves_zero_out(
    estimate: float, below: float, above: float
) -> None:
    low, high = estimate - below, estimate + above
    text = said(estimate=estimate, low=low, high=high)
    assert ("it comes closer to the country named, by" in text) == (low > 0)
    assert ("moves away from" in text) == (high < 0)
    assert text.startswith("Whether") == (low <= 0 <= high)


def test_without_an_interval_nothing_is_sure() -> None:
    text = said(estimate=0.01, low=None, high=None)
    assert text.endswith("by +0.010; how surely was not computed.")


def test_each_model_has_its_own_and_the_sure_come_first() -> None:
    rows = [
        MEAN,
        MEAN | {"steering": "few-shot", "low": 0.01, "estimate": 0.02, "n_countries": 3},
        MEAN | {"model": "other", "group": "sex=female", "reasoning": "512"},
    ]
    found = steering_answers(pl.DataFrame(rows))
    assert list(found) == ["m\nlogprobs\n7", "other\nlogprobs\n7"]
    first, second = found["m\nlogprobs\n7"]
    assert first.startswith("With examples, it comes closer to the 3 countries named")
    assert second.startswith("Whether it comes closer to the country named with persona cannot")
    assert "persona of sex=female, thinking, up to 512 tokens" in found["other\nlogprobs\n7"][0]
    assert steering_answers(None) == {}
