from __future__ import annotations

from typing import TYPE_CHECKING

import made_up_groups
import polars as pl
from made_up import BANK, made_up_evaluation

from doxa.evaluate import TABLES
from doxa.evaluate.tables import OF_PERSONAS
from doxa.report.further import DRAWN, packed_tables, tables_with_intervals
from doxa.report.tables import conditions_of
from doxa.report.words import Names

from .invented import evaluation_of

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


def test_every_table_with_a_section_is_shown_once() -> None:
    shown = tables_with_intervals(made_up_evaluation())
    placed = {name for name, row in TABLES.items() if row.section}
    assert set(shown) | DRAWN == placed - set(OF_PERSONAS)
    groups = set(tables_with_intervals(made_up_groups.evaluation()))
    assert set(OF_PERSONAS) <= groups
    assert not DRAWN & set(shown)
    assert {"targeting", "shape", "structure"} <= set(shown)


def test_tables_without_rows_or_intervals_are_left_out(
    frames: dict[str, pl.DataFrame],
) -> None:
    one = pl.DataFrame({"estimate": [0.1], "low": [0.0], "high": [0.2]})
    tables = {"shape": one, "targeting": one.clear(), "winners": one.drop("low"), "scores": one}
    assert list(tables_with_intervals(evaluation_of(frames, tables=tables))) == ["shape"]


def test_conditions_become_numbers_and_topics_words(bank: QuestionBank) -> None:
    evaluation = made_up_evaluation()
    conditions = conditions_of([evaluation.alignment], Names(BANK))
    tables = tables_with_intervals(evaluation)
    packed = {entry["name"]: entry for entry in packed_tables(tables, conditions, bank.topics)}
    bias = packed["topic_bias"]
    assert bias["title"].startswith("Which way a model's mean answers depart")
    assert set(bias["columns"]["topic"]) <= set(bank.topics.values())
    assert set(bias["columns"]["condition"]) == set(range(len(conditions)))
    assert not {"survey", "resampled", "std_error", "steering"} & set(bias["columns"])
    estimates = tables["topic_bias"]["estimate"].round(5).to_list()
    assert bias["columns"]["estimate"] == estimates
