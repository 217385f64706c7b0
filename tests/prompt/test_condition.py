from __future__ import annotations

import pytest

from doxa.errors import ExperimentError
from doxa.prompt import PARTS, Condition


def test_time_sets_the_wave_whose_answers_are_shown() -> None:
    assert Condition("en", "time-5_few-shot", "JPN").wave == 5
    assert Condition("en", "few-shot", "JPN").wave == 7


@pytest.mark.parametrize("part", PARTS)
def test_a_target_is_named_exactly_where_a_part_steers_towards_it(part: str) -> None:
    steering = "time-7" if part == "time" else part
    right, wrong = ("JPN", "") if PARTS[part].targeted else ("", "JPN")
    assert Condition("en", steering, right).parts == (part,)
    with pytest.raises(ExperimentError, match="target"):
        Condition("en", steering, wrong)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"option_order": "shuffled"}, "no option order 'shuffled'"),
        ({"option_order": "seed:x"}, "no option order 'seed:x'"),
        ({"option_order": "listed:1"}, "no option order"),
        ({"label_style": "roman"}, "no label style 'roman'"),
        ({"n_examples": -1}, "-1 examples with steering 'none': write 0 or more"),
        (
            {"n_examples": 0, "steering": "few-shot", "target": "JPN"},
            "0 examples with steering 'few-shot': write 1 or more",
        ),
    ],
)
def test_a_wrong_field_is_an_error(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        Condition("en", **fields)  # type: ignore[arg-type]


def test_a_group_has_one_text_and_may_stand_without_a_country() -> None:
    condition = Condition("en", "persona", group="age = 60 or older, sex=FEMALE")
    assert condition.group == "sex=female,age=60+"
    assert condition == Condition("en", "persona", group="sex=female,age=60+")


@pytest.mark.parametrize(
    ("steering", "target", "group", "message"),
    [
        ("none", "", "sex=female", "steering 'none' has no target: leave out 'sex=female'"),
        ("time-6", "", "sex=female", "has no target: leave out 'sex=female'"),
        ("few-shot", "", "sex=female", "shows the answers of a country's people: name it"),
        ("persona", "JPN", "sex=woman", "no sex 'woman': there are male; female"),
    ],
)
def test_a_group_needs_a_part_that_steers(
    steering: str, target: str, group: str, message: str
) -> None:
    with pytest.raises(ExperimentError, match=message):
        Condition("en", steering, target, group=group)


def test_examples_show_human_answers_where_a_part_says_so() -> None:
    assert Condition("en", "persona_few-shot", "JPN").shows_human_answers
    assert not Condition("en", "persona", "JPN").shows_human_answers
