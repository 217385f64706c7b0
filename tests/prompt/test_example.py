from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from doxa.analysis import Settings, country_alignment
from doxa.distribution import human_distributions, model_distributions
from doxa.errors import ExperimentError, NoDataError
from doxa.prompt import (
    FORMAT_SEED,
    Condition,
    Example,
    choose_examples,
    example_order,
    examples_for,
    excluded_items,
    format_examples,
)
from doxa.questionnaire import QuestionBank
from doxa.survey import sample

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()
HUMAN = sample()
FIRST = ("Q32", "Q48", "Q83", "Q110", "Q163")


@given(st.lists(st.floats(0, 1), min_size=2, max_size=10).filter(lambda x: sum(x) > 1e-6))
def test_percentages_are_whole_add_up_and_stay_close(weights: list[float]) -> None:
    shares = tuple(weight / sum(weights) for weight in weights)
    example = Example("Q1", tuple(range(len(shares))), shares, "human")
    percentages = example.percentages()
    assert sum(percentages.values()) == 100
    for share, percentage in zip(shares, percentages.values(), strict=True):
        assert abs(100 * share - percentage) < 1 + 1e-9


def test_the_order_goes_round_the_topics_and_prefers_items_of_all_waves() -> None:
    order = example_order(BANK)
    items = [BANK.items[item] for item in order]
    in_all = [set(item.variables) == {5, 6, 7} for item in items]
    assert in_all == sorted(in_all, reverse=True)
    assert len({item.topic for item in items[:8]}) == 8
    assert all(item.scale.kind == "ordinal" and not item.scale.off_scale for item in items)
    assert len(order) == len(set(order)) == 136


def test_examples_hold_the_target_s_weighted_shares() -> None:
    first = choose_examples(HUMAN, BANK, country="JPN", wave=7)[0]
    answers = HUMAN.filter(country="JPN", wave=7, question=first.item).sort("code")
    shares = (answers["weighted_n"] / answers["weighted_n"].sum()).to_list()
    assert first.codes == tuple(answers["code"])
    assert first.shares == pytest.approx(shares)
    assert first.source == "human"


@pytest.mark.parametrize("country", ["JPN", "USA", "COL"])
@pytest.mark.parametrize("wave", [5, 6, 7])
def test_an_item_that_was_not_fielded_gives_way_to_the_next(country: str, wave: int) -> None:
    asked = set(HUMAN.filter(country=country, wave=wave)["question"])
    chosen = [e.item for e in choose_examples(HUMAN, BANK, country=country, wave=wave, n=8)]
    assert chosen == [item for item in example_order(BANK) if item in asked][:8]
    without = HUMAN.filter(pl.col("question") != chosen[1])
    fallen = choose_examples(without, BANK, country=country, wave=wave, n=8)
    assert [e.item for e in fallen][:7] == [chosen[0], *chosen[2:]]


def test_excluded_items_are_not_examples() -> None:
    chosen = choose_examples(HUMAN, BANK, country="JPN", wave=7, exclude={FIRST[0]})
    assert FIRST[0] not in {example.item for example in chosen}
    assert len(chosen) == 5


def split_by_sex(counts: pl.DataFrame) -> pl.DataFrame:
    """Split whole countries: women gave each answer three times as often as men, but the first."""
    women = pl.when(pl.col("code") == 1).then(0.25).otherwise(0.75)
    return pl.concat(
        counts.with_columns((pl.col("n", "weighted_n") * share), sex=pl.lit(sex, dtype=pl.String))
        for sex, share in (("female", women), ("male", 1 - women))
    )


def test_examples_of_a_group_show_its_answers() -> None:
    split = split_by_sex(HUMAN)
    both = pl.concat([HUMAN, split], how="diagonal")
    shown = {}
    for group in ("", "sex=female", "sex=male"):
        condition = Condition("en", "few-shot", "JPN", n_examples=1, group=group)
        (shown[group],) = examples_for(condition, bank=BANK, human=both)
        assert examples_for(condition, bank=BANK, human=split)[0].shares == pytest.approx(
            shown[group].shares
        )
    assert shown[""] == choose_examples(HUMAN, BANK, country="JPN", wave=7, n=1)[0]
    women, men, all_ = (dict(zip(one.codes, one.shares, strict=True)) for one in (
        shown["sex=female"], shown["sex=male"], shown[""]))  # fmt: skip
    assert women[1] / women[2] == pytest.approx(all_[1] / all_[2] / 3)
    assert men[1] / men[2] == pytest.approx(all_[1] / all_[2] * 3)


def test_a_group_without_answers_is_told() -> None:
    condition = Condition("en", "few-shot", "JPN", group="sex=female,income=low")
    with pytest.raises(NoDataError, match=r"for JPN, sex=female,income=low, .* split by sex, inc"):
        examples_for(condition, bank=BANK, human=split_by_sex(HUMAN))


def test_too_few_items_are_an_error() -> None:
    with pytest.raises(NoDataError, match="0 items can be examples for ATA in wave 7, not 5"):
        choose_examples(HUMAN, BANK, country="ATA", wave=7)
    with pytest.raises(NoDataError, match="136 items can be examples, not 200"):
        format_examples(BANK, 200)


def test_format_examples_are_recorded() -> None:
    examples = format_examples(BANK)
    assert tuple(example.item for example in examples) == FIRST
    assert examples[0].percentages() == {1: 21, 2: 22, 3: 18, 4: 39}
    assert examples == format_examples(BANK, seed=FORMAT_SEED)
    other = format_examples(BANK, seed=FORMAT_SEED + 1)
    assert [e.item for e in other] == [e.item for e in examples]
    assert other != examples
    assert {example.source for example in examples} == {"random"}


def test_format_examples_do_not_follow_a_country() -> None:
    """Made-up shares are not nearer to one country's than chance allows."""
    for example in format_examples(BANK, 20):
        for country in HUMAN["country"].unique():
            rows = HUMAN.filter(country=country, wave=7, question=example.item).sort("code")
            human = (rows["weighted_n"] / rows["weighted_n"].sum()).to_list()
            gap = sum(abs(a - b) for a, b in zip(example.shares, human, strict=False)) / 2
            assert gap > 0.02


def test_few_shot_and_other_conditions_show_the_same_items() -> None:
    for country in ("JPN", "USA", "COL"):
        few_shot = examples_for(Condition("en", "few-shot", country), bank=BANK, human=HUMAN)
        unsteered = examples_for(Condition("en", n_examples=5), bank=BANK)
        assert [e.item for e in few_shot] == [e.item for e in unsteered]


def test_few_shot_needs_human_counts() -> None:
    with pytest.raises(ExperimentError, match="give the human counts"):
        examples_for(Condition("en", "few-shot", "JPN"), bank=BANK)


def test_examples_of_any_condition_are_excluded_from_all() -> None:
    conditions = [
        Condition("en", n_examples=2),
        Condition("ja", "few-shot", "JPN", wave=5, n_examples=7),
        Condition("es", "persona_few-shot", "COL", wave=6, n_examples=7),
    ]
    excluded = excluded_items(conditions, bank=BANK, human=HUMAN)
    for condition in conditions:
        shown = {e.item for e in examples_for(condition, bank=BANK, human=HUMAN)}
        assert shown <= excluded
    assert len(excluded) >= 7
    assert excluded_items([], bank=BANK) == frozenset()


# Example items enter no score that is compared: shown on the replies that the study recorded.
CONDITIONS = (
    Condition("en"),
    Condition("en", "persona", "JPN"),
    Condition("en", "few-shot", "JPN"),
)
EXCLUDED = excluded_items(CONDITIONS, bank=BANK, human=HUMAN)


@pytest.fixture(scope="module")
def replies(oracle: Path) -> pl.DataFrame:
    """What a model answered in three conditions, as replies of ours."""
    recorded = pl.read_parquet(oracle / "responses.parquet").filter(
        (pl.col("model") == "Aya23")
        & pl.col("condition").is_in([condition.steering for condition in CONDITIONS])
        & pl.col("country").is_in(["", "Japan"])
    )
    rows = []
    for steering, question, response in (
        recorded.select("condition", "question", "response")
        .unique(["condition", "question"], maintain_order=True)
        .iter_rows()
    ):
        if question not in BANK.items:
            continue
        codes = BANK.items[question].scale.all_codes
        said = ast.literal_eval(response)
        masses = [float(str(said.get(str(code), 0)).rstrip("%")) for code in codes]
        rows.append(
            {
                "request_key": f"{steering} {question}",
                "model": "recorded",
                "elicitation": "verbalized",
                "language": "en",
                "steering": steering,
                "target": "" if steering == "none" else "JPN",
                "template": "a",
                "question": question,
                "status": "ok",
                "codes": list(codes),
                "probabilities": [mass / sum(masses) for mass in masses],
            }
        )
    return pl.DataFrame(rows)


def with_the_answers_shown(replies: pl.DataFrame, human: pl.DataFrame) -> pl.DataFrame:
    """Make the few-shot replies to example items what a model could copy from its prompt."""
    shown = human.filter(pl.col("question").is_in(EXCLUDED), country="JPN").select(
        "question", shown="probabilities"
    )
    copied = (pl.col("steering") == "few-shot") & pl.col("shown").is_not_null()
    return (
        replies.join(shown, on="question", how="left", maintain_order="left")
        .with_columns(
            probabilities=pl.when(copied).then("shown").otherwise(pl.col("probabilities"))
        )
        .drop("shown")
    )


def scores(replies: pl.DataFrame, exclude: frozenset[str]) -> pl.DataFrame:
    human = human_distributions(HUMAN, BANK)
    model = model_distributions(replies, BANK)
    settings = Settings(exclude_items=exclude, n_resamples=50)
    return country_alignment(model, human, BANK, settings=settings).sort("steering", "country")


def test_copying_the_examples_moves_no_score(replies: pl.DataFrame) -> None:
    human = human_distributions(HUMAN.filter(pl.col("wave") == 7), BANK)
    copied = with_the_answers_shown(replies, human)
    assert not copied.equals(replies)
    assert_frame_equal(scores(copied, EXCLUDED), scores(replies, EXCLUDED), abs_tol=1e-12)
    few_shot = pl.col("steering") == "few-shot"
    naive, cheated = (
        scores(frame, frozenset()).filter(few_shot, country="JPN")["estimate"].item()
        for frame in (replies, copied)
    )
    assert cheated > naive + 0.001


def test_all_conditions_are_scored_on_the_same_other_items(replies: pl.DataFrame) -> None:
    table = scores(replies, EXCLUDED)
    assert set(table["steering"]) == {condition.steering for condition in CONDITIONS}
    answered = replies.group_by("question").len().filter(pl.col("len") == len(CONDITIONS))
    assert table["n_items"].unique().to_list() == [len(set(answered["question"]) - EXCLUDED)]
    assert len(EXCLUDED) == 5


def test_published_shares_can_be_examples() -> None:
    counted = HUMAN.filter(country="JPN", wave=7)
    total = pl.col("weighted_n").filter(pl.col("code") >= 0).sum().over("question")
    shares = counted.with_columns(
        share=pl.col("weighted_n") / total, n=None, weighted_n=None, n_effective=None
    )
    first = choose_examples(counted, BANK, country="JPN", wave=7)
    for one, other in zip(first, choose_examples(shares, BANK, country="JPN", wave=7), strict=True):
        assert one.item == other.item
        assert one.shares == pytest.approx(other.shares)
