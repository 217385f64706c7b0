from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from analysis.made_models import blend, model_from

from doxa.analysis import Settings
from doxa.measures import (
    gap_closed,
    majority_distance,
    measure_table,
    noise_floor,
    simbench_score,
    threshold_curve,
    uniform_distance,
)
from doxa.score import score_batch

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

FEW = Settings(n_resamples=50)


def sides(human: pl.DataFrame, model: pl.DataFrame) -> list[tuple[str, np.ndarray, np.ndarray]]:
    people = human.filter(wave=7, country="JPN").select("question", "probabilities")
    both = people.join(model, on="question", suffix="_model")
    return [
        (q, np.array(p), np.array(m))
        for q, p, m in both.select("question", "probabilities", "probabilities_model").rows()
    ]


def test_scores_agree_with_their_functions(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = blend(model_from(human, "USA"), 0.3)
    table = measure_table(model, human, bank, by_country=True, settings=FEW)
    table = table.filter(country="JPN")
    found = dict(table.filter(at="").select("measure", "estimate").iter_rows())
    rows = sides(human, model)
    n = dict(human.filter(wave=7, country="JPN").select("question", "n_effective").rows())
    tv, even, majority, distance, flat, floor, aligned = np.array([
        (
            np.abs(m - p).sum() / 2, uniform_distance(p)[0], majority_distance(p)[0],
            *(score_batch([side], [p], metrics="wasserstein", scale=scale.kind,
                          positions=scale.positions or None).scores["wasserstein"][0]
              for side in (m, np.full(p.size, 1 / p.size))),
            noise_floor(p, n[q], scale.positions or None, nominal=scale.kind == "nominal"),
            score_batch([m], [p], scale=scale.kind,
                        positions=scale.positions or None).scores["alignment"][0],
        )
        for q, p, m in rows for scale in [bank.items[q].scale]
    ]).T  # fmt: skip
    assert found["simbench"] == pytest.approx(100 * (1 - tv.mean() / even.mean()))
    assert found["meister_total_variation"] == pytest.approx(tv.mean())
    assert found["meister_uniform"] == pytest.approx(even.mean())
    assert found["meister_majority"] == pytest.approx(majority.mean())
    assert found["subpop_distance"] == pytest.approx(distance.mean())
    assert found["subpop_noise_floor"] == pytest.approx(floor.mean())
    closed = gap_closed(distance.mean(), flat.mean(), floor.mean())
    assert found["subpop_gap_closed"] == pytest.approx(closed)
    curve = table.filter(measure="worldvaluesbench_curve").sort("at")
    limits = [float(at) for at in curve["at"]]
    assert curve["estimate"].to_list() == pytest.approx(
        threshold_curve((1 - aligned).round(12), limits).tolist()
    )
    five = [(p, m) for _, p, m in rows if p.size == 4]
    people, answers = (np.array(one) for one in zip(*five, strict=True))
    only = model.filter(pl.col("probabilities").list.len() == 4)
    same = measure_table(only, human, bank, measures="simbench", by_country=True, settings=FEW)
    score = same.filter(measure="simbench", country="JPN")["estimate"].item()
    assert score == pytest.approx(simbench_score(answers, people))


def test_the_halves_by_entropy(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = blend(model_from(human, "USA"), 0.3)
    table = measure_table(model, human, bank, measures="simbench", by_country=True, settings=FEW)
    found = dict(table.filter(country="JPN").select("measure", "estimate").iter_rows())
    rows = sides(human, model)
    entropy = np.array([
        -(p[p > 0] * np.log(p[p > 0])).sum() / np.log(p.size) for _, p, _ in rows
    ])  # fmt: skip
    for name, kept in (
        ("low", entropy <= np.median(entropy)), ("high", entropy > np.median(entropy)),
    ):  # fmt: skip
        chosen = [row for row, inside in zip(rows, kept, strict=True) if inside]
        tv = np.mean([np.abs(m - p).sum() / 2 for _, p, m in chosen])
        even = np.mean([uniform_distance(p)[0] for _, p, _ in chosen])
        assert found[f"simbench_{name}_entropy"] == pytest.approx(100 * (1 - tv / even))


def test_a_steering_closes_a_gap_from_where_it_started(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    plain = blend(model_from(human, "USA"), 0.5)
    halfway = blend(model_from(human, "JPN", steering="persona", target="JPN"), 0.25)
    back = blend(model_from(human, "USA", steering="mood", target="JPN"), 1.0)
    table = measure_table(
        pl.concat([plain, halfway, back]), human, bank, by_country=True,
        measures="subpop_steering_gap_closed", settings=FEW,
    )  # fmt: skip
    found = dict(table.select("steering", "estimate").iter_rows())
    assert found["persona"] > 0 > found["mood"]
    assert set(found) == {"persona", "mood"}


def test_unknown_numbers_of_respondents_are_told(human: pl.DataFrame, bank: QuestionBank) -> None:
    unknown = human.with_columns(n_effective=pl.lit(None, pl.Float64))
    model = model_from(human, "USA")
    settings = Settings(n_resamples=20, resample=("items", "respondents"))
    names = ["simbench", "subpop_noise_floor"]
    table = measure_table(model, unknown, bank, measures=names, settings=settings)
    floor = table.filter(measure="subpop_noise_floor").row(0, named=True)
    assert floor["estimate"] is None
    assert floor["note"].startswith("number of respondents unknown for ")
    simbench = table.filter(measure="simbench").row(0, named=True)
    assert simbench["note"] == "number of respondents unknown for some: these are not drawn"


def test_all_countries_together_are_the_mean_of_their_pairs(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = model_from(human, "USA")
    names = ["meister_total_variation", "meister_uniform"]
    each, whole = (
        measure_table(model, human, bank, measures=names, by_country=by, settings=FEW)
        for by in (True, False)
    )
    for name in names:
        countries = each.filter(measure=name)
        mean = np.average(countries["estimate"], weights=countries["n_items"])
        assert whole.filter(measure=name)["estimate"].item() == pytest.approx(mean)
