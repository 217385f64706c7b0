from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from doxa.errors import RecordingError

from .made import HAPPY, read, sample_line

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
