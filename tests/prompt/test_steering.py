from __future__ import annotations

import shutil
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from doxa.errors import ExperimentError, QuestionnaireError
from doxa.prompt import PARTS, WAVE_YEARS, Condition, parse_steering, render
from doxa.prompt.steering import Aim, Part, read_steering
from doxa.questionnaire import QuestionBank

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BANK = QuestionBank.load()


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
    assert tuple(part for part, _ in read_steering(steering)) == parts


@pytest.mark.parametrize(
    ("steering", "message"),
    [
        ("few-shot_persona", "write it as 'persona_few-shot'"),
        ("time-5_persona", "write it as 'persona_time-5'"),
        ("persona_persona", "write it as 'persona'"),
        ("hypnosis", "no part 'hypnosis': write none, or some of persona, time-<wave>, few-shot"),
        ("", "no part ''"),
        ("none_persona", "no part 'none'"),
        ("persona-3", "no part 'persona-3'"),
        ("time", "'time' does not name its wave: write time-1 to time-7"),
        ("time-9", "'time-9' does not name its wave"),
        ("time-x", "'time-x' does not name its wave"),
    ],
)
def test_a_wrong_steering_is_an_error(steering: str, message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        parse_steering(steering)


def test_waves_lie_one_after_another() -> None:
    years = list(WAVE_YEARS.values())
    assert all(first <= last for first, last in years)
    assert all(a[1] < b[0] for a, b in pairwise(years))


@pytest.mark.parametrize("name", PARTS)
def test_a_part_fills_in_the_names_of_its_text(name: str) -> None:
    part = PARTS[name]
    values = part.fill(Aim("JPN", min(part.numbers, default=0), BANK.language("en")))
    assert values.keys() == set(part.names)
    assert bool(part.number) == bool(part.numbers)


def test_a_country_without_a_name_is_an_error_that_says_where_to_add_it() -> None:
    with pytest.raises(QuestionnaireError, match=r"no country 'ATA' in .*en\.toml: .*countries.AT"):
        PARTS["persona"].fill(Aim("ATA", 0, BANK.language("en")))


def _hour(aim: Aim) -> Mapping[str, object]:
    return {"hour": aim.number}


def test_a_row_and_its_text_make_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = render("Q1", Condition("en"), bank=BANK)
    clock = Part("clock", ("hour",), _hour, number="hour", numbers=range(1, 25))
    monkeypatch.setitem(PARTS, "clock", clock)  # type: ignore[misc]
    for name in ("items.toml", "countries.toml", "en.toml"):
        shutil.copy(BANK.path / name, tmp_path / name)
    english = (tmp_path / "en.toml").read_text(encoding="utf-8")
    assert "[prompt]\n" in english

    with pytest.raises(QuestionnaireError, match=r"en\.toml, prompt\.clock: is missing: add it"):
        render("Q1", Condition("en", "clock-9"), bank=QuestionBank.load(tmp_path))
    text = english.replace("[prompt]\n", '[prompt]\nclock = "It is {hour} o\'clock."\n')
    (tmp_path / "en.toml").write_text(text, encoding="utf-8")
    bank = QuestionBank.load(tmp_path)
    steered = render("Q1", Condition("en", "persona_clock-9", "JPN"), bank=bank).system
    assert "It is 9 o'clock." in steered.split("\n\n")
    assert render("Q1", Condition("en"), bank=bank) == before
    assert parse_steering("clock-9") == (("clock",), None)
    with pytest.raises(
        ExperimentError, match="'clock-25' does not name its hour: write clock-1 to clock"
    ):
        Condition("en", "clock-25")
    with pytest.raises(ExperimentError, match="persona, time-<wave>, few-shot, clock-<hour>"):
        Condition("en", "watch")
