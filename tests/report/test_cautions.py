from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from doxa.report.cautions import cautions, limited, verdict_sentences, way_name
from doxa.report.words import Names

from .invented import evaluation_of

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

WAY = {
    "model": "m", "elicitation": "verbalized", "language": "en", "steering": "none",
    "reasoning": "off",
}  # fmt: skip


def verdict(sound: bool | None, said: str, **way: str) -> dict[str, Any]:
    return {**WAY, **way, "sound": sound, "verdict": said, "caution": ""}


@pytest.fixture
def verdicts() -> pl.DataFrame:
    return pl.DataFrame(
        [
            verdict(True, "replies vary with the question", elicitation="logprobs"),
            verdict(None, "not judged: fewer than five items", language="ja"),
            verdict(False, "no opinion: an example copied in 3 of 9 replies", steering="persona"),
        ]
    )


def test_the_page_warns_of_what_is_no_opinion_first(
    frames: dict[str, pl.DataFrame], verdicts: pl.DataFrame, bank: QuestionBank
) -> None:
    ranking = {**WAY, "wave": 7, "warning": "no closer than equal shares in 3 of 3 countries"}
    tables = {
        "verdicts": verdicts,
        "uniformity": pl.DataFrame([ranking, {**ranking, "warning": ""}]),
    }
    found = cautions(evaluation_of(frames, tables=tables), Names(bank))
    assert found == (
        "m, stated percentages, English, persona: no opinion: an example copied in 3 of 9 replies.",
        "m, stated percentages, Japanese: not judged: fewer than five items.",
        "m, stated percentages, English: no closer than equal shares in 3 of 3 countries.",
    )
    assert cautions(evaluation_of(frames), Names(bank)) == ()


def test_every_way_has_a_sentence(verdicts: pl.DataFrame, bank: QuestionBank) -> None:
    found = verdict_sentences(verdicts, Names(bank))
    assert len(found) == 3
    assert found[-1] == "m, option probabilities, English: replies vary with the question."
    assert verdict_sentences(verdicts.clear(), Names(bank)) == []


def test_long_lists_are_cut_and_counted() -> None:
    assert list(limited(["a."] * 8, "verdicts"))[-1] == (
        "2 more such ways of asking are in the table verdicts."
    )
    assert list(limited(["a."] * 7, "uniformity"))[-1] == (
        "1 more such way of asking is in the table uniformity."
    )
    assert list(limited(["a."], "verdicts")) == ["a."]


def test_a_way_is_named_with_all_that_sets_it_apart(bank: QuestionBank) -> None:
    row = WAY | {"steering": "few-shot", "group": "sex=female", "reasoning": "64"}
    assert way_name(row, Names(bank)) == (
        "m, stated percentages, English, examples, sex=female, thinking, up to 64 tokens"
    )
