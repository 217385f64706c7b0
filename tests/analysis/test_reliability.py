from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from statsmodels.stats.proportion import proportion_confint

from analysis.made_models import replies_from
from doxa.analysis import country_alignment
from doxa.analysis.opinion import MEASURES
from doxa.analysis.reliability import missing_bounds, reply_reliability
from doxa.distribution import model_distributions
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

STATUSES = ("ok", "refused", "unparsable", "truncated", "error")


def with_status(replies: pl.DataFrame, status: str, questions: list[str]) -> pl.DataFrame:
    gone = pl.col("question").is_in(questions)
    return replies.with_columns(
        status=pl.when(gone).then(pl.lit(status)).otherwise("status"),
        probabilities=pl.when(~gone).then("probabilities"),
        off_option_mass=pl.when(~gone).then("off_option_mass"),
    )


@pytest.fixture(scope="module")
def replies(human: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    whole = replies_from(human, bank, "USA").with_columns(off_option_mass=pl.lit(0.02))
    some = with_status(whole, "refused", [f"Q{n}" for n in range(177, 196)])
    return with_status(some, "unparsable", ["Q1", "Q2"])


def test_shares_have_wilson_intervals(replies: pl.DataFrame, bank: QuestionBank) -> None:
    table = reply_reliability(replies, bank)
    found = {row["measure"]: row for row in table.iter_rows(named=True)}
    assert list(found) == [
        "ok", "refused", "unparsable", "truncated", "error", "off-option mass", *MEASURES,
    ]  # fmt: skip
    assert table["sound"].to_list() == [True] * 13
    for measure, hits in (("ok", 123), ("refused", 19), ("unparsable", 2), ("error", 0)):
        row = found[measure]
        expected = proportion_confint(hits, 144, method="wilson")
        assert row["estimate"] == pytest.approx(hits / 144)
        assert (row["low"], row["high"]) == pytest.approx(expected, abs=1e-12)
        assert (row["n"], row["n_items"]) == (144, 144)
    mass = found["off-option mass"]
    assert (mass["estimate"], mass["n"], mass["n_items"]) == (pytest.approx(0.02), 123, 123)
    assert mass["resampled"] == "items"


def test_replies_to_one_item_that_agree_count_once(
    replies: pl.DataFrame, bank: QuestionBank
) -> None:
    three = pl.concat([replies.with_columns(draw=pl.lit(draw, pl.Int64)) for draw in range(3)])
    once, thrice = (
        reply_reliability(frame, bank).filter(pl.col("measure").is_in(STATUSES))
        for frame in (replies, three)
    )
    for name in ("estimate", "low", "high", "n_items"):
        np.testing.assert_allclose(thrice[name], once[name], atol=1e-12)
    assert thrice["n"].to_list() == [432] * 5


def test_a_value_that_an_elicitation_cannot_measure_is_noted(
    replies: pl.DataFrame, bank: QuestionBank
) -> None:
    unknown = replies.with_columns(off_option_mass=pl.lit(None, pl.Float64))
    row = reply_reliability(unknown, bank).filter(measure="off-option mass").row(0, named=True)
    assert row["estimate"] is None
    assert row["note"] == "no item has a value; this elicitation cannot tell"
    with pytest.raises(NoDataError, match="no replies"):
        reply_reliability(replies.clear(), bank)


def test_bounds_contain_the_score_with_the_missing_replies(
    replies: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    table = missing_bounds(replies, human, bank)
    whole = country_alignment(
        model_distributions(replies_from(human, bank, "USA"), bank), human, bank
    )
    scored = country_alignment(model_distributions(replies, bank), human, bank)
    for row in table.iter_rows(named=True):
        of_country = pl.col("country") == row["country"]
        truth = whole.filter(of_country)["estimate"].item()
        estimate = scored.filter(of_country)["estimate"].item()
        assert row["estimate"] == pytest.approx(estimate, abs=1e-12)
        assert row["lowest"] <= truth <= row["highest"] + 1e-12
        assert row["highest"] == pytest.approx((estimate * 123 + 21) / 144, abs=1e-12)
        assert row["lowest_low"] < row["lowest"] < row["highest"] <= row["highest_high"]
        assert (row["n_items"], row["n_asked"]) == (123, 144)
        assert row["share_missing"] == pytest.approx(21 / 144)


def test_half_the_replies_missing_moves_less_than_all(
    replies: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    other = replies_from(human, bank, "USA", draw=1)
    half = missing_bounds(pl.concat([replies, other]), human, bank)
    all_gone = missing_bounds(replies, human, bank)
    assert half["n_items"].to_list() == [144] * 4
    assert half["share_missing"].to_list() == [21 / 288] * 4
    assert (half["lowest"] > all_gone["lowest"]).all()
    complete = missing_bounds(other, human, bank)
    for bound in ("lowest", "highest"):
        np.testing.assert_allclose(complete[bound], complete["estimate"], atol=1e-12)


def test_nothing_but_refusals_leaves_the_bounds(
    replies: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    refused = with_status(replies, "refused", list(bank.items))
    row = missing_bounds(refused, human, bank).row(0, named=True)
    assert row["estimate"] is row["low"] is None
    assert (row["n_items"], row["highest"]) == (0, 1.0)
    assert 0 < row["lowest"] < 0.5
    assert row["note"] == (
        "no item has a value; every reply is missing: the bounds are all there is"
    )
    with pytest.raises(NoDataError, match="no reply is to an item"):
        missing_bounds(replies.clear(), human, bank)


def test_thoughts_are_counted_by_how_they_ended(bank: QuestionBank) -> None:
    replies = pl.DataFrame({
        "model": "m", "elicitation": "logprobs", "language": "en", "steering": "none",
        "reasoning": ["off", "8", "8", "8", "8"], "question": ["Q1", "Q1", "Q2", "Q3", "Q4"],
        "thought_status": ["none", "cut", "closed", "cut", "left"], "status": "ok",
        "off_option_mass": 0.1, "option_order": "listed", "codes": [[1, 2, 3, 4]] * 5,
        "probabilities": [[0.1, 0.2, 0.3, 0.4]] * 5,
    })  # fmt: skip
    table = reply_reliability(replies, bank)
    assert table.filter(reasoning="off").height == 13
    thought = table.filter(pl.col("measure").str.starts_with("thought"), reasoning="8")
    assert thought.select("measure", "estimate", "n").rows() == [
        ("thought closed", 0.25, 4), ("thought cut", 0.5, 4), ("thought left", 0.25, 4),
    ]  # fmt: skip
