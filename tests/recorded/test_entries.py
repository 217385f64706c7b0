from __future__ import annotations

import polars as pl
import pytest

from doxa.errors import RecordingError
from doxa.recorded.documents import Targets
from doxa.recorded.entries import (
    Kept,
    codes_of_options,
    countries_of,
    fielded,
    known_items,
    replies_of,
)
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
    names = pl.Series(["JPN", "", "Vietnam"])
    assert countries_of(names, "a.csv", str).to_list() == ["JPN", "", "VNM"]
    with pytest.raises(RecordingError, match=r"a\.csv: line 3: no country 'Atlantis'"):
        countries_of(pl.Series(["JPN", "Atlantis"]), "a.csv", lambda row: f"line {row + 2}")


def test_items_that_are_not_in_the_questionnaire_are_counted() -> None:
    rows = pl.DataFrame({"question": ["Q46", "Q999", "Q998", "Q999", None]})
    known, others = known_items(rows, BANK, "a.csv")
    assert known["question"].to_list() == ["Q46"]
    assert others == {"on items that are not in the questionnaire (Q999, Q998, )": 4}
    assert known_items(rows[:1], BANK, "a.csv")[1] == {}
    with pytest.raises(RecordingError, match=r"no item of the questionnaire among its items .Q9"):
        known_items(rows[1:], BANK, "a.csv")


def test_rows_of_countries_without_counts_are_counted() -> None:
    rows = pl.DataFrame({"target": ["", "JPN", "KOR", "KOR"]})
    kept, lost = fielded(rows, ["JPN"], "a.csv")
    assert kept["target"].to_list() == ["", "JPN"]
    assert lost == {"steered towards countries without human answers (KOR)": 2}
    assert fielded(rows, None, "a.csv") == (rows, {})
    with pytest.raises(RecordingError, match=r"country without human counts \(KOR\): bring"):
        fielded(rows[2:], ["JPN"], "a.csv")


def made(*targets: str) -> tuple[Kept, Targets]:
    kept, steered = Kept("a.jsonl", BANK), Targets()
    for target in targets:
        row = reply("Q46")
        del row["target"], row["steering"]
        kept.add(row)
        steered.add({"country": target}, "here")
    return kept, steered


def test_every_entry_of_a_log_is_kept_or_counted() -> None:
    kept, steered = made("", "JPN", "KOR")
    kept.leave("undecided")
    kept.leave_unknown("mmlu_1", 2)
    kept.leave_unknown("mmlu_2")
    assert kept.entries == 7
    frame = kept.frame(steered, ["JPN"])
    assert frame["target"].to_list() == ["", "JPN"]
    assert kept.left_out == {
        "undecided": 1,
        "steered towards countries without human answers (KOR)": 1,
        "on items that are not in the questionnaire (mmlu_1, mmlu_2)": 3,
    }
    assert kept.entries == 7


def test_a_log_of_which_nothing_is_left_says_why() -> None:
    kept, steered = made("KOR")
    with pytest.raises(RecordingError, match="every reply is steered towards a country without"):
        kept.frame(steered, ["JPN"])
    kept, steered = made()
    kept.leave_unknown("mmlu_1", 2)
    with pytest.raises(RecordingError, match=r"no item of the questionnaire among its 2 \(mmlu_1"):
        kept.frame(steered, None)
    kept.leave("whose keys may be labels or codes")
    with pytest.raises(RecordingError, match="no reply can be read: 1 whose keys may be labels"):
        kept.frame(steered, None)


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
