from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.made_models import blend, model_from
from doxa.analysis import Settings, country_alignment, leaderboard, wave_alignment
from doxa.analysis.parts.uniform import (
    NO_ROOM,
    normalised_score,
    ratio_of_means,
    uniform_alignment,
)

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

numbers = st.floats(0.0, 1.0)


@pytest.fixture(scope="module")
def human(human: pl.DataFrame) -> pl.DataFrame:
    """Six countries: what is asserted here holds for any, and each costs time."""
    return human.filter(pl.col("country").is_in(["COL", "EGY", "JPN", "NGA", "PAK", "USA"]))


@given(numbers, numbers, numbers)
def test_equal_shares_are_nought_and_the_ceiling_is_one(a: float, b: float, score: float) -> None:
    uniform, ceiling = np.array([min(a, b)]), np.array([max(a, b)])
    found = normalised_score(np.array([score]), uniform, ceiling)
    if ceiling - uniform < 0.02:
        assert np.isnan(found).all()
        return
    assert normalised_score(uniform, uniform, ceiling) == 0
    assert normalised_score(ceiling, uniform, ceiling) == 1
    assert found * (ceiling - uniform) + uniform == pytest.approx(score)


def test_the_parts_of_a_ratio_spread_as_it_does_when_items_are_drawn() -> None:
    rng = np.random.default_rng(3)
    below = rng.uniform(0.1, 0.3, (1, 200))
    above = below * 0.5 + rng.normal(0, 0.05, (1, 200))
    ratio, parts = ratio_of_means(above, below)
    assert parts.mean() == pytest.approx(ratio[0]) == pytest.approx(above.sum() / below.sum())
    weights = rng.multinomial(200, np.full(200, 1 / 200), 4000) / 200
    drawn = (above @ weights.T) / (below @ weights.T)
    assert (parts @ weights.T).std() == pytest.approx(drawn.std(), rel=0.05)


def test_a_table_agrees_with_numbers_made_by_hand(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = model_from(human, "USA")
    row = country_alignment(model, human, bank).row(by_predicate=pl.col("country") == "JPN",
                                                    named=True)  # fmt: skip
    japan = human.filter(wave=7, country="JPN").rename({"probabilities": "probabilities_human"})
    by_hand = []
    for question, shares in japan.select("question", "probabilities_human").iter_rows():
        scale, n = bank.items[question].scale, len(shares)
        if scale.kind == "nominal":
            by_hand.append(1 - sum(abs(share - 1 / n) for share in shares) / 2)
            continue
        x, gap = np.array(scale.positions), np.cumsum(np.array(shares) - 1 / n)[:-1]
        by_hand.append(1 - (np.abs(gap) * np.diff(x)).sum() / (x[-1] - x[0]))
    np.testing.assert_allclose(uniform_alignment(japan, bank), by_hand)
    assert row["uniform"] == pytest.approx(np.mean(by_hand))
    assert row["uniform_gap"] == pytest.approx(row["estimate"] - row["uniform"])
    room = row["ceiling"] - row["uniform"]
    assert row["normalised"] == pytest.approx(row["uniform_gap"] / room)
    assert row["normalised_low"] < row["normalised"] < row["normalised_high"]
    assert row["uniform_gap_low"] < row["uniform_gap"] < row["uniform_gap_high"]


@pytest.mark.parametrize("resample", ["items", "respondents", ("items", "respondents")])
def test_equal_shares_lie_at_nought_and_the_people_at_one(
    human: pl.DataFrame, bank: QuestionBank, resample: str
) -> None:
    settings = Settings(resample=resample, n_resamples=100)  # type: ignore[arg-type]
    even = country_alignment(blend(model_from(human, "USA"), 1.0), human, bank, settings=settings)
    np.testing.assert_allclose(even["uniform_gap"], 0, atol=1e-12)
    for name in ("normalised", "normalised_low", "normalised_high"):
        np.testing.assert_allclose(even[name], 0, atol=1e-9)
    echo = country_alignment(model_from(human, "JPN"), human, bank, settings=settings)
    (own,) = echo.filter(country="JPN")["normalised"]
    assert 1 < own < 1.1  # the ceiling has sampling error on both sides
    assert (echo["normalised_low"] <= echo["normalised_high"]).all()


def test_a_ceiling_beside_equal_shares_leaves_no_normalised_score(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = model_from(human, "USA")
    flat = blend(human.filter(wave=7), 0.99)
    table = country_alignment(model, flat, bank)
    for name in ("normalised", "normalised_low", "normalised_high"):
        assert table[name].is_null().all()
    assert table["note"].str.contains(NO_ROOM, literal=True).all()
    assert table["uniform_gap"].is_not_null().all()
    unknown = human.with_columns(n_effective=pl.lit(None, pl.Float64))
    lacking = country_alignment(model, unknown, bank)
    assert lacking["normalised"].is_null().all()
    assert not lacking["note"].str.contains(NO_ROOM, literal=True).any()


def test_waves_and_the_leaderboard_have_it_too(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = model_from(human, "USA")
    whole = country_alignment(model, human, bank)
    board = leaderboard(model, human, bank).row(0, named=True)
    assert board["uniform"] == pytest.approx(whole["uniform"].mean())
    assert board["uniform_gap_low"] < board["uniform_gap"] < board["uniform_gap_high"]
    room = board["ceiling"] - board["uniform"]
    assert board["normalised"] == pytest.approx((board["estimate"] - board["uniform"]) / room)
    waves = wave_alignment(model, human, bank)
    np.testing.assert_allclose(waves["uniform_gap"], waves["estimate"] - waves["uniform"])
    assert (waves["normalised_low"] < waves["normalised_high"]).all()
