"""Every table there is, made from one evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import made_up_groups
import polars as pl
import pytest
from made_up import BANK, made_up_replies

from doxa.errors import InvalidArgumentError
from doxa.evaluate import TABLES, evaluate, list_tables, make_table, make_tables
from doxa.evaluate.tables import OF_PERSONAS
from doxa.recorded import Recording
from doxa.survey import sample

if TYPE_CHECKING:
    from doxa.evaluate import Evaluation


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_rows_and_numbers_that_are_numbers(
    evaluation: Evaluation, name: str
) -> None:
    if name in OF_PERSONAS:
        evaluation = made_up_groups.evaluation()
    table = make_table(evaluation, name)
    assert table.height > 0
    floats = table.select(pl.selectors.float())
    assert not any(column.is_nan().any() for column in floats)
    assert make_table(evaluation, name) is table


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_its_place_on_the_page(name: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "analysis.md"
    headings = [line for line in page.read_text(encoding="utf-8").splitlines() if line[:2] == "##"]
    assert any(f"`{name}`" in heading for heading in headings)


def test_an_unknown_table(evaluation: Evaluation) -> None:
    with pytest.raises(InvalidArgumentError, match="no table 'chair': there are alignment, "):
        make_table(evaluation, "chair")


def test_the_list_names_every_table_once() -> None:
    assert list_tables()["table"].to_list() == list(TABLES)
    assert list_tables()["shows"].is_unique().all()


def test_tables_without_data_are_left_out(evaluation: Evaluation) -> None:
    assert set(make_tables(evaluation)) == set(TABLES) - set(OF_PERSONAS)
    unsteered = evaluation.replies.filter(steering="none")
    few = evaluate([Recording(unsteered)], sample(), BANK, evaluation.settings)
    made = set(make_tables(few))
    assert {"alignment", "scores", "replies"} <= made
    assert not {"steering", "targeting", "combinations"} & made


@pytest.mark.parametrize("name", ["alignment", "scores", "countries"])
def test_groups_of_a_country_are_told_apart(name: str) -> None:
    both = [sample(wave=7).with_columns(sex=pl.lit(sex)) for sex in ("female", "male")]
    evaluation = evaluate(Recording(made_up_replies()), pl.concat(both), BANK)
    table = make_table(evaluation, name)
    assert set(table["sex"]) == {"female", "male"}
    texts = [column for column in table.columns if table[column].dtype == pl.String]
    keys = [column for column in texts if column not in ("note", "resampled")]
    assert table.select(keys).n_unique() > table.drop("sex").select(set(keys) - {"sex"}).n_unique()
