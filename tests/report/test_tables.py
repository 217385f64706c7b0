from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.report.tables import (
    MOST_ROWS,
    columns,
    conditions_of,
    in_order,
    reliability_table,
    ways_of,
    with_condition,
)
from doxa.report.words import Names

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


def test_columns_round_lists_too() -> None:
    frame = pl.DataFrame({"p": [[0.1234567, 0.8765433], None]})
    assert columns(frame) == {"p": [[0.12346, 0.87654], None]}


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


def test_groups_of_people_are_named(frames: dict[str, pl.DataFrame], bank: QuestionBank) -> None:
    other = frames["alignment"].with_columns(group=pl.lit("sex=female"))
    conditions = conditions_of([frames["alignment"], other], Names(bank))
    assert len(conditions) == 14
    assert [one.label for one in conditions[:2]] == [
        "No steering · English",
        "No steering · Spanish",
    ]
    assert conditions[3].label == "No steering · English · sex=female"


def test_reliability_counts_every_reply_once(frames: dict[str, pl.DataFrame]) -> None:
    table = reliability_table(frames["replies"])
    statuses = ["ok", "refused", "unparsable", "truncated", "error"]
    assert table.select(pl.sum_horizontal(statuses)).to_series().equals(table["n"].rename("ok"))
    assert table["n"].sum() == frames["replies"].height
    read = table.filter(elicitation="logprobs")["off_option_mass"].to_list()
    assert read == pytest.approx([0.12] * 7)
    assert table.filter(elicitation="verbalized")["off_option_mass"].is_null().all()


def test_combined_steerings_share_a_colour(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    combined = frames["alignment"].head(1).with_columns(
        steering=pl.lit("persona_time-5"), target=pl.lit("JPN")
    )  # fmt: skip
    (condition,) = conditions_of([combined], Names(bank))
    assert condition.kind == "other"
    assert condition.label == "Persona and time of wave 5, Japan · English"


def test_few_conditions_have_rows_of_their_own(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    names = Names(bank)
    conditions = conditions_of([frames["alignment"]], names)
    assert [condition.way for condition in conditions] == list(range(7))
    assert [way.label for way in ways_of(conditions, names)] == [c.label for c in conditions]


def test_many_conditions_share_the_rows_of_their_steering(bank: QuestionBank) -> None:
    targets = ["", *list(bank.countries)[:MOST_ROWS]]
    asked = pl.DataFrame({"target": targets}).with_columns(
        steering=pl.when(target="").then(pl.lit("none")).otherwise(pl.lit("persona")),
        language=pl.lit("en"),
        group=pl.lit(""),
        reasoning=pl.lit("off"),
    )
    names = Names(bank)

    def labels(*frames: pl.DataFrame) -> list[str]:
        return [way.label for way in ways_of(conditions_of(frames, names), names)]

    assert [condition.way for condition in conditions_of([asked], names)] == [0] + [1] * MOST_ROWS
    assert labels(asked) == ["No steering · English", "Persona · English"]
    french = pl.col("target").is_in(["BFA", "CAN"])
    mixed = asked.with_columns(language=pl.when(french).then(pl.lit("fr")).otherwise("language"))
    assert labels(mixed) == ["No steering · English", "Persona · one language a country"]
    assert labels(asked, mixed) == [
        "No steering · English", "Persona · English", "Persona · French",
    ]  # fmt: skip


def test_rows_stand_in_the_order_of_the_page(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    names = Names(bank)
    new = frames["alignment"].with_columns(elicitation=pl.lit("interview"))
    mixed = pl.concat([frames["alignment"], new]).sample(fraction=1, shuffle=True, seed=1)
    ordered = in_order(mixed, conditions_of([mixed], names), names)
    assert ordered["elicitation"].unique(maintain_order=True).to_list() == [
        "verbalized", "logprobs", "interview",
    ]  # fmt: skip
    first = ordered.head(6).select("steering", "language", "country").rows()
    assert first == [
        ("none", language, country)
        for language in ("en", "es")
        for country in ("COL", "JPN", "USA")
    ]
