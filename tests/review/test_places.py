from __future__ import annotations

import pytest

from doxa.questionnaire import QuestionBank
from doxa.review.places import places

BANK = QuestionBank.load()


@pytest.mark.parametrize("code", BANK.languages)
def test_every_text_of_a_language_is_there_with_what_it_measures(code: str) -> None:
    found, language = places(BANK, code), BANK.language(code)
    assert set(language.questions) <= found.keys()
    assert {f"countries.{one}" for one in language.countries} <= found.keys()
    assert all(place.measures for place in found.values())
    assert len({place.hash for place in found.values()}) > 0.9 * len(found)
    said = sum(bool(place.doubt) for place in found.values())
    assert bool(said) == bool(language.uncertain)


def test_an_item_shows_its_scale_and_the_labels_in_the_order_listed() -> None:
    found = places(BANK, "ja")
    assert found["Q122"].scale == "from 0 (Disagree) to 2 (Agree)"
    assert list(found["Q122"].options) == ["2", "1", "0"]
    assert found["Q119"].scale.endswith("; 0 has no place on it")
    assert found["Q42"].scale == "no order"
    assert found["Q164"].english_options == {"1": "Not at all important", "10": "Very important"}
    assert found["prompt.option"].measures == "part of a prompt; keep {label} {option}"
    assert "{item}" in found["batteries.trust"].text
    assert found["countries.JPN"].options["name"] == "日本"


def test_a_further_wording_stands_beside_the_english_question() -> None:
    found = places(BANK, "ja")["wordings.c.Q46"]
    assert found.text == BANK.language("ja").wordings["c"]["Q46"]
    assert found.english == BANK.question("Q46", "en").text
    assert found.measures.endswith(BANK.question("Q46", "ja").text)
    assert "wordings.b.Q1" not in places(BANK, "fr")


def test_the_hash_changes_with_the_words_alone() -> None:
    one = places(BANK, "fr")["Q1"]
    assert one.hash.startswith("h")
    assert one.hash == places(BANK, "fr")["Q1"].hash
    assert one.hash != places(BANK, "es")["Q1"].hash
