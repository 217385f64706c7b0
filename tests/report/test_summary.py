from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from doxa.questionnaire import QuestionBank
from doxa.report.summary import asked, default_title, figures
from doxa.report.tables import ShownCondition
from doxa.report.words import Names

CONDITIONS = [
    ShownCondition("none", language, "", "", "off", "none", language, language, "No steering")
    for language in ("ja", "en")
]
NAMES = Names(QuestionBank.load())
ALIGNMENT = pl.DataFrame({"n_items": [12, 9, None]})


def data(**changes: Any) -> dict[str, Any]:
    return {
        "models": ["tiny"],
        "countries": {"JPN": "Japan"},
        "waves": [7],
        "elicitations": {"logprobs": "option probabilities"},
    } | changes


def test_a_small_study_is_told_name_by_name() -> None:
    assert asked(data(), ALIGNMENT, CONDITIONS, ["WVS"], NAMES) == (
        "How close do the answers of tiny to 12 items of the World Values Survey (wave 7) come to "
        "those of people in 1 country (Japan)? Asked in English and Japanese, in 2 ways; its "
        "answers were read from the option probabilities."
    )


def test_a_large_study_is_told_in_numbers() -> None:
    large = data(
        models=list("abcd"), countries={str(n): f"Country {n}" for n in range(9)}, waves=[5, 7]
    )
    text = asked(large, ALIGNMENT, CONDITIONS, ["ESS", "WVS"], NAMES)
    assert "answers of 4 language models to 12 items of the ESS and World Values Survey" in text
    assert "(wave 5 and 7)" in text
    assert "people in 9 countries?" in text
    assert "their answers were read" in text


@pytest.mark.parametrize(
    ("statuses", "share"),
    [(["ok"] * 4, "100%"), (["ok", "ok", "error"], "66.7%"), (["refused"], "0%")],
)
def test_the_share_of_usable_replies(statuses: list[str], share: str) -> None:
    replies = pl.DataFrame({"status": statuses}).with_columns(question=pl.lit("Q1"))
    found = figures(data(), ALIGNMENT, CONDITIONS, replies)
    assert found == [
        ("12", "items"), ("1", "countries"), ("2", "ways of asking"),
        (str(len(statuses)), "replies"), (share, "of replies usable"),
    ]  # fmt: skip


def test_the_title_asks_for_one_or_several() -> None:
    assert default_title(pl.DataFrame({"model": ["m", "m"]})) == "Whose opinions does m express?"


def test_items_that_no_score_has_are_counted() -> None:
    replies = pl.DataFrame({"status": ["ok"] * 30, "question": [f"Q{n}" for n in range(30)]})
    found = figures(data(), ALIGNMENT, CONDITIONS, replies)
    assert found[0] == ("12", "of the 30 items asked")
