from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from analysis.made_models import blend, model_from

from doxa.analysis import Settings, answer_shape
from doxa.measures import (
    collision,
    effective_options,
    measure_table,
    modal_share,
    normalised_variance,
    support_collapse,
)

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


def test_ratios_divide_means_of_their_functions(human: pl.DataFrame, bank: QuestionBank) -> None:
    sharp = model_from(human, "USA").with_columns(
        pl.col("probabilities").list.eval((pl.element() > 0.09) * pl.element())
    ).with_columns(pl.col("probabilities") / pl.col("probabilities").list.sum())  # fmt: skip
    settings = Settings(n_resamples=50)
    table = measure_table(sharp, human, bank, measures="dispersion", by_country=True,
                          settings=settings)  # fmt: skip
    found = dict(table.filter(country="JPN").select("measure", "estimate").iter_rows())
    people = human.filter(wave=7, country="JPN").select("question", "probabilities")
    rows = people.join(sharp, on="question", suffix="_model").select(
        "question", "probabilities", "probabilities_model"
    ).rows()  # fmt: skip

    def means(function) -> tuple[float, float]:
        return tuple(np.mean([function(row[side])[0] for row in rows]) for side in (2, 1))

    for measure, function in (
        ("effective_options_ratio", effective_options), ("collision_ratio", collision),
        ("entropy_ratio", lambda p: np.log(effective_options(p))),
    ):  # fmt: skip
        ours, theirs = means(function)
        assert found[measure] == pytest.approx(ours / theirs)
    ours, theirs = means(modal_share)
    assert found["modal_concentration"] == pytest.approx(ours - theirs)
    collapsed = [modal_share(m)[0] - modal_share(p)[0] > 0.15 for _, p, m in rows]
    assert found["modal_collapse"] == pytest.approx(np.mean(collapsed))
    never = [support_collapse(m, p, threshold=0.01) for _, p, m in rows]
    assert found["collapsed_options"] == pytest.approx(np.mean([one[0] for one in never]))
    assert found["support_collapse"] == pytest.approx(np.mean([one[1] for one in never]))
    ordinal = [row for row in rows if bank.items[row[0]].scale.kind == "ordinal"]
    spread = np.array([
        [normalised_variance(row[side], bank.items[row[0]].scale.positions)[0] for side in (2, 1)]
        for row in ordinal
    ])  # fmt: skip
    assert found["normalised_variance"] == pytest.approx(spread[:, 0].mean())
    ours, theirs = np.sqrt(spread).mean(axis=0)
    assert found["sd_ratio"] == pytest.approx(ours / theirs)


def test_flat_answers_spread_more_as_the_table_of_shapes_says(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    flat = blend(model_from(human, "USA"), 0.8)
    settings = Settings(n_resamples=50)
    table = measure_table(flat, human, bank, measures="dispersion", by_country=True,
                          settings=settings)  # fmt: skip
    shape = answer_shape(flat, human, bank, settings=settings)
    ratio = table.filter(measure="sd_ratio").sort("country")["estimate"]
    theirs = shape.filter(measure="variance ratio").sort("country")["estimate"]
    assert ((ratio > 1) == (theirs > 1)).all()
    assert (table.filter(measure="entropy_ratio")["estimate"] > 1).all()
