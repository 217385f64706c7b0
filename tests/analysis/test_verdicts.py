from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.made_models import replies_from
from analysis.made_replies import always, first_option
from doxa.analysis.verdicts import VARY, reply_verdicts
from doxa.distribution import human_distributions
from doxa.prompt import Condition, render
from doxa.survey import world

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

ORDERS = ("listed", "reversed")


@pytest.fixture(scope="module")
def many(bank: QuestionBank) -> pl.DataFrame:
    return human_distributions(world().filter(pl.col("wave") == 7), bank)


def judged(replies: pl.DataFrame, bank: QuestionBank) -> tuple[bool | None, str, str]:
    (row,) = reply_verdicts(replies, bank).select("sound", "verdict", "caution").rows()
    return row


# Bangladesh, Indonesia, Jordan and Myanmar agree about much; Mongolia and the USA about little.
@pytest.mark.parametrize("country", ["BGD", "IDN", "JOR", "MMR", "MNG", "USA", "EGY", "PAK"])
@pytest.mark.parametrize("orders", [ORDERS, ("listed",), ("listed", "seed:1", "rotated:1")])
def test_people_have_opinions(
    country: str, orders: tuple[str, ...], many: pl.DataFrame, bank: QuestionBank
) -> None:
    replies = pl.concat(replies_from(many, bank, country, option_order=one) for one in orders)
    sound, verdict, caution = judged(replies, bank)
    assert (sound, verdict) == (True, VARY)
    assert bool(caution) == (len(orders) == 1)


@settings(max_examples=12)
@given(
    st.sampled_from(["BGD", "JPN", "MMR", "NGA", "USA"]), st.floats(0.0, 0.9), st.integers(0, 99)
)
def test_weak_but_honest_opinions_are_opinions(
    many: pl.DataFrame, bank: QuestionBank, country: str, flat: float, seed: int
) -> None:
    """With up to 90 % of equal shares, and with a little noise, the question still decides."""
    rng = np.random.default_rng(seed)

    def mixed(shares: pl.Series) -> list[float]:
        p = np.array(shares)
        on = p.size if p[-1] > 0 else max(int(np.flatnonzero(p)[-1]) + 1, 2)
        even = np.where(np.arange(p.size) < on, 1 / on, 0.0)
        spread = 0.02 * rng.dirichlet(np.ones(p.size))
        return [float(x) for x in 0.98 * ((1 - flat) * p + flat * even) + spread]

    replies = pl.concat(
        replies_from(many, bank, country, option_order=one) for one in ORDERS
    ).with_columns(pl.col("probabilities").map_elements(mixed, pl.List(pl.Float64)))
    assert judged(replies, bank)[0] is True


def test_one_answer_each_is_an_opinion_where_it_holds(
    many: pl.DataFrame, bank: QuestionBank
) -> None:
    """A model that puts everything on an option, and keeps to it when it stands elsewhere."""
    sharp = [
        replies_from(many, bank, "JPN", option_order=one).with_columns(
            pl.col("probabilities").list.eval((pl.element() == pl.element().max()).cast(pl.Float64))
        )
        for one in ORDERS
    ]
    assert judged(pl.concat(sharp), bank)[:2] == (True, VARY)
    sound, verdict, _ = judged(sharp[0], bank)
    assert sound is False
    assert verdict.startswith("no opinion: all on one option in 14")
    likely = sharp[0].with_columns(elicitation=pl.lit("logprobs"))
    assert judged(likely, bank)[0] is True


@pytest.mark.parametrize("elicitation", ["verbalized", "logprobs"])
def test_the_first_option_whatever_is_asked(elicitation: str, bank: QuestionBank) -> None:
    named = pl.lit(elicitation).alias("elicitation")
    sound, verdict, _ = judged(first_option(bank, ORDERS).with_columns(named), bank)
    assert sound is False
    assert (
        "the first option favoured wherever it stands (it gains 1.00 [1.00, 1.00] by it)" in verdict
    )
    assert "all on one option in 288 of 288 replies, the first option in 288 of 288" in verdict
    sound, verdict, caution = judged(first_option(bank, ("listed",)).with_columns(named), bank)
    assert sound is False
    assert caution == "asked in one order: position cannot be told from opinion"


def test_a_leaning_to_the_first_option_that_one_order_does_not_show(
    bank: QuestionBank,
) -> None:
    rng = np.random.default_rng(2)

    def leaning(n: int) -> np.ndarray:
        shares = rng.dirichlet(np.ones(n))
        return 0.4 * shares + 0.6 * np.eye(n)[0]

    two = always(bank, leaning, ORDERS).with_columns(elicitation=pl.lit("logprobs"))
    sound, verdict, _ = judged(two, bank)
    assert sound is False
    assert verdict.startswith(
        "no opinion: the first option favoured wherever it stands (it gains 0.6"
    )
    sound, verdict, _ = judged(two.filter(option_order="listed"), bank)
    assert sound is None
    assert verdict.startswith("not judged: the first option is the favourite in 14")


@settings(max_examples=10)
@given(st.integers(0, 2**31), st.sampled_from(["verbalized", "logprobs"]))
def test_the_same_shares_whatever_is_asked(bank: QuestionBank, seed: int, elicitation: str) -> None:
    def same(n: int) -> np.ndarray:
        return np.random.default_rng([seed, n]).dirichlet(np.full(n, 9.0))

    replies = always(bank, same, ORDERS).with_columns(elicitation=pl.lit(elicitation))
    sound, verdict, _ = judged(replies, bank)
    assert sound is False
    assert "the same shares in 288 of 288 replies" in verdict


def test_answers_at_random_do_not_hold(bank: QuestionBank) -> None:
    rng = np.random.default_rng(4)
    sound, verdict, _ = judged(always(bank, lambda n: rng.dirichlet(np.ones(n)), ORDERS), bank)
    assert sound is False
    assert "the answers do not hold when the options are reordered (agreement " in verdict


@settings(max_examples=6)
@given(st.floats(0.15, 1.0), st.integers(0, 99))
def test_an_example_copied(many: pl.DataFrame, bank: QuestionBank, share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    prompt = render("Q1", Condition("en"), bank=bank)
    copy = [0.39, 0.18, 0.22, 0.21]
    system = prompt.system + 'Answer: {"1": 39, "2": 18, "3": 22, "4": 21}'
    people = pl.concat(replies_from(many, bank, "JPN", option_order=one) for one in ORDERS)
    four = people.filter(pl.col("codes").list.len() == 4)
    hit = pl.Series(rng.uniform(size=four.height) < share)
    copied = four.with_columns(
        probabilities=pl.when(hit & (pl.col("option_order") == "listed")).then(pl.lit(copy))
        .when(hit).then(pl.lit(copy[::-1])).otherwise("probabilities")
    )  # fmt: skip
    prompts = pl.DataFrame({"request_key": ["k"], "system": [system]})
    (row,) = reply_verdicts(copied, bank, prompts).iter_rows(named=True)
    listed = four.with_columns(is_listed=hit)
    plain = [bank.items[name].listed == bank.items[name].scale.codes for name in four["question"]]
    n = (hit & pl.Series(plain)).sum()
    assert listed.height == four.height
    if n >= 0.1 * four.height:
        assert row["sound"] is False
        assert "an example copied in" in row["verdict"]
    (alone,) = reply_verdicts(four, bank, prompts).iter_rows(named=True)
    assert alone["verdict"] == VARY


def test_few_items_are_not_judged(many: pl.DataFrame, bank: QuestionBank) -> None:
    few = replies_from(many, bank, "JPN").head(4)
    assert judged(few, bank)[:2] == (None, "not judged: fewer than five items")
    none = few.with_columns(status=pl.lit("refused"))
    assert judged(none, bank)[:2] == (False, "no opinion: no usable reply")


def test_two_orders_of_few_items_show_nothing(bank: QuestionBank) -> None:
    """Answers at random to six items: too few to call them an opinion, or none."""
    rng = np.random.default_rng(0)
    few = ["Q1", "Q2", "Q57", "Q106", "Q150", "Q176"]
    drawn = always(bank, lambda n: rng.dirichlet(np.ones(n)), ORDERS)
    sound, verdict, _ = judged(drawn.filter(pl.col("question").is_in(few)), bank)
    assert sound is None
    assert verdict.startswith("not judged: too few items to see whether answers hold")
