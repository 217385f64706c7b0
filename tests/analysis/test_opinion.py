from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.made_models import model_from, replies_from
from analysis.made_replies import always, first_option
from doxa.analysis.opinion import MEASURES, opinion_measures, shown_percentages
from doxa.prompt import Condition, render
from doxa.prompt.example import Example, format_examples

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


def measured(replies: pl.DataFrame, bank: QuestionBank, **prompts: Any) -> dict[str, Any]:
    table = opinion_measures(replies, bank, **prompts)
    return {row["measure"]: row for row in table.iter_rows(named=True)}


def both_orders(human: pl.DataFrame, bank: QuestionBank, country: str, **how: Any) -> pl.DataFrame:
    return pl.concat(
        replies_from(human, bank, country, option_order=order, **how)
        for order in ("listed", "reversed")
    )


def test_people_s_answers_hold_in_every_order(human: pl.DataFrame, bank: QuestionBank) -> None:
    found = measured(both_orders(human, bank, "JPN"), bank)
    assert list(found) == list(MEASURES)
    assert found["holds when reordered"]["estimate"] == pytest.approx(1.0, abs=0.01)
    for name in ("gain when shown first", "gain when shown last"):
        assert found[name]["estimate"] == pytest.approx(0.0, abs=1e-12)
    assert found["all on one option"]["estimate"] < 0.05
    assert found["same shares"]["estimate"] < 0.3
    assert found["favourite in one place"]["n"] == 288


@settings(max_examples=8)
@given(st.floats(0.0, 1.0))
def test_the_gain_is_the_share_of_position(
    human: pl.DataFrame, bank: QuestionBank, share: float
) -> None:
    """Mix people's answers with the first option: the gain is the mixture's weight."""
    first = first_option(bank, ("listed", "reversed"))
    people = both_orders(human, bank, "COL")
    mixed = people.join(first, on=["question", "option_order"], suffix="_first").with_columns(
        probabilities=pl.struct("probabilities", "probabilities_first").map_elements(
            lambda one: (
                (1 - share) * np.array(one["probabilities"])
                + share * np.array(one["probabilities_first"])
            ).tolist(),
            pl.List(pl.Float64),
        )
    )
    found = measured(mixed.select(people.columns), bank)
    assert found["gain when shown first"]["estimate"] == pytest.approx(share, abs=1e-9)
    assert found["gain when shown last"]["estimate"] == pytest.approx(-share, abs=1e-9)


def test_one_order_leaves_position_open(human: pl.DataFrame, bank: QuestionBank) -> None:
    found = measured(replies_from(human, bank, "JPN"), bank)
    for name in MEASURES[4:]:
        assert found[name]["estimate"] is None
        assert found[name]["note"].startswith("no item in two orders of its options")


def test_the_place_of_the_favourite_is_named(bank: QuestionBank) -> None:
    found = measured(first_option(bank, ("listed", "reversed")), bank)
    place = found["favourite in one place"]
    assert (place["estimate"], place["note"]) == (1.0, "the first option")
    assert found["all on one option"]["estimate"] == 1.0
    assert found["gain when shown first"]["estimate"] == 1.0
    assert found["holds when reordered"]["estimate"] is None  # nothing sets the items apart
    last = (
        first_option(bank, ("listed",))
        .with_columns(pl.col("probabilities").list.reverse())
        .filter(~pl.col("question").is_in([q for q, i in bank.items.items() if i.scale.off_scale]))
    )
    assert measured(last, bank)["favourite in one place"]["note"] == "the last option"


def test_the_same_shares_are_counted_by_number_of_options(bank: QuestionBank) -> None:
    found = measured(always(bank, lambda n: np.arange(n, 0, -1.0)), bank)["same shares"]
    assert (found["estimate"], found["low"] > 0.9) == (1.0, True)
    two = always(bank, lambda n: np.arange(n, 0, -1.0)).filter(pl.col("question").is_in(["Q1"]))
    assert (
        measured(two, bank)["same shares"]["note"] == "fewer than three items with as many options"
    )


def test_copies_are_told_from_the_prompt(bank: QuestionBank) -> None:
    condition = Condition("en", n_examples=5)
    prompt = render("Q1", condition, bank=bank)
    shown = format_examples(bank, 5)
    vectors = shown_percentages(prompt.opening("verbalized"))
    assert not shown_percentages(prompt.opening("logprobs"))
    four = next(one for one in shown if len(one.codes) == 4)
    percentages = [*four.percentages().values()]
    assert tuple(percentages) in vectors
    replies = always(bank, lambda n: np.arange(1.0, n + 1))
    copied = replies.with_columns(
        probabilities=pl.when(pl.col("codes").list.len() == 4)
        .then(pl.lit([share / 100 for share in percentages]))
        .when(pl.col("codes").list.len() == 10)
        .then(pl.lit([share / 100 for share in percentages] + [0.0] * 6))
        .otherwise("probabilities")
    )
    prompts = pl.DataFrame({"request_key": ["k"], "system": [prompt.opening("verbalized")]})
    found = measured(copied, bank, prompts=prompts)["copies of an example"]
    sizes = replies["codes"].list.len()
    assert found["n"] == (sizes > 2).sum()
    assert found["estimate"] == pytest.approx(sizes.is_in([4, 10]).sum() / (sizes > 2).sum())
    assert measured(replies, bank, prompts=prompts)["copies of an example"]["estimate"] == 0.0
    assert measured(replies, bank)["copies of an example"]["note"].startswith("no example shown")
    counted = replies.with_columns(elicitation=pl.lit("logprobs"))
    note = measured(counted, bank, prompts=prompts)["copies of an example"]["note"]
    assert note == "this elicitation states no percentages to copy"


def test_people_s_shares_beside_the_options_are_examples_too(bank: QuestionBank) -> None:
    shown = Example("Q1", (1, 2, 3, 4), (0.5, 0.25, 0.2, 0.05), "human")
    other = Example("Q2", (1, 2, 3, 4), (0.1, 0.2, 0.3, 0.4), "human")
    condition = Condition("en", "few-shot", "JPN", n_examples=2)
    system = render("Q3", condition, bank=bank, examples=[shown, other]).opening("verbalized")
    assert shown_percentages(system) == {(50, 25, 20, 5), (10, 20, 30, 40)}


def test_single_answers_are_counted_before_they_are_judged(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    rng = np.random.default_rng(5)
    people = replies_from(human, bank, "USA").with_columns(elicitation=pl.lit("sampling"))
    answers = pl.concat([
        people.with_columns(
            pl.col("probabilities").map_elements(
                lambda p: rng.multinomial(1, np.array(p) / sum(p)).astype(float).tolist(),
                pl.List(pl.Float64),
            ),
            draw=pl.lit(draw, pl.Int64),
        )
        for draw in range(8)
    ])  # fmt: skip
    assert measured(answers, bank)["all on one option"]["estimate"] < 0.3
    few = measured(answers.filter(pl.col("draw") < 3), bank)["all on one option"]
    assert (few["n"], few["note"]) == (0, "no usable reply")


def test_nothing_usable_is_said(human: pl.DataFrame, bank: QuestionBank) -> None:
    refused = replies_from(human, bank, "USA").with_columns(
        status=pl.lit("refused"), probabilities=pl.lit(None, pl.List(pl.Float64))
    )
    found = measured(refused, bank)
    assert [row["n"] for row in found.values()] == [0] * 7
    assert model_from(human, "USA").height == refused.height
