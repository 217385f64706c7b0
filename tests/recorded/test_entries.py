from __future__ import annotations

import polars as pl
import pytest

from doxa.errors import RecordingError
from doxa.recorded.entries import codes_of_options, countries_of, kept, known_items, replies_of
from doxa.store.record import REPLY_COLUMNS

from .made import BANK, HAPPY


def reply(question: str, **changes: object) -> dict[str, object]:
    row = {
        "model": "m", "question": question, "language": "en", "steering": "none", "target": "",
        "template": "a", "option_order": "listed", "elicitation": "verbalized", "status": "ok",
        "probabilities": [0.25] * 4, "text": "",
    }  # fmt: skip
    return row | changes


def test_countries_by_code_or_name() -> None:
    assert countries_of(pl.Series(["JPN", "", "Vietnam"]), "a.csv").to_list() == ["JPN", "", "VNM"]
    with pytest.raises(RecordingError, match=r"a\.csv: row 1: no country 'Atlantis'"):
        countries_of(pl.Series(["JPN", "Atlantis"]), "a.csv")


def test_items_that_are_not_in_the_questionnaire_are_told() -> None:
    rows = pl.DataFrame({"question": ["Q46", "Q999", "Q998", "Q999"]})
    known, others = known_items(rows, BANK, "a.csv")
    assert known["question"].to_list() == ["Q46"]
    assert others == {"items that are not in the questionnaire": "Q999, Q998"}
    assert known_items(rows[:1], BANK, "a.csv")[1] == {}
    with pytest.raises(RecordingError, match=r"no item of the questionnaire among its items .'Q9"):
        known_items(rows[1:], BANK, "a.csv")


def test_rows_on_items_and_countries_that_matter_are_kept() -> None:
    rows = [reply("Q46"), reply("Q46", target="JPN"), reply("Q46", target="KOR")]
    frame, others = kept(rows, ["Q46", None, "Q46", "Q46"], ["JPN"], "a.jsonl", BANK)
    assert frame["target"].to_list() == ["", "JPN"]
    assert others == {"replies on items that are not in the questionnaire": "1"}
    with pytest.raises(RecordingError, match="every reply is steered towards a country without"):
        kept(rows[2:], ["Q46"], ["JPN"], "a.jsonl", BANK)
    with pytest.raises(RecordingError, match="no item of the questionnaire among its 2"):
        kept([], [None, None], None, "a.jsonl", BANK)


@pytest.mark.parametrize(
    "options",
    [
        HAPPY,
        ["1", "2", "3", "4"],
        [f"{letter}) {word}" for letter, word in zip("ABCD", HAPPY, strict=True)],
        [word.upper() for word in HAPPY],
    ],
)
def test_options_by_code_or_words(options: list[str]) -> None:
    assert codes_of_options(options, "Q46", "en", BANK, "a") == [1, 2, 3, 4]
    assert codes_of_options(options[::-1], "Q46", "en", BANK, "a") == [4, 3, 2, 1]


def test_options_that_are_not_the_items() -> None:
    with pytest.raises(RecordingError, match="a: Q46: option 'Perhaps' is not one of the item's"):
        codes_of_options(["Perhaps", *HAPPY[1:]], "Q46", "en", BANK, "a")
    with pytest.raises(RecordingError, match="are not the item's 1, 2, 3, 4, each once"):
        codes_of_options(HAPPY[:3], "Q46", "en", BANK, "a")


def test_replies_have_the_columns_of_a_run_and_repeats_are_draws() -> None:
    rows = pl.DataFrame([reply("Q46"), reply("Q46"), reply("Q46", target="JPN")])
    found = replies_of(rows, "a.csv", BANK, backend="theirs")
    assert dict(found.schema) == REPLY_COLUMNS
    assert found["draw"].to_list() == [0, 1, 0]
    assert found["request_key"].to_list() == ["a.csv:0", "a.csv:1", "a.csv:2"]
    assert found["codes"].to_list() == [[1, 2, 3, 4]] * 3
    assert set(found["backend"]) == {"theirs"}
    assert found["seconds"].null_count() == 3
