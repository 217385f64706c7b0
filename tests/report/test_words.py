from __future__ import annotations

from typing import get_args

import pytest

from doxa.analysis.parts.settings import BaselineKind
from doxa.elicit import ELICITATIONS, Status
from doxa.questionnaire import QuestionBank
from doxa.report.words import (
    BASELINES,
    STATUS_NAMES,
    STEERINGS,
    Names,
    elicitation_name,
    in_table_order,
    plural,
    steering_name,
    with_interval,
)


def test_every_elicitation_has_words_of_its_own() -> None:
    told = [(one.words, one.how) for one in ELICITATIONS.values()]
    for part in zip(*told, strict=True):
        assert all(part)
        assert len(set(part)) == len(ELICITATIONS)


def test_an_elicitation_without_words_keeps_its_name_and_stands_last() -> None:
    assert elicitation_name("interview") == "interview"
    assert in_table_order(["interview", "all at once", *reversed(ELICITATIONS)]) == [
        *ELICITATIONS, "all at once", "interview",
    ]  # fmt: skip


def test_every_baseline_and_status_has_words() -> None:
    assert set(BASELINES) == set(get_args(BaselineKind))
    assert set(STATUS_NAMES) == set(get_args(Status))


def test_steerings_are_named_by_their_parts() -> None:
    assert [steering_name(kind) for kind in STEERINGS] == [
        "No steering", "Persona", "Examples", "Other",
    ]  # fmt: skip
    assert steering_name("hypnosis_persona") == "Hypnosis and persona"


def test_what_the_questionnaire_does_not_name_keeps_its_code() -> None:
    names = Names(QuestionBank.load())
    assert names.condition("none", "ja", "") == "No steering · Japanese"
    assert names.condition("persona", "xx", "ATL") == "Persona, ATL · xx"


@pytest.mark.parametrize(
    ("numbers", "signed", "text"),
    [
        ((0.5, None, None), False, "0.500"),
        ((0.5, 0.4, float("nan")), False, "0.500"),
        ((float("nan"), 0.1, 0.2), False, "–"),
        ((0.04, 0.01, 0.07), True, "+0.040 [+0.010, +0.070]"),
        ((-0.04, -0.07, -0.01), True, "−0.040 [−0.070, −0.010]"),
    ],
)
def test_numbers_stand_with_their_intervals(
    numbers: tuple[float | None, ...], signed: bool, text: str
) -> None:
    assert with_interval(*numbers, signed=signed) == text


def test_nouns_follow_their_numbers() -> None:
    assert (plural(1, "item"), plural(0, "item"), plural(2, "reply", "replies")) == (
        "1 item", "0 items", "2 replies",
    )  # fmt: skip
