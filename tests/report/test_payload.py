from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.report.items import REPLY_CHARACTERS, explorer
from doxa.report.payload import axis_domain, columns, difference_domain, script_json
from doxa.report.tables import conditions_of, reliability_table, with_condition
from doxa.report.words import Names

if TYPE_CHECKING:
    from doxa.question import QuestionBank


@given(st.text() | st.sampled_from(["</script>", "<!--", "]]>", "\u2028", "&amp;"]))
def test_script_json_holds_no_markup_and_loses_nothing(text: str) -> None:
    written = script_json({"text": text})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"text": text}


def test_script_json_refuses_what_is_no_json() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_json(float("nan"))


def test_columns_round_lists_too() -> None:
    frame = pl.DataFrame({"p": [[0.1234567, 0.8765433], None]})
    assert columns(frame) == {"p": [[0.12346, 0.87654], None]}


@given(st.lists(st.floats(0, 1), min_size=1))
def test_axis_holds_every_value(values: list[float]) -> None:
    low, high = axis_domain(pl.DataFrame({"x": values}), ("x",))
    assert 0 <= low < high
    assert low <= min(values) + 1e-8
    assert high >= max(values) - 1e-8


@given(st.lists(st.floats(-1, 1), min_size=1))
def test_axis_of_differences_holds_zero(values: list[float]) -> None:
    frame = pl.DataFrame({"estimate": values, "low": values, "high": values})
    low, high = difference_domain(frame)
    assert low <= min(0, *values)
    assert high >= max(0, *values)
    assert low < high


def test_axis_without_values() -> None:
    assert axis_domain(pl.DataFrame({"x": [None]}, schema={"x": pl.Float64}), ("x",)) == (0.0, 1.0)


def test_conditions_start_unsteered_and_are_named(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    conditions = conditions_of([frames["alignment"]], Names(bank))
    unsteered = [condition.label for condition in conditions[:3]]
    assert unsteered == [
        "No steering · English", "No steering · Spanish", "No steering · Japanese",
    ]  # fmt: skip
    assert conditions[-1].label == "Examples, Japan · English"
    assert conditions[-1].short == "Examples JPN · en"
    numbered = with_condition(frames["alignment"], conditions)
    assert set(numbered["condition"]) == set(range(7))


def test_several_wordings_are_named(frames: dict[str, pl.DataFrame], bank: QuestionBank) -> None:
    other = frames["alignment"].with_columns(template=pl.lit("b"))
    conditions = conditions_of([frames["alignment"], other], Names(bank))
    assert len(conditions) == 14
    assert conditions[0].label == "No steering · English · wording a"


def test_reliability_counts_every_reply_once(frames: dict[str, pl.DataFrame]) -> None:
    table = reliability_table(frames["replies"])
    statuses = ["ok", "refused", "unparsable", "truncated", "error"]
    assert table.select(pl.sum_horizontal(statuses)).to_series().equals(table["n"].rename("ok"))
    assert table["n"].sum() == frames["replies"].height
    read = table.filter(elicitation="logprobs")["off_option_mass"].to_list()
    assert read == pytest.approx([0.12] * 7)
    assert table.filter(elicitation="verbalized")["off_option_mass"].is_null().all()


def test_long_replies_are_left_out_and_counted(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    replies = frames["replies"].with_columns(text=pl.lit("x" * (REPLY_CHARACTERS // 10)))
    data = explorer(
        replies=replies,
        model=frames["model_distributions"],
        human=frames["human_distributions"],
        prompts=None,
        conditions=conditions_of([replies], Names(bank)),
        bank=bank,
    )
    assert len(data["replies"]["text"]) == 10
    assert data["repliesLeftOut"] == replies.height - 10


def test_prompts_are_held_once(frames: dict[str, pl.DataFrame], bank: QuestionBank) -> None:
    data = explorer(
        replies=frames["replies"],
        model=frames["model_distributions"],
        human=frames["human_distributions"],
        prompts=frames["prompts"],
        conditions=conditions_of([frames["replies"]], Names(bank)),
        bank=bank,
    )
    assert len(data["texts"]) == 1 + 12 + 1
    question = data["questions"][data["replies"]["question"][5]]["id"]
    system, user, start = (data["texts"][i] for i in data["replies"]["prompt"][5])
    assert system.startswith("Instruction.")
    assert (user, start) == (f"The question {question}", "{")


def test_combined_steerings_share_a_colour(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    combined = frames["alignment"].head(1).with_columns(
        steering=pl.lit("persona_time-5"), target=pl.lit("JPN")
    )  # fmt: skip
    (condition,) = conditions_of([combined], Names(bank))
    assert condition.kind == "other"
    assert condition.label == "Persona and time of wave 5, Japan · English"
