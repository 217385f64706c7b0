"""Example items enter no score that is compared: shown on the study's recorded replies."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from doxa.analysis import Settings, country_alignment
from doxa.distribution import human_distributions, model_distributions
from doxa.prompt import Condition, excluded_items
from doxa.questionnaire import QuestionBank
from doxa.survey import sample

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()
HUMAN = sample()
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
