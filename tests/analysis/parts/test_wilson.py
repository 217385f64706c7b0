from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from doxa.analysis.parts.wilson import clustered_shares, wilson_interval


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_it_agrees_with_statsmodels(counted: tuple[int, int]) -> None:
    hits, n = counted
    found = wilson_interval(hits / n, n, 0.9)
    assert found == pytest.approx(proportion_confint(hits, n, alpha=0.1, method="wilson"))


def test_replies_to_one_item_that_agree_are_one() -> None:
    once = pl.DataFrame({"way": "a", "question": ["1", "2", "3", "4"], "hit": [1, 0, 1, 1]})
    thrice = pl.concat([once] * 3)
    one, three = (
        clustered_shares(frame, pl.col("hit") == 1, ["way"], 0.95) for frame in (once, thrice)
    )
    assert one.drop("n").row(0) == pytest.approx(three.drop("n").row(0))
    assert (one["n"].item(), three["n"].item()) == (4, 12)


def test_no_replies_have_no_share() -> None:
    none = pl.DataFrame(schema={"way": pl.String, "question": pl.String, "hit": pl.Boolean})
    assert clustered_shares(none, pl.col("hit"), ["way"], 0.95).is_empty()
