from __future__ import annotations

import io
import tracemalloc
import zipfile
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from doxa.errors import RecordingError
from doxa.files.unpack import Limits
from doxa.recorded import inspect_log as inspect_log_module
from doxa.recorded import read_recording

from .made import BANK, inspect_log, inspect_sample, packed, packed_with_zstandard, read, real

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
    assert statuses == ["refused", "refused", "error", "ok"]


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


def shares(question: str) -> list[list[float] | None]:
    found = real("verbalized.eval").replies.filter(question=question)["probabilities"]
    return [None if one is None else [round(share, 6) for share in one] for one in found.to_list()]


def test_verbalised_labels_are_the_options_shown_and_not_the_codes() -> None:
    """A log of Inspect 0.3.285; its number labels were all taken for codes."""
    # 1: Agree (code 2), 2: Hard to say (1), 3: Disagree (0)
    assert shares("Q122") == [[0.0, 0.1, 0.9]]
    assert shares("Q123") == [[0.0, 0.1, 0.9]]
    # 5 is "hard to say", code 0; in another prompt, too, for 5 is no code
    assert shares("Q119") == [[0.1, 0.2, 0.3, 0.3, 0.1], [0.3, 0.2, 0.1, 0.3, 0.1]]


def test_the_order_and_the_labels_that_were_shown_are_honoured() -> None:
    assert shares("Q46") == [[0.1, 0.2, 0.3, 0.4]]  # the prompt shows "1: Not at all happy"
    assert shares("Q48") == [[0.0] * 8 + [0.45, 0.55]]  # option_order: reversed
    assert shares("Q124") == [[0.7, 0.2, 0.1]]  # labels and codes
    assert shares("Q60") == [[0.1, 0.2, 0.0, 0.7]]  # letters
    orders = real("verbalized.eval").replies.filter(pl.col("question").is_in(["Q46", "Q48"]))
    assert orders["option_order"].to_list() == ["reversed", "reversed"]


def test_what_may_be_labels_or_codes_is_left_out_and_told() -> None:
    found = real("verbalized.eval")
    assert "Q125" not in found.replies["question"]
    [(why, n)] = found.left_out.items()
    assert n == 1
    assert why.startswith("whose keys may be labels or codes: say what was shown: labels and codes")
    # a key that only one of them has says which they are
    assert shares("Q126") == [[0.9, 0.0, 0.1]]
    assert shares("Q127") == [[0.9, 0.1, 0.0]]


def test_a_right_answer_in_target_is_no_country() -> None:
    """4 is the number of Afghanistan: all replies were left out."""
    found = real("verbalized.eval", targets=["JPN"])
    assert set(found.replies["target"]) == {""}
    [told] = found.unknown.values()
    assert "are no countries" in told


def test_every_choice_of_an_output_is_a_draw() -> None:
    found = real("verbalized.eval").replies.filter(question="Q1")
    assert found["draw"].to_list() == [0, 1, 2]
    assert found["status"].to_list() == ["ok", "ok", "refused"]
    assert found["probabilities"].to_list()[:2] == [[1, 0, 0, 0], [0.5, 0.5, 0, 0]]


def test_answers_that_are_no_letters() -> None:
    found = real("choices.eval")
    happy = found.replies.filter(question="Q46")
    chosen = [None if one is None else one.index(1) + 1 for one in happy["probabilities"].to_list()]
    #                 B  B reversed  A, then D  "A, C"  words  "A great deal"  three choices
    assert chosen == [2, 3, 4, None, 2, None, 1, 2, 3]
    assert happy["status"].to_list()[3] == "unparsable"
    assert happy["status"].to_list()[5] == "refused"
    steps = found.replies.filter(question="Q164")
    # "I would rather not say." was the ninth of ten
    assert steps["status"].to_list() == ["refused", "ok"]
    assert steps["probabilities"].to_list()[1].index(1) == 8
    assert (found.entries, found.unit) == (12, "replies of 10 samples")
    assert found.left_out == {"on items that are not in the questionnaire (mmlu_7)": 1}


@pytest.mark.parametrize(
    ("name", "n", "says"),
    [
        ("killed", 3, "it was killed or is still running: 3 of 6 samples are here"),
        ("broken", 5, "the evaluation ended with the status error: 5 of 6 samples are here"),
    ],
)
def test_an_evaluation_that_did_not_end_well_is_read_and_told(name: str, n: int, says: str) -> None:
    found = real(f"{name}.eval")
    assert (found.replies.height, found.entries) == (n, n)
    assert found.unknown == {"what the rest would be": says}


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ({"codes": [1, 2]}, "codes 1, 2 are not the item's 1, 2, 3, 4, each once"),
        ({"labels": ["a", "b"]}, "2 labels for 4 options"),
        ({"labels": ["a", "a", "b", "c"]}, "are not all different"),
        ({"labels": 5}, "labels are not a list"),
        ({"option_order": "backwards"}, "no option order 'backwards'"),
        ({"label_style": "roman"}, "no label_style 'roman'"),
        ({"codes": [1, 2, 3, 4], "option_order": "reversed"}, "codes and option_order show its"),
        ({"elicitation": "logprobs"}, "elicitation 'logprobs' is none that a log of Inspect"),
    ],
)
def test_what_does_not_fit_the_item_is_refused(
    tmp_path: Path, metadata: dict[str, Any], says: str
) -> None:
    with pytest.raises(RecordingError, match=says) as caught:
        read(tmp_path, inspect_log(inspect_sample(choices=None, metadata=metadata)))
    assert "sample 1" in str(caught.value)


def test_scorers_that_disagree_and_further_choices_of_a_shuffled_sample(tmp_path: Path) -> None:
    two = {"choice": {"answer": "B"}, "other": {"answer": "C"}}
    texts = [{"message": {"content": f"ANSWER: {letter}"}} for letter in "BC"]
    log = inspect_log(inspect_sample(scores=two), inspect_sample(output={"choices": texts}))
    log["plan"] = {"steps": [{"solver": "multiple_choice", "params": {"shuffle": True}}]}
    found = read(tmp_path, log)
    assert found.replies["status"].to_list() == ["unparsable", "ok"]
    [(why, n)] = found.left_out.items()
    assert (why.startswith("further choices of samples that the solver shuffled"), n) == (True, 1)


def test_a_choice_may_be_asked_for_without_a_solver_for_choices(tmp_path: Path) -> None:
    content = {"choices": [{"message": {"content": "2"}, "stop_reason": "max_tokens"}]}
    metadata = {"elicitation": "sampling", "option_order": "reversed"}
    samples = [
        inspect_sample(choices=None, scores=None, metadata=metadata, output=output)
        for output in (content, {"choices": [{"message": {"content": "2"}}]})
    ]
    found = read(tmp_path, inspect_log(*samples)).replies
    assert found["status"].to_list() == ["truncated", "ok"]
    assert found["probabilities"].to_list()[1] == [0, 0, 1, 0]


def test_a_thought_in_the_text_is_no_answer(tmp_path: Path) -> None:
    text = '<think>{"1": 100}</think>{"2": 100}'
    log = inspect_log(
        inspect_sample(choices=None, output={"choices": [{"message": {"content": text}}]})
    )
    row = read(tmp_path, log).replies.row(0, named=True)
    assert (row["probabilities"], row["thought"]) == ([0, 1, 0, 0], '{"1": 100}')


def test_an_answer_at_the_end_of_a_reply_that_was_cut_off(tmp_path: Path) -> None:
    samples = [
        inspect_sample(
            scores=None,
            output={"choices": [{"message": {"content": text}, "stop_reason": "max_tokens"}]},
        )
        for text in ("ANSWER: B", "ANSWER: B is what I wou")
    ]
    found = read(tmp_path, inspect_log(*samples)).replies
    assert found["status"].to_list() == ["truncated", "ok"]


@pytest.mark.parametrize("odd", [*ODD, {"steps": 5}, {"steps": [{"params": []}]}], ids=repr)
@pytest.mark.parametrize("key", ["plan", "status", "dataset", "config"])
def test_an_odd_header_costs_no_reply(tmp_path: Path, key: str, odd: object) -> None:
    log = inspect_log(inspect_sample())
    (log["eval"] if key in ("dataset", "config") else log)[key] = odd
    assert read(tmp_path, log).replies["status"].to_list() == ["ok"]
