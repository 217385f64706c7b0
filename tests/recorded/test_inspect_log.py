from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from doxa.errors import RecordingError

from .made import inspect_log, inspect_sample, packed, packed_with_zstandard, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("pack", [None, packed, packed_with_zstandard])
def test_an_answer_is_one_choice(
    tmp_path: Path, pack: Callable[[dict[str, Any]], bytes] | None
) -> None:
    log = inspect_log(
        inspect_sample(),
        inspect_sample(epoch=2, scores=None, metadata={"country": "JPN", "language": "en"}),
    )
    found = read(tmp_path, pack(log) if pack else log).replies
    assert found["probabilities"].to_list() == [[0.0, 1.0, 0.0, 0.0]] * 2
    assert found["target"].to_list() == ["", "JPN"]
    assert set(found["elicitation"]) == {"sampling"}
    assert set(found["model"]) == {"openai/m"}


def test_epochs_are_draws(tmp_path: Path) -> None:
    log = inspect_log(inspect_sample(), inspect_sample(epoch=2))
    assert read(tmp_path, log).replies["draw"].to_list() == [0, 1]


def test_without_choices_the_reply_is_an_object_of_shares(tmp_path: Path) -> None:
    content = [{"type": "text", "text": '{"1": 10, "2": 20, "3": 30, "4": 40}'}]
    output = {"choices": [{"message": {"content": content}}]}
    log = inspect_log(inspect_sample(choices=None, output=output))
    row = read(tmp_path, log).replies.row(0, named=True)
    assert row["probabilities"] == [0.1, 0.2, 0.3, 0.4]
    assert row["elicitation"] == "verbalized"


def test_what_is_not_an_answer_keeps_its_status(tmp_path: Path) -> None:
    words = {"choices": [{"message": {"content": "I cannot say."}}]}
    silence = {"choices": [{"message": {"content": ""}}]}
    log = inspect_log(
        inspect_sample(output=words, scores=None),
        inspect_sample(output=silence, scores={}),
        inspect_sample(output={}, error={"message": "timeout"}),
        inspect_sample(),
    )
    statuses = read(tmp_path, log).replies["status"].to_list()
    assert statuses == ["unparsable", "refused", "error", "ok"]


@pytest.mark.parametrize(
    ("sample", "says"),
    [
        (inspect_sample(id=7), "no item of the questionnaire"),
        (inspect_sample(choices=["yes", "no"]), "option 'yes' is not one of the item's"),
        (inspect_sample(metadata={"country": "Atlantis"}), "no country 'Atlantis'"),
    ],
)
def test_faults(tmp_path: Path, sample: dict[str, Any], says: str) -> None:
    with pytest.raises(RecordingError, match=says):
        read(tmp_path, inspect_log(sample))


def test_an_archive_that_is_cut_off_or_unfinished(tmp_path: Path) -> None:
    whole = packed(inspect_log(inspect_sample()))
    with pytest.raises(RecordingError, match="cut short or damaged"):
        read(tmp_path, whole[: len(whole) // 2])
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w") as archive:
        archive.writestr("_journal/start.json", "{}")
    with pytest.raises(RecordingError, match=r"without header\.json"):
        read(tmp_path, page.getvalue())
