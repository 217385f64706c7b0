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
