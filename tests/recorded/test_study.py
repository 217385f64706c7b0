from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import RecordingError

from .made import read, study_row

if TYPE_CHECKING:
    from pathlib import Path


def test_a_reply_is_a_row_with_its_way_of_asking(tmp_path: Path) -> None:
    row = read(tmp_path, pl.DataFrame([study_row()])).replies.row(0, named=True)
    assert (row["language"], row["steering"]) == ("ko", "persona")
    assert (row["target"], row["template"], row["option_order"]) == ("KOR", "a", "listed")
    assert (row["codes"], row["probabilities"]) == ([1, 2, 3, 4], [0.1, 0.2, 0.3, 0.4])


def test_shares_follow_the_codes_for_any_order_of_labels_and_keys(tmp_path: Path) -> None:
    shuffled = study_row(
        choice_keys="['3', '1', '2', '4']",
        response="{'4': '40%', '2': '20%', '1': '10%', '3': '30%'}",
    )
    row = read(tmp_path, pl.DataFrame([shuffled])).replies.row(0, named=True)
    assert row["probabilities"] == [0.1, 0.2, 0.3, 0.4]
    assert row["option_order"] == "3 1 2 4"


def test_names_of_conditions(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        pl.DataFrame([
            study_row(condition="none", country=""),
            study_row(condition="language", country="Russia"),
            study_row(condition="few-shot", country="VNM"),
            study_row(condition="sensitivity-order", country=""),
        ]),
    ).replies  # fmt: skip
    assert found.select("language", "steering", "target").rows() == [
        ("en", "none", ""),
        ("ru", "none", "RUS"),
        ("en", "few-shot", "VNM"),
        ("en", "sensitivity-order", ""),
    ]


def test_repeated_rows_are_draws_and_damaged_replies_keep_their_text(tmp_path: Path) -> None:
    damaged = study_row(response="{'1': '60%'}")
    found = read(tmp_path, pl.DataFrame([study_row(), damaged])).replies
    assert found["draw"].to_list() == [0, 1]
    assert found["status"].to_list() == ["ok", "unparsable"]
    assert found["probabilities"].to_list()[1] is None
    assert found["text"].to_list()[1] == "{'1': '60%'}"


def test_items_that_are_not_in_the_questionnaire_are_left_out_and_told(tmp_path: Path) -> None:
    recording = read(tmp_path, pl.DataFrame([study_row(), study_row(question="Q999")]))
    assert recording.replies["question"].to_list() == ["Q46"]
    assert "Q999" in str(recording.left_out)


def test_replies_to_other_labels_than_the_codes_are_left_out_and_told(tmp_path: Path) -> None:
    """The study's Chinese and Korean Q119 has 1 to 5 for 1, 2, 3, 4, 0: the file was refused."""
    other = study_row(
        question="Q119",
        choice_keys="['1', '2', '3', '4', '5']",
        response="{'1': '20%', '2': '20%', '3': '20%', '4': '20%', '5': '20%'}",
    )
    recording = read(tmp_path, pl.DataFrame([study_row(), other]))
    assert recording.replies["question"].to_list() == ["Q46"]
    assert recording.left_out == {
        "whose labels are not the item's codes: Q119 (1, 2, 3, 4, 5 for 1, 2, 3, 4, 0)": 1
    }


def test_one_file_of_one_condition_needs_no_more_columns(tmp_path: Path) -> None:
    rows = pl.DataFrame([study_row()]).select("question", "choice_keys", "response")
    row = read(tmp_path, rows, "Aya.csv").replies.row(0, named=True)
    assert (row["model"], row["steering"], row["target"]) == ("Aya", "none", "")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"country": "Atlantis"}, "line 2: no country 'Atlantis'"),
        ({"question": "B12"}, "no item of the questionnaire among its items .B12."),
        (
            {"choice_keys": "['1', '2']"},
            "the labels of no reply are its item's codes: Q46 .1, 2 for 1,",
        ),
        ({"choice_keys": "1 2 3 4"}, "not a list of labels"),
        ({"country": ""}, "condition 'language_persona' of country ''"),
        ({"country": "", "condition": "persona"}, "condition 'persona' of country ''"),
    ],
)
def test_faults(tmp_path: Path, changes: dict[str, str], says: str) -> None:
    with pytest.raises((RecordingError, ValueError), match=says) as caught:
        read(tmp_path, pl.DataFrame([study_row(**changes)]))
    assert "\n" not in str(caught.value)
