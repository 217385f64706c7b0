from __future__ import annotations

import polars as pl
import pytest

from analysis.made_groups import answering, people_of, split_counts
from doxa.analysis import Settings
from doxa.analysis.parts.personas import PersonaScores, large_enough, personas_of
from doxa.errors import NoDataError
from doxa.questionnaire import QuestionBank

BANK = QuestionBank.load()
COUNTS = split_counts(BANK, n_items=6)
PEOPLE = people_of(COUNTS, "sex×age", BANK)
SETTINGS = Settings(n_resamples=20)


def scores(model: pl.DataFrame) -> PersonaScores:
    return PersonaScores(model, PEOPLE, BANK, SETTINGS, least=30)


def test_every_persona_meets_every_group_of_its_split_and_is_its_own_once() -> None:
    found = scores(answering(PEOPLE, PEOPLE))
    own = [row["group"] for row, _ in found.own()]
    assert sorted(own) == sorted(set(PEOPLE["people"]) - {""})
    assert found.scores.groups.height == 6 * 6 + 2 * 6
    row, number = next(found.own())
    assert found.place(row, row["group"]) == number
    assert len(found.others(row)) == 5
    assert found.size(row) == 300


def test_unsteered_replies_are_found_with_a_target_and_without() -> None:
    for target in (True, False):
        found = scores(answering(PEOPLE, PEOPLE, target=target))
        row, _ = next(found.own())
        none = found.without(row, row["group"])
        assert none is not None
        assert found.scores.groups["steering"][none] == "none"
        plain = found.place(row, row["group"], group="")
        assert (plain is not None) == target


def test_a_mean_beside_another_is_over_the_items_of_both() -> None:
    model = answering(PEOPLE, PEOPLE).filter(
        (pl.col("group") == "") | (pl.col("question") != PEOPLE["question"][0])
    )
    found = scores(model)
    row, own = next(found.own())
    none = found.without(row, row["group"])
    assert none is not None
    assert found.mean(none, own) == pytest.approx(found.scores.values[none][1:].mean())
    assert found.mean(None, own) is None


def test_groups_of_unknown_size_are_kept() -> None:
    unknown = PEOPLE.with_columns(n_effective=pl.lit(None, pl.Float64))
    assert large_enough(unknown, pl.Series(["sex=male,age=50+"]), 30)["people"].n_unique() == 1


def test_without_personas_there_is_nothing() -> None:
    with pytest.raises(NoDataError, match="no persona of a group was asked"):
        personas_of(answering(PEOPLE, PEOPLE).filter(group=""))
