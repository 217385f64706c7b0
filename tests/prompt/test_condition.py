from __future__ import annotations

from itertools import pairwise

import pytest

from doxa.errors import ExperimentError
from doxa.prompt import PARTS, WAVE_YEARS, Condition, parse_steering


@pytest.mark.parametrize(
    ("steering", "parts", "wave"),
    [
        ("none", (), None),
        ("persona", ("persona",), None),
        ("time-5", ("time",), 5),
        ("persona_few-shot", ("persona", "few-shot"), None),
        ("persona_time-6_few-shot", ("persona", "time", "few-shot"), 6),
    ],
)
def test_a_steering_names_its_parts(
    steering: str, parts: tuple[str, ...], wave: int | None
) -> None:
    assert parse_steering(steering) == (parts, wave)


@pytest.mark.parametrize(
    ("steering", "message"),
    [
        ("few-shot_persona", "write it as 'persona_few-shot'"),
        ("time-5_persona", "write it as 'persona_time-5'"),
        ("persona_persona", "write it as 'persona'"),
        ("hypnosis", "no part 'hypnosis'"),
        ("", "no part ''"),
        ("none_persona", "no part 'none'"),
        ("time", "'time' names no wave"),
        ("time-9", "'time-9' names no wave"),
    ],
)
def test_a_wrong_steering_is_an_error(steering: str, message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        parse_steering(steering)


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
        ({"n_examples": -1}, "-1 examples"),
        ({"n_examples": 0, "steering": "few-shot", "target": "JPN"}, "few-shot needs 1"),
    ],
)
def test_a_wrong_field_is_an_error(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        Condition("en", **fields)  # type: ignore[arg-type]


def test_waves_lie_one_after_another() -> None:
    years = list(WAVE_YEARS.values())
    assert all(first <= last for first, last in years)
    assert all(a[1] < b[0] for a, b in pairwise(years))
