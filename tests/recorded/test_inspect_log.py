from __future__ import annotations

import io
import tracemalloc
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from doxa.errors import RecordingError
from doxa.files.unpack import Limits
from doxa.recorded import inspect_log as inspect_log_module
from doxa.recorded import read_recording

from .made import BANK, inspect_log, inspect_sample, packed, packed_with_zstandard, read

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


ODD = [None, [], {}, "text", 7, -1.5, True, [None], [[]], {"a": None}, "\ud800", "9" * 400]


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize(
    "key",
    ["id", "choices", "output", "scores", "metadata", "error", "eval", "samples", "sample"],
)
def test_an_odd_shape_is_one_line_or_a_counted_reply(tmp_path: Path, key: str, odd: object) -> None:
    log = inspect_log(inspect_sample(), inspect_sample(epoch=2))
    if key in ("eval", "samples"):
        log[key] = odd
    elif key == "sample":
        log["samples"][1] = odd
    else:
        log["samples"][1][key] = odd
    said = ""
    try:
        replies = read(tmp_path, log).replies
    except RecordingError as error:
        said = str(error)
    assert "\n" not in said
    if not said:
        assert replies["status"][0] == "ok"
        assert set(replies["status"]) <= {"ok", "unparsable", "refused", "error"}


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_an_odd_reply_keeps_a_status(tmp_path: Path, odd: object) -> None:
    outputs: list[object] = [
        odd,
        {"choices": odd},
        {"choices": [odd]},
        {"choices": [{"message": odd}]},
        {"choices": [{"message": {"content": odd}}]},
        {"choices": [{"message": {"content": [odd]}}]},
    ]
    samples = [inspect_sample(scores=None, output=output) for output in outputs]
    replies = read(tmp_path, inspect_log(inspect_sample(), *samples)).replies
    assert replies["status"][0] == "ok"
    assert set(replies["status"][1:]) <= {"unparsable", "refused", "error"}


def test_samples_are_unpacked_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = inspect_sample(input="x" * (3 << 20))
    log = inspect_log(*(long | {"epoch": n} for n in range(30)))
    path = tmp_path / "a.eval"
    path.write_bytes(packed(log))
    del log
    # 90 MiB in all, stored; each sample is within its own limit
    tracemalloc.start()
    read_recording(path, bank=BANK)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 30 << 20
    monkeypatch.setattr(inspect_log_module, "_LIMITS", Limits(member=1 << 20))
    with pytest.raises(RecordingError, match="unpacks to more than 1 MiB"):
        read_recording(path, bank=BANK)


def test_an_archive_whose_header_is_no_object_is_one_line(tmp_path: Path) -> None:
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w") as archive:
        archive.writestr("header.json", "1.5")
    with pytest.raises(RecordingError, match=r"header\.json is not an object"):
        read(tmp_path, page.getvalue())
