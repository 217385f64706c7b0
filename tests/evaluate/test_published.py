from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from polars.testing import assert_frame_equal

from doxa.errors import NoDataError
from doxa.evaluate import make_table, published_scores
from doxa.evaluate.published import NOT_PUBLISHED, PUBLISHED, published_beside

if TYPE_CHECKING:
    from doxa.evaluate import Evaluation

TOOL = Path(__file__).parents[2] / "tools" / "published_scores.py"


def test_the_shipped_scores_are_those_of_the_recorded_replies(oracle: Path) -> None:
    described = importlib.util.spec_from_file_location("published_scores", TOOL)
    assert described is not None
    assert described.loader is not None
    tool = importlib.util.module_from_spec(described)
    described.loader.exec_module(tool)
    assert_frame_equal(
        tool.scores_of(oracle / "responses.parquet"), published_scores(), abs_tol=2e-4
    )


def test_no_model_is_told_of_without_replies() -> None:
    scores = published_scores()
    assert not set(scores["model"]) & {*NOT_PUBLISHED}
    assert scores["model"].n_unique() + len(NOT_PUBLISHED) == 7
    assert scores.select("model", "country").is_duplicated().sum() == 0
    assert "wording" in PUBLISHED
    assert "AAAI 2026" in PUBLISHED


def test_only_the_countries_of_the_evaluation_are_beside_it(evaluation: Evaluation) -> None:
    against_four = published_beside(evaluation)
    assert set(against_four["country"]) == {"BGD", "COL", "JPN", "USA", "all"}
    assert set(against_four["source"]) == {"published"}
    own = against_four.filter(model="Llama3")
    every, each = own.filter(country="all"), own.remove(country="all")
    mean = (each["estimate"] * each["n_items"]).sum() / each["n_items"].sum()
    assert every["estimate"].item() == pytest.approx(mean)
    assert every["low"].item() < mean < every["high"].item()


def test_other_waves_have_no_published_scores(evaluation: Evaluation) -> None:
    other = replace(evaluation, settings=replace(evaluation.settings, wave=6))
    with pytest.raises(NoDataError, match="wave 7"):
        make_table(other, "published")
