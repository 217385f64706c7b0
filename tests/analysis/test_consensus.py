from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from analysis.made_models import blend, model_from
from doxa.analysis import country_alignment
from doxa.analysis.consensus import consensus_alignment
from doxa.score.means import mean_batch

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


@pytest.fixture(scope="module")
def model(human: pl.DataFrame) -> pl.DataFrame:
    return blend(model_from(human, "USA"), 0.5)


@pytest.fixture(scope="module")
def table(model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    return consensus_alignment(model, human, bank)


def test_the_halves_make_up_the_whole(
    table: pl.DataFrame, model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    whole = country_alignment(model, human, bank)
    for row in whole.iter_rows(named=True):
        first, second, gap = table.filter(country=row["country"]).iter_rows(named=True)
        assert (first["part"], second["part"]) == ("consensus", "divided")
        assert (first["n_items"], second["n_items"], gap["n_items"]) == (72, 72, 144)
        assert first["entropy_most"] <= second["entropy_least"]
        assert first["entropy"] < gap["entropy"] < second["entropy"]
        for name in ("estimate", "uniform", "uniform_gap"):
            assert (first[name] + second[name]) / 2 == pytest.approx(row[name])
            assert gap[name] == pytest.approx(second[name] - first[name])
        assert gap["low"] < gap["estimate"] < gap["high"]
        assert gap["uniform_gap_low"] < gap["uniform_gap"] < gap["uniform_gap_high"]
        assert gap["normalised"] is None
        assert first["normalised_low"] < first["normalised"] < first["normalised_high"]


def test_entropies_are_people_s_own(table: pl.DataFrame, human: pl.DataFrame) -> None:
    shares = human.filter(wave=7, country="JPN")["probabilities"].to_list()
    entropies = [-sum(p * np.log(p) for p in one if p > 0) / np.log(len(one)) for one in shares]
    japan = table.filter(country="JPN")
    assert japan.filter(part="divided")["entropy_most"].item() == pytest.approx(max(entropies))
    assert japan.filter(part="consensus")["entropy_least"].item() == pytest.approx(min(entropies))


def test_equal_shares_gain_on_divided_items(human: pl.DataFrame, bank: QuestionBank) -> None:
    flat = blend(model_from(human, "USA"), 1.0)
    table = consensus_alignment(flat, human, bank)
    gap = table.filter(part="divided − consensus")
    assert (gap["low"] > 0.05).all()
    np.testing.assert_allclose(gap["uniform_gap"], 0, atol=1e-12)


def test_few_items_have_no_interval(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    some = consensus_alignment(model.head(8), human, bank).filter(country="JPN")
    assert some["n_items"].to_list() == [4, 4, 8]
    assert some["low"].is_null().all()
    assert some.row(2, named=True)["note"] == "fewer than five items in a half: no interval"
    one = consensus_alignment(model.head(1), human, bank).filter(country="JPN")
    assert one["part"].to_list() == ["divided", "divided − consensus"]
    assert one["estimate"].to_list()[1] is None


def test_the_interval_of_a_difference_of_halves_holds() -> None:
    """Compare the linearised interval's error with that of two independent means."""
    rng = np.random.default_rng(1)
    first, second = rng.normal(0, 0.1, 40), rng.normal(0.05, 0.3, 60)
    difference = second.mean() - first.mean()
    parts = np.concatenate([
        difference - 100 / 40 * (first - first.mean()),
        difference + 100 / 60 * (second - second.mean()),
    ])  # fmt: skip
    found = mean_batch(pl.DataFrame({"gap": parts}), n_resamples=4000).groups
    assert found["estimate"].item() == pytest.approx(difference)
    error = np.sqrt(first.var() / 40 + second.var() / 60)
    assert found["std_error"].item() == pytest.approx(error, rel=0.05)
