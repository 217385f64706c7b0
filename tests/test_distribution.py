from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doxa.distribution import (
    FORM_KEYS,
    MODEL_KEYS,
    human_distributions,
    model_distributions,
)
from doxa.errors import InvalidArgumentError, InvalidDistributionError, SurveyError
from doxa.prompt import FORM, LABELS
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.item import Item
from doxa.questionnaire.scale import Scale
from doxa.survey import check_counts, read_survey, sample

GOLDEN = Path(__file__).parent / "survey" / "golden"


@dataclass(frozen=True)
class Bank:
    items: dict[str, Item]


def bank_of(*, spontaneous: tuple[int, ...] = (), **scales: Scale) -> Bank:
    return Bank(
        {
            name: Item(name, "topic", "set", scale, {7: name}, spontaneous=spontaneous)
            for name, scale in scales.items()
        }
    )


BANK = bank_of(
    Q2=Scale("ordinal", codes=(1, 2, 3)),
    Q1=Scale("ordinal", codes=(3, 2, 1), off_scale=(0,)),
)


def counts_of(*rows: tuple[str, str, int, float, float], n_effective: float = 10.0) -> pl.DataFrame:
    names = ["country", "question", "code", "n", "weighted_n"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return check_counts(frame.with_columns(wave=7, n_effective=n_effective), "test", survey="T")


def test_shares_follow_weights_and_the_order_of_the_scale() -> None:
    counts = counts_of(("JPN", "Q1", 1, 2, 1), ("JPN", "Q1", 2, 1, 3), ("JPN", "Q1", 0, 1, 4))
    row = human_distributions(counts, BANK).row(0, named=True)
    assert row["codes"] == [3, 2, 1]
    assert row["probabilities"] == [0.0, 0.75, 0.25]
    assert row["off_scale_mass"] == 0.5
    assert row["n"] == 3
    assert row["n_effective"] == 5


def test_unweighted_shares_count_respondents() -> None:
    counts = counts_of(("JPN", "Q2", 1, 3, 1), ("JPN", "Q2", 2, 1, 3))
    row = human_distributions(counts, BANK, weighted=False).row(0, named=True)
    assert row["probabilities"] == [0.75, 0.25, 0.0]
    assert row["n_effective"] == row["n"] == 4


def test_missing_answers_are_excluded_or_kept_beside_the_scale() -> None:
    counts = counts_of(("JPN", "Q2", 1, 6, 6), ("JPN", "Q2", -1, 2, 2))
    excluded = human_distributions(counts, BANK).row(0, named=True)
    kept = human_distributions(counts, BANK, missing="off-scale").row(0, named=True)
    assert excluded["off_scale_mass"] == 0.0
    assert kept["off_scale_mass"] == 0.25
    assert excluded["probabilities"] == kept["probabilities"] == [1.0, 0.0, 0.0]
    assert excluded["n_effective"] == kept["n_effective"] == 10.0


def test_those_who_were_not_asked_are_left_out_under_either_policy() -> None:
    counts = counts_of(("JPN", "Q2", 1, 6, 6), ("JPN", "Q2", -4, 20, 20), ("JPN", "Q2", -2, 2, 2))
    kept = human_distributions(counts, BANK, missing="off-scale").row(0, named=True)
    assert kept["off_scale_mass"] == 0.25


def test_a_volunteered_answer_is_mass_off_the_scale() -> None:
    bank = bank_of(spontaneous=(0,), Q5=Scale("ordinal", codes=(1, 2)))
    counts = counts_of(("JPN", "Q5", 1, 3, 3), ("JPN", "Q5", 0, 1, 1))
    row = human_distributions(counts, bank).row(0, named=True)
    assert (row["codes"], row["off_scale_mass"]) == ([1, 2], 0.25)
    frame = replies_of(reply(question="Q5", codes=[1, 2, 0], probabilities=[0.2, 0.6, 0.2]))
    row = model_distributions(frame, bank).row(0, named=True)
    assert row["probabilities"] == pytest.approx([0.25, 0.75])
    assert row["off_scale_mass"] == pytest.approx(0.2)
    frame = replies_of(reply(question="Q5", codes=[0, 1, 2], probabilities=[0.5, 0.5, 0.0]))
    with pytest.raises(InvalidDistributionError, match=r"are not the item's \[1, 2\]"):
        model_distributions(frame, bank)


def test_an_unknown_policy_is_refused() -> None:
    counts = counts_of(("JPN", "Q2", 1, 6, 6))
    with pytest.raises(InvalidArgumentError, match="missing='drop'"):
        human_distributions(counts, BANK, missing="drop")  # type: ignore[arg-type]


def test_an_unknown_code_is_an_error_that_lists_the_options() -> None:
    counts = counts_of(("JPN", "Q2", 7, 6, 6))
    with pytest.raises(SurveyError, match=r"Q2 in JPN, wave 7: code 7 .* \(1, 2, 3\)"):
        human_distributions(counts, BANK)


def test_items_follow_the_bank_and_unknown_or_empty_ones_have_no_row() -> None:
    counts = counts_of(
        ("JPN", "Q1", 1, 1, 1), ("JPN", "Q2", 1, 1, 1), ("JPN", "Q9", 1, 1, 1),
        ("USA", "Q1", 0, 5, 5),
    )  # fmt: skip
    shares = human_distributions(counts, BANK)
    assert shares.select("country", "question").rows() == [("JPN", "Q2"), ("JPN", "Q1")]


def test_a_further_column_is_a_grouping_key() -> None:
    counts = counts_of(("JPN", "Q2", 1, 1, 1)).with_columns(sex=pl.lit("f"))
    both = pl.concat([counts, counts.with_columns(code=pl.lit(2, pl.Int64), sex=pl.lit("m"))])
    shares = human_distributions(both, BANK)
    assert dict(shares.select("sex", "probabilities").rows()) == {"f": [1, 0, 0], "m": [0, 1, 0]}


def published(**columns: object) -> pl.DataFrame:
    """Make published shares: of three answers 0.2 and 0.6, the rest missing or not listed."""
    rows = {"wave": 7, "country": "JPN", "question": "Q2", "code": [1, 2], "share": [0.2, 0.6]}
    return check_counts(pl.DataFrame(rows | columns), "test", survey="T")


def test_published_shares_have_no_respondents_unless_their_sample_is_known() -> None:
    row = human_distributions(published(), BANK).row(0, named=True)
    assert row["probabilities"] == pytest.approx([0.25, 0.75, 0.0])
    assert (row["n"], row["n_effective"], row["rounding"], row["weighted"]) == (None,) * 4
    told = published(respondents=1200, rounding=0.0005, weighted=True, source="a table")
    row = human_distributions(told, BANK).row(0, named=True)
    assert (row["n"], row["n_effective"], row["weighted"]) == (None, 1200, True)
    assert row["rounding"] == pytest.approx(0.0005 / 0.8)
    assert row["source"] == "a table"


def test_an_effective_number_that_a_table_gives_goes_before_the_size_of_its_sample() -> None:
    both = published(respondents=1200, n_effective=800.0)
    assert human_distributions(both, BANK)["n_effective"].item() == 800


def test_without_weights_the_unweighted_shares_are_used_where_they_are_known() -> None:
    told = published(respondents=1200, rounding=0.0005, weighted=True, share_unweighted=[0.5, 0.5])
    row = human_distributions(told, BANK, weighted=False).row(0, named=True)
    assert row["probabilities"] == [0.5, 0.5, 0.0]
    assert (row["weighted"], row["rounding"], row["n_effective"]) == (False, None, 1200)
    row = human_distributions(published(weighted=True), BANK, weighted=False).row(0, named=True)
    assert row["probabilities"] == pytest.approx([0.25, 0.75, 0.0])
    assert row["weighted"] is True


def test_counts_and_shares_side_by_side() -> None:
    counted = counts_of(("USA", "Q2", 1, 3, 4), ("USA", "Q2", 2, 1, 4)).with_columns(
        pl.lit("T").alias("survey")
    )
    both = human_distributions(pl.concat([published(), counted]), BANK)
    assert both.select("country", "n", "weighted").rows() == [("JPN", None, None), ("USA", 4, True)]


def reply(**changes: object) -> dict[str, object]:
    return {
        "request_key": "k", "model": "m", "elicitation": "logprobs", "language": "en",
        "steering": "none", "target": "", "template": "a", "question": "Q1", "status": "ok",
        "codes": [3, 2, 1, 0], "probabilities": [0.1, 0.2, 0.3, 0.4], **changes,
    }  # fmt: skip


def replies_of(*rows: dict[str, object]) -> pl.DataFrame:
    schema = {"codes": pl.List(pl.Int64), "probabilities": pl.List(pl.Float64)}
    return pl.DataFrame(rows, schema_overrides=schema)


def test_replies_are_averaged_before_the_scale_is_normalised() -> None:
    frame = replies_of(reply(), reply(probabilities=[1.0, 0.0, 0.0, 0.0]))
    row = model_distributions(frame, BANK).row(0, named=True)
    assert row["codes"] == [3, 2, 1]
    assert row["probabilities"] == pytest.approx([0.55 / 0.8, 0.1 / 0.8, 0.15 / 0.8])
    assert row["off_scale_mass"] == pytest.approx(0.2)
    assert row["n_replies"] == 2


def test_a_sequence_counts_as_often_as_it_has_draws() -> None:
    long = reply(codes=[1, 2, 3], probabilities=[1.0, 0.0, 0.0], question="Q2")
    short = reply(codes=[1, 2, 3], probabilities=[0.0, 1.0, 0.0], question="Q2")
    replies = replies_of(long, short).with_columns(n_draws=pl.Series([30, 10]))
    row = model_distributions(replies, BANK).row(0, named=True)
    assert row["probabilities"] == [0.75, 0.25, 0.0]
    assert row["n_replies"] == 40


def test_each_form_counts_once_however_many_replies_it_has() -> None:
    one, other = [0.8, 0.2], [0.2, 0.8]
    asked = {"codes": [1, 2], "question": "Q57"}
    listed = reply(**asked, probabilities=one, option_order="listed")
    turned = reply(**asked, probabilities=other, option_order="reversed")
    frame = replies_of(listed, turned, listed, listed)
    row = model_distributions(frame, QuestionBank.load()).row(0, named=True)
    assert row["probabilities"] == pytest.approx([0.5, 0.5])
    assert (row["n_replies"], row["n_forms"]) == (4, 2)
    apart = model_distributions(frame, QuestionBank.load(), by=("option_order",))
    assert apart.select("option_order", "n_replies", "n_forms").rows() == [
        ("listed", 3, 1), ("reversed", 1, 1),
    ]  # fmt: skip
    assert apart["probabilities"].to_list() == [pytest.approx(one), pytest.approx(other)]


@pytest.mark.parametrize("key", FORM_KEYS)
def test_every_part_of_a_form_is_averaged_or_kept_apart(key: str) -> None:
    other = reply(probabilities=[1.0, 0.0, 0.0, 0.0])
    frame = replies_of(reply(), other).with_columns(pl.Series(key, ["x", "y"]))
    assert model_distributions(frame, BANK)["n_forms"].to_list() == [2]
    assert model_distributions(frame, BANK, by=(key,))[key].to_list() == ["x", "y"]


def test_the_form_is_what_a_condition_calls_so() -> None:
    assert FORM_KEYS == FORM
    assert {*FORM_KEYS, *MODEL_KEYS} >= set(LABELS)


def test_draws_of_few_replies_weigh_as_much_as_those_of_many() -> None:
    many, few = thoughts(*[0.1, 0.3] * 8), thoughts(0.5, 0.9, order="reversed")
    [row] = model_distributions(pl.concat([many, few]), QuestionBank.load()).iter_rows(named=True)
    assert row["probabilities"] == pytest.approx([0.45, 0.55])
    # the variance of a mean of two means, and of a multinomial's shares
    varies = (0.01 / 16 + 0.04 / 2) / 4
    assert row["n_drawn"] == pytest.approx(0.45 * 0.55 / varies)


def test_only_good_replies_enter_and_conditions_stay_apart() -> None:
    frame = replies_of(
        reply(), reply(language="ja", probabilities=[1.0, 0.0, 0.0, 0.0]),
        reply(status="refused", probabilities=None), reply(question="Q99"),
        reply(question="Q1", steering="persona", target="JPN", probabilities=[0.0, 0.0, 0.0, 1.0]),
    )  # fmt: skip
    shares = model_distributions(frame, BANK)
    assert shares.select("language", "n_replies").rows() == [("en", 1), ("ja", 1)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"codes": [0, 1, 2, 3]}, r"codes \[0, 1, 2, 3\] are not the item's \[3, 2, 1, 0\]"),
        ({"probabilities": [0.3, 0.3, 0.0, 0.0]}, "not shares that sum to 1"),
        ({"probabilities": [1.5, -0.5, 0.0, 0.0]}, "not shares that sum to 1"),
        ({"probabilities": [1.0]}, "not shares that sum to 1"),
        ({"probabilities": [float("nan"), 0.5, 0.5, 0.0]}, "not shares that sum to 1"),
        ({"probabilities": None}, "not shares that sum to 1"),
    ],
)
def test_a_reply_that_is_not_a_distribution_is_named(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidDistributionError, match=f"reply k to Q1.*{message}"):
        model_distributions(replies_of(reply(), reply(**changes)), BANK)


@settings(deadline=None)
@given(st.lists(st.integers(0, 50), min_size=4, max_size=4).filter(lambda n: sum(n[1:]) > 0))
def test_shares_sum_to_one_and_mass_is_kept(numbers: list[int]) -> None:
    rows = [("JPN", "Q1", code, float(n), float(n)) for code, n in enumerate(numbers)]
    row = human_distributions(counts_of(*rows), BANK).row(0, named=True)
    assert sum(row["probabilities"]) == pytest.approx(1.0, abs=1e-12)
    assert row["off_scale_mass"] == pytest.approx(numbers[0] / sum(numbers), abs=1e-12)
    assert row["n"] == sum(numbers[1:])


def test_the_shipped_sample_gives_a_distribution_for_every_population() -> None:
    bank = bank_of(Q1=Scale("ordinal", codes=(1, 2, 3, 4)))
    shares = human_distributions(sample(wave=7), bank)
    assert shares["country"].to_list() == ["BGD", "COL", "JPN", "USA"]
    assert shares["probabilities"].list.sum().to_list() == pytest.approx([1.0] * 4)


def test_distributions_agree_with_r_s_package_survey() -> None:
    bank = QuestionBank.load()
    counts = read_survey(GOLDEN / "respondents.csv", bank.items).microdata.counts()
    golden = pl.read_csv(GOLDEN / "shares.csv").filter("weighted")
    rows = golden.select("country", "question", "code", "share").rows()
    by_r = {(c, q, code): share for c, q, code, share in rows}
    for row in human_distributions(counts, bank).iter_rows(named=True):
        shares = [by_r.get((row["country"], row["question"], code), 0.0) for code in row["codes"]]
        assert row["off_scale_mass"] == pytest.approx(1 - sum(shares), abs=1e-9)
        rescaled = [share / sum(shares) for share in shares]
        assert row["probabilities"] == pytest.approx(rescaled, abs=1e-9)


def thoughts(*shares: float, reasoning: str = "64", order: str = "listed") -> pl.DataFrame:
    asked = {"model": "m", "elicitation": "logprobs", "language": "en", "steering": "none",
             "target": "", "template": "a", "reasoning": reasoning, "question": "Q57",
             "option_order": order, "request_key": "k", "status": "ok",
             "codes": [1, 2]}  # fmt: skip
    return pl.DataFrame([
        asked | {"draw": draw, "probabilities": [share, 1 - share]}
        for draw, share in enumerate(shares)
    ])  # fmt: skip


def test_distributions_after_thoughts_count_as_draws_that_vary_as_much() -> None:
    rng = np.random.default_rng(3)
    shares = rng.beta(2, 3, 400)
    [row] = model_distributions(thoughts(*shares), QuestionBank.load()).iter_rows(named=True)
    mean = shares.mean()
    assert row["n_replies"] == 400
    # a multinomial of that size varies as much as the mean of the distributions
    assert mean * (1 - mean) / row["n_drawn"] == pytest.approx(shares.var() / 400)
    # of answers that name one option each, all are counted
    [row] = model_distributions(thoughts(1, 0, 0, 1, 1), QuestionBank.load()).iter_rows(named=True)
    assert row["n_drawn"] == pytest.approx(5)


def test_one_distribution_was_not_drawn_and_equal_ones_do_not_vary() -> None:
    [row] = model_distributions(thoughts(0.3), QuestionBank.load()).iter_rows(named=True)
    assert row["n_drawn"] is None
    [row] = model_distributions(thoughts(0.3, 0.3), QuestionBank.load()).iter_rows(named=True)
    assert row["n_drawn"] == 1e12
    # what differs between two orders is no draw
    both = pl.concat([thoughts(0.3, 0.3), thoughts(0.7, 0.7, order="reversed")])
    [row] = model_distributions(both, QuestionBank.load()).iter_rows(named=True)
    assert row["n_drawn"] == 1e12
