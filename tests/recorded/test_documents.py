from __future__ import annotations

from typing import Any

import pytest

from doxa.errors import RecordingError
from doxa.recorded.documents import ITEM_KEYS, item_of, way_of

from .made import BANK


@pytest.mark.parametrize("key", ITEM_KEYS)
def test_an_item_is_named_in_one_of_several_keys(key: str) -> None:
    assert item_of({key: "Q46", "text": "How happy?"}, "here", BANK) == "Q46"


def test_the_first_name_that_is_an_item_counts() -> None:
    assert item_of({"id": 7, "question": "Q57"}, "here", BANK) == "Q57"
    assert item_of({"id": "mmlu_3"}, "here", BANK) is None


def test_a_question_without_a_name_is_refused() -> None:
    with pytest.raises(RecordingError, match="here: no item: add one of the keys item"):
        item_of({"id": None, "text": "How happy?"}, "here", BANK)


@pytest.mark.parametrize(
    ("found", "way"),
    [
        ({}, ("en", "none", "", "a")),
        ({"country": "Korea"}, ("en", "persona", "KOR", "a")),
        ({"target": "JPN", "steering": "time-6", "language": "ja"}, ("ja", "time-6", "JPN", "a")),
        ({"country": "", "template": "b"}, ("en", "none", "", "b")),
    ],
)  # fmt: skip
def test_ways_of_asking(found: dict[str, Any], way: tuple[str, ...]) -> None:
    read = way_of(found, "here")
    assert tuple(read[name] for name in ("language", "steering", "target", "template")) == way
    assert read["option_order"] == "listed"


def test_an_unknown_country() -> None:
    with pytest.raises(RecordingError, match="here: no country 'Atlantis': write an ISO 3166-1"):
        way_of({"country": "Atlantis"}, "here")
