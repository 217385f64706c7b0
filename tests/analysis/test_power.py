from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from statsmodels.stats.power import NormalIndPower, TTestPower

from analysis.made_models import blend, model_from, replies_from
from doxa.analysis import Settings, country_alignment
from doxa.analysis.comparison import compare_models
from doxa.analysis.power import planned_sizes, sample_sizes
from doxa.distribution import model_distributions
from doxa.errors import InvalidArgumentError

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


def two(human: pl.DataFrame, **condition: str) -> pl.DataFrame:
    return pl.concat([
        blend(model_from(human, "USA", model="a", **condition), 0.2),
        blend(model_from(human, "JPN", model="b", **condition), 0.4),
    ])  # fmt: skip


def test_items_needed_agree_with_statsmodels(human: pl.DataFrame, bank: QuestionBank) -> None:
    table = sample_sizes(two(human), human, bank, "a", "b", difference=0.02, power=0.9)
    tests = compare_models(two(human), human, bank, "a", "b")
    for row in table.filter(source="items").iter_rows(named=True):
        test = tests.filter(country=row["country"]).row(0, named=True)
        assert np.sqrt(row["variance"] / 144) == pytest.approx(test["std_error"], rel=0.1)
        needed = TTestPower().solve_power(0.02 / np.sqrt(row["variance"]), alpha=0.05, power=0.9)
        assert row["estimate"] == pytest.approx(needed, abs=2.0)
        assert row["low"] < row["estimate"] < row["high"]
        seen = NormalIndPower(ddof=0).power(
            row["detectable"] / np.sqrt(row["variance"]), 144, 0.05, ratio=0
        )
        assert seen == pytest.approx(0.9, abs=1e-3)


def test_respondents_needed_bring_the_variance_down(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    few = human.with_columns(n_effective=pl.lit(30.0))
    table = sample_sizes(two(few), few, bank, "a", "b", difference=0.02)
    rows = {(r["country"], r["source"]): r for r in table.iter_rows(named=True)}
    found = 0
    for country in ("BGD", "COL", "JPN", "USA"):
        items, people = rows[country, "items"], rows[country, "respondents"]
        assert people["n"] == pytest.approx(30)
        least = 0.02**2 / (1.959964 + 0.841621) ** 2
        rest = items["variance"] - people["variance"]
        if people["estimate"] is None:
            assert rest / 144 >= least
            assert people["note"] == "no number is enough with these items: ask more items"
            continue
        found += 1
        reached = (rest + people["variance"] * 30 / people["estimate"]) / 144
        assert reached <= least * (1 + 1e-6)
        fewer = (rest + people["variance"] * 30 / max(people["estimate"] - 1, 1e-9)) / 144
        assert fewer > least * (1 - 1e-6)
    assert 0 < found < 4


def test_variance_of_respondents_is_that_of_a_multinomial(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    # with two options, alignment is 1 - |p - q| and the variance of q is q (1 - q) / n; if q lies
    # between the two models, the difference of alignments changes twice as much as q
    japan = human.filter(question="Q57", wave=7, country="JPN")
    share = japan["probabilities"].item()[0]
    models = pl.concat([
        model_from(human, "JPN", model=name).filter(question="Q57").with_columns(
            probabilities=pl.Series([[value, 1 - value]])
        )
        for name, value in (("a", 0.0), ("b", 1.0))
    ])  # fmt: skip
    row = sample_sizes(models, japan, bank, "a", "b", settings=Settings(n_resamples=20_000)).filter(
        source="respondents"
    )
    expected = 4 * share * (1 - share) / row["n"].item()
    assert row["variance"].item() == pytest.approx(expected, rel=0.05)
    assert row["note"].item() == "one item: no interval"


def test_replies_count_where_they_are_draws(human: pl.DataFrame, bank: QuestionBank) -> None:
    asked = two(human).with_columns(n_replies=pl.lit(10, pl.UInt32))
    drawn = asked.with_columns(elicitation=pl.lit("sampling"))
    rows = sample_sizes(drawn, human, bank, "a", "b").filter(source="replies")
    assert rows["n"].to_list() == [pytest.approx(10)] * 4
    assert (rows["variance"] > 0).all()
    whole = sample_sizes(asked, human, bank, "a", "b").filter(source="replies")
    assert whole["estimate"].null_count() == 4
    assert whole["note"][0] == "a reply of this elicitation is a whole distribution"


def test_an_impossible_question_is_refused(human: pl.DataFrame, bank: QuestionBank) -> None:
    twins = pl.concat([model_from(human, "USA", model=name) for name in ("a", "b")])
    table = sample_sizes(twins, human, bank, "a", "b")
    assert table["estimate"].null_count() == table.height
    assert table["note"][0] == "the models answer alike: no difference to see"
    unknown = human.with_columns(n_effective=pl.lit(None, pl.Float64))
    rows = sample_sizes(two(human), unknown, bank, "a", "b").filter(source="respondents")
    assert rows["note"].unique().to_list() == ["number unknown"]
    one = sample_sizes(two(human).filter(question="Q1"), human, bank, "a", "b")
    assert one["estimate"].null_count() == one.height
    assert one["note"].str.starts_with("one item: no interval").all()
    for table in (one, rows):
        assert not any(column.is_nan().any() for column in table.select(pl.selectors.float()))
    for name, value in (("difference", 0.0), ("power", 1.0)):
        with pytest.raises(InvalidArgumentError, match=f"{name}={value}"):
            sample_sizes(two(human), human, bank, "a", "b", **{name: value})


def test_forms_needed_bring_the_variance_down(human: pl.DataFrame, bank: QuestionBank) -> None:
    rng = np.random.default_rng(8)
    parts = []
    for wording in "abcd":
        for order in ("listed", "reversed"):
            for name, country in (("a", "USA"), ("b", "JPN")):
                one = replies_from(human, bank, country, model=name, option_order=order)
                noisy = [
                    (0.6 * np.array(shares) + 0.4 * rng.dirichlet(np.ones(len(shares)))).tolist()
                    for shares in one["probabilities"]
                ]
                parts.append(
                    one.with_columns(pl.Series("probabilities", noisy), wording=pl.lit(wording))
                )
    replies = pl.concat(parts)
    table = sample_sizes(model_distributions(replies, bank), human, bank, "a", "b", difference=0.03)
    for country in ("BGD", "COL"):
        found = {r["source"]: r for r in table.filter(country=country).iter_rows(named=True)}
        forms, items = found["forms"], found["items"]
        assert forms["n"] == 8
        assert 0 < forms["variance"] < items["variance"]
        least = 0.03**2 / (1.959964 + 0.841621) ** 2
        rest = items["variance"] - forms["variance"]
        if forms["estimate"] is None:
            assert rest / items["n"] >= least
            continue
        assert forms["note"] == ""
        assert forms["estimate"] % 2 == 0  # pairs of orders
        assert (rest + forms["variance"] * 8 / forms["estimate"]) / items["n"] <= least * 1.000001
    pair = sample_sizes(
        model_distributions(replies.filter(wording="a"), bank), human, bank, "a", "b"
    ).filter(source="forms")
    assert pair["estimate"].null_count() == pair.height
    assert "one wording: what another adds is not known" in pair["note"][0]


def test_one_model_is_compared_with_its_baseline(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = blend(model_from(human, "USA", model="a"), 0.2)
    table = sample_sizes(model, human, bank, "a")
    gaps = country_alignment(model, human, bank)
    for row in table.filter(source="items").iter_rows(named=True):
        assert row["b"] == "baseline: leave_one_out"
        gap = gaps.filter(country=row["country"]).row(0, named=True)
        spread = (gap["gap_high"] - gap["gap_low"]) / (2 * 1.96)
        assert np.sqrt(row["variance"] / row["n_items"]) == pytest.approx(spread, rel=0.1)
    people = table.filter(source="respondents")
    sizes = human.filter(wave=7, country="JPN")["n_effective"]
    assert people.filter(country="JPN")["n"].item() == pytest.approx(1 / (1 / sizes).mean())
    with pytest.raises(InvalidArgumentError, match="no model 'x': there are a"):
        sample_sizes(model, human, bank, "x")


def test_a_plan_agrees_with_statsmodels() -> None:
    table = planned_sizes(0.1, form_spread=0.08, difference=0.02, power=0.9)
    for n_forms, deviation, n_items, n_replies in table.iter_rows():
        assert deviation == pytest.approx(np.hypot(0.1, 0.08 / np.sqrt(n_forms)))
        needed = TTestPower().solve_power(0.02 / deviation, alpha=0.05, power=0.9)
        assert n_items == pytest.approx(needed, abs=2.0)
        assert n_replies == n_forms * n_items
