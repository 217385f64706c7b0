from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from analysis.made_models import model_from, replies_from
from doxa.analysis import country_alignment
from doxa.analysis.robustness import elicitation_agreement, form_sensitivity, order_effects
from doxa.distribution import model_distributions
from doxa.errors import NoDataError
from doxa.prompt.order import ordered_codes

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

ORDERS = ("listed", "reversed")


def leaning(replies: pl.DataFrame, bank: QuestionBank, place: int, gain: float) -> pl.DataFrame:
    """Move a share of every answer to the option shown at a place, as a biased model would."""
    moved = []
    for question, order, codes, shares in replies.select(
        "question", "option_order", "codes", "probabilities"
    ).iter_rows():
        on_scale = bank.items[question].scale.codes
        shown = [code for code in ordered_codes(bank.items[question], order) if code in on_scale]
        extra = np.array([gain * (code == shown[place]) for code in codes])
        moved.append(((1 - gain) * np.array(shares) + extra).tolist())
    return replies.with_columns(pl.Series("probabilities", moved))


@pytest.fixture(scope="module")
def biased(human: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    both = pl.concat([replies_from(human, bank, "JPN", option_order=order) for order in ORDERS])
    return leaning(both, bank, 0, 0.2)


def test_a_lean_to_the_first_option_is_found(biased: pl.DataFrame, bank: QuestionBank) -> None:
    table = form_sensitivity(biased, bank)
    found = {row["measure"]: row for row in table.iter_rows(named=True)}
    assert list(found) == [
        "distance between forms", "distance between orders", "gain when shown first",
        "gain when shown last",
    ]  # fmt: skip
    # 0.2 goes to the first option: W1 moves it over the whole scale, which is distance 0.2
    assert found["distance between orders"]["estimate"] == pytest.approx(0.2)
    assert found["gain when shown first"]["estimate"] == pytest.approx(0.2, abs=1e-9)
    # with two orders, the option shown last is the one shown first in the other order
    assert found["gain when shown last"]["estimate"] == pytest.approx(-0.2, abs=1e-9)
    assert {row["n_items"] for row in found.values()} == {144}
    assert {row["resampled"] for row in found.values()} == {"items"}


def test_each_factor_of_a_form_is_told_apart(biased: pl.DataFrame, bank: QuestionBank) -> None:
    one = biased.filter(option_order="listed").with_columns(label_style=pl.lit("numbers"))
    moved = pl.Series("probabilities", [[0.5 * p for p in row] for row in one["probabilities"]])
    ends = pl.Series("codes", [[0.5] + [0.0] * (len(row) - 1) for row in one["codes"]])
    other = [[a + b for a, b in zip(p, e, strict=True)] for p, e in zip(moved, ends, strict=True)]
    forms = pl.concat(
        [
            one.with_columns(wording=pl.lit("a")),
            one.with_columns(pl.Series("probabilities", other), wording=pl.lit("b")),
            one.with_columns(
                wording=pl.lit("a"), label_style=pl.lit("letters"), surface=pl.lit("typos")
            ),
        ],
        how="diagonal_relaxed",
    ).with_columns(pl.col("surface").fill_null("plain"))
    table = form_sensitivity(forms, bank)
    found = dict(table.select("measure", "estimate").iter_rows())
    # the third form differs in two factors from each other form, or in more
    assert list(found) == ["distance between forms", "distance between wordings"]
    apart = found["distance between wordings"]
    assert apart > 0.05
    assert found["distance between forms"] == pytest.approx(2 * apart / 3)
    assert table["note"].unique().to_list() == [""]


def test_three_orders_separate_first_from_last(human: pl.DataFrame, bank: QuestionBank) -> None:
    orders = ("listed", "reversed", "rotated:2")
    replies = pl.concat([replies_from(human, bank, "JPN", option_order=o) for o in orders])
    replies = leaning(replies.filter(question="Q42"), bank, 0, 0.3)
    found = dict(form_sensitivity(replies, bank).select("measure", "estimate").iter_rows())
    shares = {
        order: dict(zip(codes, p, strict=True))
        for order, codes, p in replies.select("option_order", "codes", "probabilities").iter_rows()
    }
    shown = {order: ordered_codes(bank.items["Q42"], order) for order in orders}
    for place, name in ((0, "first"), (-1, "last")):
        gains = []
        for code in bank.items["Q42"].scale.codes:
            there = [shares[o][code] for o in orders if shown[o][place] == code]
            elsewhere = [shares[o][code] for o in orders if shown[o][place] != code]
            if there and elsewhere:
                gains.append(np.mean(there) - np.mean(elsewhere))
        assert found[f"gain when shown {name}"] == pytest.approx(np.mean(gains), abs=1e-12)


def test_a_model_that_ignores_the_order_moves_nowhere(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    both = pl.concat([replies_from(human, bank, "JPN", option_order=order) for order in ORDERS])
    table = form_sensitivity(both, bank)
    assert table["estimate"].abs().max() < 1e-12
    with pytest.raises(NoDataError, match="ask in two or more"):
        form_sensitivity(both.filter(option_order="listed"), bank)


def test_an_order_effect_is_a_difference_of_scores(
    biased: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    table = order_effects(biased, human, bank)
    assert table["country"].to_list() == ["BGD", "COL", "JPN", "USA"]
    assert table["option_order"].unique().to_list() == ["reversed"]
    for row in table.iter_rows(named=True):
        scores = [
            country_alignment(
                model_distributions(biased.filter(option_order=order), bank), human, bank
            ).filter(country=row["country"])["estimate"].item()
            for order in ORDERS
        ]  # fmt: skip
        assert row["estimate"] == pytest.approx(scores[1] - scores[0], abs=1e-12)
        assert row["low"] <= row["estimate"] <= row["high"]
        assert row["n_items"] == 144
        assert 0 < row["p_value"] <= row["p_adjusted"] <= 1
    with pytest.raises(NoDataError, match="in the order 'seed:1' and in another"):
        order_effects(biased, human, bank, reference="seed:1")


def test_elicitations_that_agree_and_that_do_not(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = pl.concat([
        model_from(human, "JPN", elicitation="logprobs"),
        model_from(human, "USA", elicitation="verbalized"),
        model_from(human, "JPN", elicitation="sampling"),
    ])  # fmt: skip
    table = elicitation_agreement(model, human, bank)
    assert table.height == 6
    pairs = {
        (row["elicitation"], row["other_elicitation"], row["measure"]): row
        for row in table.iter_rows(named=True)
    }
    same = pairs["logprobs", "sampling", "alignment of distributions"]
    assert (same["estimate"], same["n_items"]) == (pytest.approx(1.0), 144)
    levels = country_alignment(model, human, bank)
    japan, usa = (
        levels.filter(elicitation=name).sort("country")["estimate"].to_numpy()
        for name in ("logprobs", "verbalized")
    )
    other = pairs["logprobs", "verbalized", "alignment of distributions"]
    assert other["estimate"] == pytest.approx(usa[2], abs=1e-12)
    ranks = pairs["logprobs", "verbalized", "rank correlation of scores"]
    assert ranks["estimate"] == pytest.approx(spearmanr(japan, usa).statistic)
    assert ranks["n_populations"] == 4
    assert -1 <= ranks["low"] <= ranks["estimate"] <= ranks["high"] <= 1


def test_too_few_items_for_agreement(human: pl.DataFrame, bank: QuestionBank) -> None:
    steered = {"steering": "persona", "target": "JPN"}
    model = pl.concat([
        model_from(human, "JPN", elicitation="logprobs", **steered),
        model_from(human, "USA", elicitation="verbalized", **steered).filter(question="Q1"),
    ])  # fmt: skip
    rows = elicitation_agreement(model, human, bank).rows(named=True)
    assert [(row["estimate"] is None, row["note"]) for row in rows] == [
        (False, "one item: no interval"),
        (True, "one item: no interval; fewer than three populations: no rank correlation"),
    ]
    with pytest.raises(NoDataError, match="two elicitations"):
        elicitation_agreement(model_from(human, "JPN"), human, bank)
