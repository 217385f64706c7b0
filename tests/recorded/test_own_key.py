from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doxa.errors import RecordingError

from .made import BANK, SENT, inspect_log, inspect_sample, read
from .made import own_key as key
from .made import own_line as line
from .made import own_scored as scored

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.harness.key import Key
    from doxa.recorded import Recording


def logged(tmp_path: Path, asked: Key, *texts: str) -> Recording:
    """Read a log of Inspect with a sample for each text."""
    metadata = {"doxa": asked.to_dict(), "sent": SENT}
    choices = [{"message": {"content": text}, "stop_reason": "stop"} for text in texts]
    samples = [
        inspect_sample(metadata=metadata, output={"choices": [choice]}) for choice in choices
    ]
    return read(tmp_path, inspect_log(*samples), "a.json")


def test_both_programs_logs_give_what_was_asked(tmp_path: Path) -> None:
    text = '{"A": 70, "B": 20, "C": 10} is my guess.'
    for found in (read(tmp_path, [line(key(), text)]), logged(tmp_path, key(), text)):
        row = found.replies.row(0, named=True)
        shares = dict(zip(row["codes"], row["probabilities"], strict=True))
        assert shares == pytest.approx({2: 0.7, 0: 0.2, 1: 0.1})
        assert row["codes"] == list(BANK.items["Q122"].scale.all_codes)
        way = [row[name] for name in ("question", "language", "steering", "target")]
        assert way == ["Q122", "ja", "persona", "JPN"]
        assert (row["option_order"], row["elicitation"]) == ("reversed", "verbalized")
        assert row["text"] == text
        assert found.examples == {"Q32"}
        sent = found.prompts.row(0, named=True)
        # a chat end point begins the reply itself
        assert sent == {"request_key": row["request_key"]} | SENT | {"reply_start": ""}
        assert found.unknown.keys() <= {"the model's name"}
        assert not found.left_out


def test_a_reply_that_was_begun_goes_on_from_there(tmp_path: Path) -> None:
    begun = replace(key(), form="begun")
    row = read(tmp_path, [line(begun, '"A": 70, "B": 20, "C": 10}')]).replies.row(0, named=True)
    assert row["status"] == "ok"
    unbegun = read(tmp_path, [line(key(), '"A": 70, "B": 20, "C": 10}')]).replies
    assert unbegun["status"].to_list() == ["unparsable"]


def test_draws_of_a_line_and_epochs_are_draws(tmp_path: Path) -> None:
    asked = key(elicitation="sampling", draws=3)
    for found in (
        read(tmp_path, [line(asked, "A", "C.", "no")]),
        logged(tmp_path, asked, "A", "C.", "no"),
    ):
        replies = found.replies
        assert replies["draw"].to_list() == [0, 1, 2]
        assert replies["status"].to_list() == ["ok", "ok", "refused"]
        at = replies["codes"][0].to_list().index(2)
        assert replies["probabilities"][0][at] == 1.0


def test_draws_that_one_seed_made_alike_are_noticed(tmp_path: Path) -> None:
    asked = [key(item, "sampling", draws=2) for item in ("Q122", "Q123")]
    alike = read(tmp_path, [line(one, "A", "A") for one in asked])
    assert "all draws of each of 2 prompts are alike" in str(alike.unknown)
    drawn = read(tmp_path, [line(asked[0], "A", "A"), line(asked[1], "A", "B")])
    assert drawn.unknown.keys() == {"the model's name"}


def test_calibrated_likelihoods_are_divided_by_those_without_content(tmp_path: Path) -> None:
    asked = key(elicitation="logprobs-calibrated")
    blank = replace(asked, baseline=True)
    found = read(tmp_path, [scored(blank, 0.4, 0.2, 0.2), scored(asked, 0.2, 0.2, 0.4)])
    row = found.replies.row(0, named=True)
    shares = dict(zip(row["codes"], row["probabilities"], strict=True))
    assert shares == pytest.approx({2: 0.5 / 3.5, 0: 1 / 3.5, 1: 2 / 3.5})
    assert row["off_option_mass"] == pytest.approx(0.2)
    alone = read(tmp_path, [scored(asked, 0.2, 0.2, 0.4)]).replies.row(0, named=True)
    assert alone["status"] == "error"
    assert "without content: not asked" in alone["reason"]
    with pytest.raises(RecordingError, match="holds calibrations alone"):
        read(tmp_path, [scored(blank, 0.4, 0.2, 0.2)])


def test_other_words_are_told_and_other_codes_left_out(tmp_path: Path) -> None:
    text = '{"A": 70, "B": 20, "C": 10}'
    worded = replace(key(), questionnaire="c0ffee")
    recoded = key("Q123", codes=(3, 4, 5))
    unknown = key("Q999")
    found = read(tmp_path, [line(one, text) for one in (worded, recoded, unknown)])
    assert found.replies["question"].to_list() == ["Q122"]
    assert "Q122 (ja) had other words" in str(found.unknown)
    assert found.left_out == {
        "on items that have other codes in the questionnaire (Q123)": 1,
        "on items that are not in the questionnaire (Q999)": 1,
    }
    assert found.entries == 3
    with pytest.raises(RecordingError, match=r"no row that can be used: 1 on items .*Q999"):
        read(tmp_path, [line(unknown, text)])


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    newer = line(key(), "A")
    newer["doc"]["doxa"]["format"] = 2
    with pytest.raises(RecordingError, match=r"line 1: doxa has format 2.*install a newer doxa"):
        read(tmp_path, [newer])


def test_rows_of_others_in_the_same_file_are_refused(tmp_path: Path) -> None:
    other = line(key(), "A")
    del other["doc"]["doxa"]
    with pytest.raises(RecordingError, match="line 2: no doxa, which other rows"):
        read(tmp_path, [line(key(), "A"), other])


def test_countries_without_counts_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(line(key(), "A")) + "\n", encoding="utf-8")
    from doxa.recorded import read_recording

    with pytest.raises(
        RecordingError, match=r"1 steered towards countries without human answers \(JPN\)"
    ):
        read_recording(path, bank=BANK, targets=["USA"])


def test_ten_numbered_options_are_within_bounds_where_the_tokens_are_unknown(
    tmp_path: Path,
) -> None:
    labels, codes = tuple(map(str, range(1, 11))), tuple(range(1, 11))
    ten = key("Q164", "logprobs", labels=labels, codes=codes)
    found = read(tmp_path, [scored(ten, 0.3, *[0.05] * 8, 0.1)])
    row = found.replies.row(0, named=True)
    assert row["probabilities"][0] == pytest.approx(0.2 / 0.7)
    assert (row["lower"][0], row["upper"][0]) == pytest.approx((0.2 / 0.7, 0.3 / 0.8))
    assert "in 1 replies it is open" in str(found.unknown)
    # another row of the same model tells that 10 is a token of its own
    other = key("Q158", "logprobs", labels=labels, codes=codes)
    both = read(tmp_path, [scored(ten, 0.3, *[0.05] * 8, 0.1), scored(other, *[0.05] * 9, 0.5)])
    assert both.replies["probabilities"][0][0] == pytest.approx(0.3 / 0.8)
    assert both.replies["lower"].to_list() == [None, None]
    assert "it is open" not in str(both.unknown)


def test_likelihoods_that_were_rounded_may_add_up_to_a_little_more_than_1(tmp_path: Path) -> None:
    asked = key("Q122", "logprobs")
    rounded, wrong = scored(asked, 0.5, 0.3, 0.21), scored(key("Q123", "logprobs"), 0.9, 0.9, 0.9)
    replies = read(tmp_path, [rounded, wrong]).replies
    assert replies["status"].to_list() == ["ok", "error"]
    assert replies["off_option_mass"][0] == pytest.approx(0, abs=1e-12)
    assert "more than 1" in replies["reason"][1]
