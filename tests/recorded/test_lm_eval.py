from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from doxa.errors import RecordingError

from .made import HAPPY, read, real, sample_line

if TYPE_CHECKING:
    from pathlib import Path


def test_likelihoods_become_shares_and_the_rest_is_off_the_options(tmp_path: Path) -> None:
    row = read(tmp_path, [sample_line()], "samples_happy.jsonl").replies.row(0, named=True)
    assert row["probabilities"] == pytest.approx([0.125, 0.25, 0.375, 0.25])
    assert row["off_option_mass"] == pytest.approx(0.2)
    assert (row["elicitation"], row["model"]) == ("logprobs", "samples_happy")


def test_options_may_be_codes_in_another_order_and_in_other_keys(tmp_path: Path) -> None:
    labelled = sample_line(choices={"text": HAPPY[::-1], "label": list("ABCD")})
    codes = sample_line(choices=None, options=["4", "3", "2", "1"], country="Korea")
    bare = sample_line(choices=None)
    found = read(tmp_path, [labelled, codes, bare]).replies
    backwards = pytest.approx([0.25, 0.375, 0.25, 0.125])
    assert found["probabilities"].to_list()[:2] == [backwards, backwards]
    assert found["probabilities"].to_list()[2] == pytest.approx([0.125, 0.25, 0.375, 0.25])
    assert found["target"].to_list() == ["", "KOR", ""]
    assert found["steering"].to_list() == ["none", "persona", "none"]


def test_only_the_first_filter_counts(tmp_path: Path) -> None:
    lines = [sample_line(), sample_line() | {"filter": "other"}]
    assert read(tmp_path, lines).replies.height == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (sample_line(id=None), "line 1: no item: add one of the keys item, "),
        (sample_line(id="mmlu_3"), "no item of the questionnaire among its 1"),
        (sample_line(choices=["a", "b", "c", "d"]), "Q46: option 'a' is not one of the item's"),
        (sample_line(choices=[*HAPPY[:3], HAPPY[0]]), "each once"),
        (sample_line(country="Atlantis"), "no country 'Atlantis'"),
        (sample_line() | {"filtered_resps": ["Very happy"]}, "only tasks of type multiple"),
        (sample_line() | {"filtered_resps": [["0.5", "True"]] * 4}, "only tasks of type"),
        (sample_line() | {"doc": "text"}, "a sample holds arguments, doc"),
    ],
)
def test_faults(tmp_path: Path, line: dict[str, Any], says: str) -> None:
    with pytest.raises(RecordingError, match=says):
        read(tmp_path, [line])


@pytest.mark.parametrize(
    "number", ["nan", "inf", "1e400", "0.5", 0.5, 10**400, float("inf"), "9" * 400]
)
def test_one_impossible_likelihood_is_an_error_that_is_counted(
    tmp_path: Path, number: object
) -> None:
    odd = sample_line()
    odd["filtered_resps"][1] = [number, "False"]
    replies = read(tmp_path, [sample_line(), odd]).replies
    assert replies["status"].to_list() == ["ok", "error"]
    assert replies["probabilities"][1] is None
    assert replies["off_option_mass"][1] is None


def test_no_likelihood_at_all_is_an_error_and_minus_infinity_is_a_share_of_0(
    tmp_path: Path,
) -> None:
    nothing, some = sample_line(), sample_line()
    nothing["filtered_resps"] = [["-inf", "False"]] * 4
    some["filtered_resps"][0] = ["-inf", "False"]
    replies = read(tmp_path, [nothing, some]).replies
    assert replies["status"].to_list() == ["error", "ok"]
    assert replies["probabilities"][1][0] == 0.0


ODD = [None, [], {}, "text", 7, -1.5, True, [None], [[]], {"a": None}, "\ud800", 10**400]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
@pytest.mark.parametrize("key", ["doc", "filtered_resps", "arguments", "filter", "doc_id", "line"])
def test_an_odd_shape_is_one_line_or_a_counted_reply(tmp_path: Path, key: str, odd: object) -> None:
    lines: list[Any] = [sample_line(choices=None), sample_line(choices=None)]
    if key == "line":
        lines[1] = odd
    else:
        lines[1][key] = odd
    said = ""
    try:
        replies = read(tmp_path, lines).replies
    except RecordingError as error:
        said = str(error)
    assert "\n" not in said
    if not said:
        assert set(replies["status"]) <= {"ok", "error"}


TENTHS = [number / 55 for number in range(1, 11)]


@pytest.mark.parametrize("folder", ["nested", "apart"])
def test_the_mass_of_10_is_taken_from_1_where_it_is_a_part_of_it(folder: str) -> None:
    """Logs of lm-eval 0.4.13, of a model with a token "10" and of one that writes "1" and "0"."""
    row = real(f"{folder}/samples_numbers_*").replies.filter(question="Q164").row(0, named=True)
    assert row["probabilities"] == pytest.approx(TENTHS)
    assert row["off_option_mass"] == pytest.approx(0.45)
    assert (row["lower"], row["upper"]) == (None, None)
    if folder == "nested":
        letters = real("nested/samples_letters_*").replies.filter(question="Q164")
        assert row["probabilities"] == pytest.approx(letters["probabilities"].to_list()[0])


def test_scored_labels_are_the_options_that_the_prompt_shows() -> None:
    found = real("nested/samples_numbers_*").replies
    happy, immigrants = found.filter(question="Q46"), found.filter(question="Q122")
    assert happy["probabilities"].to_list()[0] == pytest.approx([0.25, 0.375, 0.25, 0.125])
    assert happy["option_order"].to_list() == ["reversed"]
    # 1: Agree, code 2
    assert immigrants["probabilities"].to_list()[0] == pytest.approx(
        [0.3 / 0.6, 0.2 / 0.6, 0.1 / 0.6]
    )


def test_tasks_of_one_model_are_one_model() -> None:
    both = [real(f"nested/samples_{task}_*") for task in ("numbers", "letters")]
    assert {name for one in both for name in one.replies["model"]} == {"org/nested"}
    assert "what the key target is" in both[0].unknown
    assert both[1].unknown == {}
    assert both[1].replies["target"].to_list() == ["JPN", ""]


def test_likelihoods_of_more_than_1_are_refused_with_their_line() -> None:
    with pytest.raises(RecordingError, match=r"line 1: likelihoods add up to \d\.\d+: answers"):
        real("dummy/samples_numbers_*")


def test_a_log_without_results_is_called_after_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "my-model"
    folder.mkdir()
    name = "samples_task_2026-11-30T19-25-20.449825.jsonl"
    found = read(folder, [sample_line()], name)
    assert set(found.replies["model"]) == {"my-model"}
    assert "called after its folder: give it a name with --rename" in str(found.unknown)
    (folder / "results_2026-11-30T19-25-20.449825.json").write_text('{"model_name": "org/x"}')
    assert set(read(folder, [sample_line()], name).replies["model"]) == {"org/x"}
    (folder / "results_2026-11-30T19-25-20.449825.json").write_text("{")
    assert set(read(folder, [sample_line()], name).replies["model"]) == {"my-model"}


def test_lines_of_further_filters_and_other_items_are_counted(tmp_path: Path) -> None:
    lines = [sample_line(), sample_line() | {"filter": "other"}, sample_line(id="mmlu_1")]
    found = read(tmp_path, lines)
    assert found.entries == 3
    assert found.left_out == {
        "lines of further filters": 1,
        "on items that are not in the questionnaire (mmlu_1)": 1,
    }


def test_a_mass_that_cannot_be_told_apart_has_bounds(tmp_path: Path) -> None:
    line = sample_line([math.log(p) for p in (0.3, *[0.05] * 8, 0.1)], id="Q164", choices=None)
    row = read(tmp_path, [line]).replies.row(0, named=True)
    assert row["probabilities"][0] == pytest.approx(0.2 / 0.7)
    assert row["lower"][0] == pytest.approx(0.2 / 0.7)
    assert row["upper"][0] == pytest.approx(0.3 / 0.8)
    assert row["lower"][9] == pytest.approx(0.1 / 0.8)


def test_scored_texts_that_may_be_labels_or_codes_are_left_out(tmp_path: Path) -> None:
    """Shown in reverse, "1" is the last option; as a code, the first."""
    line = sample_line(choices=None, labels=["1", "2", "3", "4"], option_order="reversed")
    assert read(tmp_path, [line]).replies["option_order"].to_list() == ["reversed"]
    turned = sample_line(choices=None, labels=["4", "3", "2", "1"])
    with pytest.raises(RecordingError, match="1 whose scored texts may be labels or codes"):
        read(tmp_path, [turned])


def test_scored_words_count_in_whatever_order_the_options_are_listed(tmp_path: Path) -> None:
    line = sample_line(choices=HAPPY)
    for place, word in enumerate(HAPPY[::-1]):
        line["arguments"][f"gen_args_{place}"]["arg_1"] = f" {word}"
    row = read(tmp_path, [line]).replies.row(0, named=True)
    assert row["probabilities"] == pytest.approx([0.25, 0.375, 0.25, 0.125])
