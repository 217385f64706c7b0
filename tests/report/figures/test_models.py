from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from made_up import made_up_evaluation
from polars.testing import assert_series_equal

from doxa.evaluate import make_table
from doxa.report.figures.models import _difference, _paired, model_figures
from doxa.report.figures.parts import Shown
from report.invented import evaluation_of

if TYPE_CHECKING:
    import polars as pl


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return dict(model_figures(Shown(made_up_evaluation())))


def test_models_have_a_ranking_maps_and_slopes(figures: dict[str, Any]) -> None:
    assert {
        "leaderboard-verbalized", "models-verbalized-7-en", "difference-alpha-beta-verbalized-7-en",
        "changes-verbalized-7",
    } <= set(figures)  # fmt: skip
    assert all(figure["title"]["text"] for figure in figures.values())


def test_the_ranking_has_the_numbers_of_the_tables(figures: dict[str, Any]) -> None:
    rows = figures["leaderboard-verbalized"]["data"]["values"]
    evaluation = made_up_evaluation()
    own = make_table(evaluation, "leaderboard").filter(elicitation="verbalized")
    published = make_table(evaluation, "published").filter(country="all")
    expected = {
        (name, estimate)
        for table in (own, published)
        for name, estimate in table.select("model", "estimate").rows()
    }
    assert {(row["name"], row["estimate"]) for row in rows} == expected
    assert {row["name"] for row in rows if row["published"]} == set(published["model"])
    assert [row["estimate"] for row in rows] == sorted(
        (row["estimate"] for row in rows), reverse=True
    )


def test_differences_turn_with_their_sides() -> None:
    table = make_table(made_up_evaluation(), "differences").filter(
        elicitation="verbalized", language="en", steering="none"
    )
    there, back = _difference(table, "alpha", "beta"), _difference(table, "beta", "alpha")
    assert_series_equal(back["low"], -there["high"], check_names=False)
    assert_series_equal(back["high"], -there["low"], check_names=False)
    assert_series_equal(back["estimate"], -there["estimate"])


def test_of_many_models_each_is_beside_the_first() -> None:
    shown = Shown(made_up_evaluation())
    assert len(list(_paired(shown, ["a", "b", "c", "d"], "verbalized"))) == 6
    first = make_table(shown.evaluation, "leaderboard").filter(elicitation="verbalized")["model"][0]
    many = [first, "b", "c", "d", "e"]
    assert list(_paired(shown, many, "verbalized")) == [(first, name) for name in many[1:]]


def test_slopes_end_where_the_table_of_steerings_does(figures: dict[str, Any]) -> None:
    means = make_table(made_up_evaluation(), "steering_means").filter(
        elicitation="verbalized", steering="persona", group="", reasoning="off"
    )
    panels = figures["changes-verbalized-7"]["concat"]
    [persona] = [panel for panel in panels if panel["title"]["text"] == "Persona"]
    ends = {(row["model"], row["side"]): row["estimate"] for row in persona["data"]["values"]}
    for model, before, after in means.select("model", "unsteered", "steered").rows():
        assert ends[model, "without"] == before
        assert ends[model, "with"] == after


def test_one_model_without_published_ones_has_no_figure(frames: dict[str, pl.DataFrame]) -> None:
    assert list(model_figures(Shown(evaluation_of(frames)))) == []
