"""Files of other programs, whole and broken."""

from __future__ import annotations

import io
import json
import math
import zipfile
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pytest

from doxa.errors import RecordingError
from doxa.questionnaire import QuestionBank
from doxa.recorded import FORMATS, read_recording
from doxa.store.export import export_replies

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from doxa.recorded import Recording

BANK = QuestionBank.load()
HAPPY = ["Very happy", "Rather happy", "Not very happy", "Not at all happy"]


def study_row(**changes: str) -> dict[str, str]:
    row = {
        "model": "Aya23",
        "condition": "language_persona",
        "country": "Korea",
        "question": "Q46",
        "choice_keys": "['1', '2', '3', '4']",
        "response": "{'1': '10%', '2': '20%', '3': '30%', '4': '40%'}",
    }
    return row | changes


def sample_line(logs: list[float] | None = None, **doc: object) -> dict[str, Any]:
    """Give a line as lm-evaluation-harness 0.4.13 writes it, numbers as text."""
    logs = logs or [math.log(p) for p in (0.1, 0.2, 0.3, 0.2)]
    pairs = [[str(number), "False"] for number in logs]
    return {
        "doc_id": 0,
        "doc": {"id": "Q46", "choices": HAPPY} | doc,
        "target": "0",
        "arguments": {
            f"gen_args_{i}": {"arg_0": "How happy?", "arg_1": f" {i + 1}"} for i in range(len(logs))
        },
        "resps": [[pair] for pair in pairs],
        "filtered_resps": pairs,
        "filter": "none",
        "doc_hash": "abc",
    }


def inspect_sample(**changes: object) -> dict[str, Any]:
    sample = {
        "id": "Q46",
        "epoch": 1,
        "input": "How happy?",
        "choices": HAPPY,
        "target": "A",
        "output": {"model": "m", "choices": [{"message": {"content": "ANSWER: B"}}]},
        "scores": {"choice": {"value": "I", "answer": "B"}},
        "metadata": {},
    }
    return sample | changes


def inspect_log(*samples: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": 2,
        "status": "success",
        "eval": {"task": "happiness", "model": "openai/m"},
        "samples": list(samples),
    }


def cell_rows(*shares: float, **changes: object) -> list[dict[str, object]]:
    return [
        {"cell_id": "Vietnam", "question": "Q46", "option": option, "share": share, "source": "m"}
        | changes
        for option, share in zip(HAPPY, shares, strict=True)
    ]


def read(folder: Path, content: object, name: str = "file.bin") -> Recording:
    path = folder / name
    match content:
        case bytes():
            path.write_bytes(content)
        case str():
            path.write_text(content, encoding="utf-8")
        case pl.DataFrame():
            content.write_csv(path)
        case list():
            path.write_text("\n".join(map(json.dumps, content)), encoding="utf-8")
        case _:
            path.write_text(json.dumps(content), encoding="utf-8")
    return read_recording(path, bank=BANK)


def packed(document: dict[str, Any]) -> bytes:
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w") as archive:
        header = {key: value for key, value in document.items() if key != "samples"}
        archive.writestr("header.json", json.dumps(header))
        for number, sample in enumerate(document["samples"]):
            archive.writestr(f"samples/{sample['id']}_epoch_{number}.json", json.dumps(sample))
    return page.getvalue()


def packed_with_zstandard(document: dict[str, Any]) -> bytes:
    """Pack as Inspect 0.3.285 does, whatever Python's own zipfile knows."""
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w") as archive:
        header = {key: value for key, value in document.items() if key != "samples"}
        members = {"header.json": json.dumps(header, indent=2)}
        for number, sample in enumerate(document["samples"]):
            members[f"samples/{sample['id']}_epoch_{number}.json"] = json.dumps(sample)
        for name, text in members.items():
            archive.writestr(name, pa.compress(text.encode(), codec="zstd", asbytes=True))
    data = bytearray(page.getvalue())
    for mark, offset in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        start = data.find(mark)
        while start >= 0:
            data[start + offset : start + offset + 2] = (93).to_bytes(2, "little")
            start = data.find(mark, start + 4)
    return bytes(data)


class TestTheStudysReplies:
    def test_a_reply_is_a_row_with_its_way_of_asking(self, tmp_path: Path) -> None:
        row = read(tmp_path, pl.DataFrame([study_row()])).replies.row(0, named=True)
        assert (row["language"], row["steering"]) == ("ko", "persona")
        assert (row["target"], row["template"], row["option_order"]) == ("KOR", "a", "listed")
        assert (row["codes"], row["probabilities"]) == ([1, 2, 3, 4], [0.1, 0.2, 0.3, 0.4])

    def test_shares_follow_the_codes_whatever_the_order_of_labels_and_keys(
        self, tmp_path: Path
    ) -> None:
        shuffled = study_row(
            choice_keys="['3', '1', '2', '4']",
            response="{'4': '40%', '2': '20%', '1': '10%', '3': '30%'}",
        )
        row = read(tmp_path, pl.DataFrame([shuffled])).replies.row(0, named=True)
        assert row["probabilities"] == [0.1, 0.2, 0.3, 0.4]
        assert row["option_order"] == "3 1 2 4"

    def test_names_of_conditions(self, tmp_path: Path) -> None:
        found = read(
            tmp_path,
            pl.DataFrame([
                study_row(condition="none", country=""),
                study_row(condition="language", country="Russia"),
                study_row(condition="few-shot", country="VNM"),
                study_row(condition="sensitivity-order", country=""),
            ]),
        ).replies  # fmt: skip
        assert found.select("language", "steering", "target", "template").rows() == [
            ("en", "none", "", "a"),
            ("ru", "none", "RUS", "a"),
            ("en", "few-shot", "VNM", "a"),
            ("en", "none", "", "sensitivity-order"),
        ]

    def test_repeated_rows_are_draws_and_damaged_replies_keep_their_text(
        self, tmp_path: Path
    ) -> None:
        damaged = study_row(response="{'1': '60%'}")
        found = read(tmp_path, pl.DataFrame([study_row(), damaged])).replies
        assert found["draw"].to_list() == [0, 1]
        assert found["status"].to_list() == ["ok", "unparsable"]
        assert found["probabilities"].to_list()[1] is None
        assert found["text"].to_list()[1] == "{'1': '60%'}"

    def test_items_that_are_not_in_the_questionnaire_are_left_out_and_told(
        self, tmp_path: Path
    ) -> None:
        recording = read(tmp_path, pl.DataFrame([study_row(), study_row(question="Q999")]))
        assert recording.replies["question"].to_list() == ["Q46"]
        assert "Q999" in str(recording.left_out)

    def test_one_file_of_one_condition_needs_no_more_columns(self, tmp_path: Path) -> None:
        rows = pl.DataFrame([study_row()]).select("question", "choice_keys", "response")
        row = read(tmp_path, rows, "Aya.csv").replies.row(0, named=True)
        assert (row["model"], row["steering"], row["target"]) == ("Aya", "none", "")

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"country": "Atlantis"}, "row 0: no country 'Atlantis'"),
            ({"question": "B12"}, "no item of the questionnaire among its items .'B12'."),
            ({"choice_keys": "['1', '2']"}, "Q46: labels 1, 2 are not the item's codes 1, 2, 3, 4"),
            ({"choice_keys": "1 2 3 4"}, "no list of labels"),
            ({"country": ""}, "condition 'language_persona' of country ''"),
        ],
    )
    def test_faults(self, tmp_path: Path, changes: dict[str, str], says: str) -> None:
        with pytest.raises((RecordingError, ValueError), match=says) as caught:
            read(tmp_path, pl.DataFrame([study_row(**changes)]))
        assert "\n" not in str(caught.value)


class TestLmEvaluationHarness:
    def test_likelihoods_become_shares_and_the_rest_is_off_the_options(
        self, tmp_path: Path
    ) -> None:
        row = read(tmp_path, [sample_line()], "samples_happy.jsonl").replies.row(0, named=True)
        assert row["probabilities"] == pytest.approx([0.125, 0.25, 0.375, 0.25])
        assert row["off_option_mass"] == pytest.approx(0.2)
        assert (row["elicitation"], row["model"]) == ("logprobs", "samples_happy")

    def test_options_may_be_codes_in_another_order_and_in_other_keys(self, tmp_path: Path) -> None:
        labelled = sample_line(choices={"text": HAPPY[::-1], "label": list("ABCD")})
        codes = sample_line(choices=None, options=["4", "3", "2", "1"], country="Korea")
        bare = sample_line(choices=None)
        found = read(tmp_path, [labelled, codes, bare]).replies
        backwards = pytest.approx([0.25, 0.375, 0.25, 0.125])
        assert found["probabilities"].to_list()[:2] == [backwards, backwards]
        assert found["probabilities"].to_list()[2] == pytest.approx([0.125, 0.25, 0.375, 0.25])
        assert found["target"].to_list() == ["", "KOR", ""]
        assert found["steering"].to_list() == ["none", "persona", "none"]

    def test_only_the_first_filter_counts(self, tmp_path: Path) -> None:
        lines = [sample_line(), sample_line() | {"filter": "other"}]
        assert read(tmp_path, lines).replies.height == 1

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            (sample_line(id=None), "line 1: names no item: give it one of the keys item, "),
            (sample_line(id="mmlu_3"), "no item of the questionnaire among its 1"),
            (sample_line(choices=["a", "b", "c", "d"]), "Q46: option 'a' is not one of the item's"),
            (sample_line(choices=[*HAPPY[:3], HAPPY[0]]), "each once"),
            (sample_line(country="Atlantis"), "no country 'Atlantis'"),
            (sample_line() | {"filtered_resps": ["Very happy"]}, "only tasks of type multiple"),
            (sample_line() | {"filtered_resps": [["0.5", "True"]] * 4}, "only tasks of type"),
            (sample_line() | {"doc": "text"}, "a sample holds arguments, doc"),
        ],
    )
    def test_faults(self, tmp_path: Path, line: dict[str, Any], says: str) -> None:
        with pytest.raises(RecordingError, match=says):
            read(tmp_path, [line])


class TestInspect:
    @pytest.mark.parametrize("pack", [None, packed, packed_with_zstandard])
    def test_an_answer_is_one_choice(
        self, tmp_path: Path, pack: Callable[[dict[str, Any]], bytes] | None
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

    def test_epochs_are_draws(self, tmp_path: Path) -> None:
        log = inspect_log(inspect_sample(), inspect_sample(epoch=2))
        assert read(tmp_path, log).replies["draw"].to_list() == [0, 1]

    def test_without_choices_the_reply_is_an_object_of_shares(self, tmp_path: Path) -> None:
        content = [{"type": "text", "text": '{"1": 10, "2": 20, "3": 30, "4": 40}'}]
        output = {"choices": [{"message": {"content": content}}]}
        log = inspect_log(inspect_sample(choices=None, output=output))
        row = read(tmp_path, log).replies.row(0, named=True)
        assert row["probabilities"] == [0.1, 0.2, 0.3, 0.4]
        assert row["elicitation"] == "verbalized"

    def test_what_is_no_answer_keeps_its_status(self, tmp_path: Path) -> None:
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
    def test_faults(self, tmp_path: Path, sample: dict[str, Any], says: str) -> None:
        with pytest.raises(RecordingError, match=says):
            read(tmp_path, inspect_log(sample))

    def test_an_archive_that_is_cut_off_or_unfinished(self, tmp_path: Path) -> None:
        whole = packed(inspect_log(inspect_sample()))
        with pytest.raises(RecordingError, match="damaged, or cut off"):
            read(tmp_path, whole[: len(whole) // 2])
        page = io.BytesIO()
        with zipfile.ZipFile(page, "w") as archive:
            archive.writestr("_journal/start.json", "{}")
        with pytest.raises(RecordingError, match=r"without header\.json"):
            read(tmp_path, page.getvalue())


class TestCells:
    def test_a_cell_is_a_reply_of_a_persona(self, tmp_path: Path) -> None:
        people = cell_rows(0.25, 0.25, 0.25, 0.25, source="survey")
        rows = pl.DataFrame(cell_rows(0.1, 0.2, 0.3, 0.4)[::-1] + people)
        row = read(tmp_path, rows).replies.row(0, named=True)
        assert (row["model"], row["target"], row["steering"]) == ("m", "VNM", "persona")
        assert row["probabilities"] == pytest.approx([0.1, 0.2, 0.3, 0.4])

    def test_modes_and_replicates(self, tmp_path: Path) -> None:
        rows = pl.DataFrame([
            *cell_rows(0.1, 0.2, 0.3, 0.4, mode="ntp", replicate=1),
            *cell_rows(0.4, 0.3, 0.2, 0.1, mode="ntp", replicate=2),
            *cell_rows(1.0, 0.0, 0.0, 0.0, mode="fa", replicate=1),
        ])  # fmt: skip
        found = read(tmp_path, rows).replies
        assert found["elicitation"].to_list() == ["logprobs", "logprobs", "sampling"]
        assert found["draw"].to_list() == [0, 1, 0]

    @pytest.mark.parametrize(
        ("rows", "says"),
        [
            (cell_rows(0.5, 0.5, 0.5, 0.5), "cell Vietnam, Q46: shares .* do not sum to 1"),
            (cell_rows(1.0, 0.0, 0.0, 0.0, cell_id="Female|18-29"), "no country 'Female|18-29'"),
            (cell_rows(1.0, 0.0, 0.0, 0.0)[:3], "are not the item's 1, 2, 3, 4, each once"),
            (cell_rows(1.0, 0.0, 0.0, 0.0, question="ideo5"), "no item of the questionnaire"),
            (cell_rows(1.0, 0.0, 0.0, 0.0, source="survey"), "no item of the questionnaire"),
        ],
    )
    def test_faults(self, tmp_path: Path, rows: list[dict[str, object]], says: str) -> None:
        with pytest.raises(RecordingError, match=says):
            read(tmp_path, pl.DataFrame(rows))


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "csv"])
def test_exported_replies_come_back(tmp_path: Path, ending: str) -> None:
    replies = read(tmp_path, pl.DataFrame([study_row(), study_row(response="no")])).replies
    path = export_replies(replies, tmp_path / f"replies.{ending}")
    assert read_recording(path, bank=BANK).replies.equals(replies)


class TestFilesThatAreNone:
    def test_an_unknown_shape_lists_what_is_accepted(self, tmp_path: Path) -> None:
        with pytest.raises(RecordingError) as caught:
            read(tmp_path, "a,b\n1,2\n")
        assert all(kind.name in str(caught.value) for kind in FORMATS)
        assert "holds a, b" in str(caught.value)

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"PAR1" + bytes(40), "damaged, or cut off"),
            (json.dumps(inspect_log(inspect_sample()))[:-40], "damaged, or cut off"),
            (json.dumps(sample_line()) + "\n" + json.dumps(sample_line())[:50], "line 2"),
            ("[1, 2]", "no JSON objects"),
            ("", "damaged, or cut off"),
            (b"GGUF" + bytes(40), "neither text, Parquet nor a zip archive"),
            ("question,choice_keys,response\n", "no rows"),
        ],
    )
    def test_damaged_files(self, tmp_path: Path, content: bytes | str, says: str) -> None:
        with pytest.raises(RecordingError, match=says) as caught:
            read(tmp_path, content)
        assert "\n" not in str(caught.value)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(RecordingError, match="no such file"):
            read_recording(tmp_path / "none.csv", bank=BANK)

    def test_replies_steered_elsewhere_are_left_out(self, tmp_path: Path) -> None:
        path = tmp_path / "r.csv"
        pl.DataFrame([study_row(), study_row(country="Japan")]).write_csv(path)
        kept = read_recording(path, bank=BANK, targets=["JPN"]).replies
        assert kept["target"].to_list() == ["JPN"]
