from __future__ import annotations

from typing import Any

import pytest

from doxa.errors import RecordingError
from doxa.recorded.documents import ITEM_KEYS, Targets, item_of, way_of

from .made import BANK


@pytest.mark.parametrize("key", ITEM_KEYS)
def test_an_item_is_named_in_one_of_several_keys(key: str) -> None:
    assert item_of({key: "Q46", "text": "How happy?"}, "here", BANK) == "Q46"


def test_the_first_name_that_is_an_item_counts() -> None:
    assert item_of({"id": 7, "question": "Q57"}, "here", BANK) == "Q57"
    assert item_of({"id": "mmlu_3"}, "here", BANK) is None


def test_two_items_in_one_question_are_refused() -> None:
    with pytest.raises(RecordingError, match="here: names the items Q46 and Q57: write the one"):
        item_of({"id": "Q46", "question": "Q57"}, "here", BANK)


def test_a_question_without_a_name_is_refused() -> None:
    with pytest.raises(RecordingError, match="here: no item: add one of the keys item"):
        item_of({"id": None, "text": "How happy?"}, "here", BANK)


@pytest.mark.parametrize(
    ("found", "way"),
    [
        ({}, ("none", "")),
        ({"country": "Korea"}, ("persona", "KOR")),
        ({"country": 392}, ("persona", "JPN")),
        ({"target": "JPN", "steering": "time-6"}, ("time-6", "JPN")),
        ({"target": "South Korea"}, ("persona", "KOR")),
        ({"country": "", "target": None}, ("none", "")),
        ({"target": "A", "country": "JPN"}, ("persona", "JPN")),
    ],
)
def test_countries_and_steerings(found: dict[str, Any], way: tuple[str, str]) -> None:
    targets = Targets()
    targets.add(found, "here")
    [read] = targets.columns()
    assert (read["steering"], read["target"]) == way


def test_a_way_has_defaults() -> None:
    assert way_of({"group": "control"}) == {
        "language": "en", "wording": "a", "surface": "plain", "template": "a",
        "label_style": "numbers", "reasoning": "off",
    }  # fmt: skip
    assert way_of({"language": "ja", "template": "b"})["language"] == "ja"


@pytest.mark.parametrize("values", [["4", "2"], [4, 31, 0], ["A", "NO"], ["Agree", "Disagree"]])
def test_right_answers_are_no_countries(values: list[object]) -> None:
    targets = Targets()
    for value in values:
        targets.add({"target": value}, "here")
    assert {one["target"] for one in targets.columns()} == {""}
    [said] = targets.told.values()
    assert f"its {len(values)} values ({values[0]}" in said
    assert "taken for right answers" in said


def test_countries_among_right_answers_are_refused() -> None:
    targets = Targets()
    targets.add({"target": "JPN"}, "line 1")
    with pytest.raises(RecordingError, match=r"line 2: target 'B': some targets are countries"):
        targets.add({"target": "B"}, "line 2")


def test_a_persona_of_nobody_is_refused() -> None:
    targets = Targets()
    targets.add({"steering": "persona", "nation": "JPN"}, "line 1")
    with pytest.raises(RecordingError, match="steering 'persona' without a country"):
        targets.columns()


def test_an_unknown_country() -> None:
    with pytest.raises(RecordingError, match="here: no country 'Atlantis': write an ISO 3166-1"):
        Targets().add({"country": "Atlantis"}, "here")
