from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest

from doxa.analysis import Settings, persona_flattening
from doxa.errors import NoDataError
from doxa.questionnaire import QuestionBank

from .made_groups import answering, people_of, split_counts

BANK = QuestionBank.load()
SETTINGS = Settings(n_resamples=200)


@cache
def people(apart: float = 1.0, n: int = 300, seed: int = 0) -> pl.DataFrame:
    return people_of(split_counts(BANK, apart=apart, n=n, seed=seed), "sex×age", BANK)


def flattened(model: pl.DataFrame, human: pl.DataFrame) -> dict[str, float]:
    table = persona_flattening(model, human, BANK, settings=SETTINGS)
    return dict(table.select("variable", "estimate").rows())


def test_a_model_as_far_apart_as_its_groups_are_has_1_and_one_that_ignores_them_0() -> None:
    human = people(n=10**6)
    table = persona_flattening(answering(human, human), human, BANK, settings=SETTINGS)
    assert sorted(table.select("groups", "variable", "n_pairs").rows()) == [
        ("sex×age", "age", 6), ("sex×age", "all", 15), ("sex×age", "sex", 3),
    ]  # fmt: skip
    assert table["estimate"].to_list() == pytest.approx([1.0] * 3, abs=1e-3)
    ignoring = persona_flattening(answering(human, human, follow=0), human, BANK, settings=SETTINGS)
    assert ignoring["estimate"].to_list() == pytest.approx([0.0] * 3, abs=1e-9)


@pytest.mark.parametrize("follow", [0.25, 0.5])
def test_a_model_that_goes_part_of_the_way_has_that_part(follow: float) -> None:
    human = people(n=10**6)
    found = flattened(answering(human, human, follow=follow), human)
    assert list(found.values()) == pytest.approx([follow] * 3, abs=1e-3)


def test_small_samples_do_not_make_a_model_look_flat() -> None:
    """A model with the true distances, against samples of 40 a group."""
    truth, rows = people(apart=0.25, n=10**6), []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        drawn = [(rng.multinomial(40, p) / 40).tolist() for p in truth["probabilities"].to_list()]
        sample = truth.with_columns(pl.Series("probabilities", drawn), n_effective=pl.lit(40.0))
        table = persona_flattening(answering(truth, truth), sample, BANK, settings=SETTINGS)
        rows.append(table.filter(variable="all").row(0, named=True))
    found = pl.DataFrame(rows)
    square = (found["people_distance"] ** 2).mean()
    assert square == pytest.approx(found["model_distance"][0] ** 2, rel=0.15)
    assert 0.9 < found["estimate"].mean() < 1.15
    with_chance = (found["people_distance"] ** 2 + found["people_by_chance"] ** 2).sqrt()
    assert (found["model_distance"] / with_chance).mean() < 0.8


def test_sampled_replies_do_not_make_a_flat_model_look_apart() -> None:
    human = people(n=10**6)
    flat = answering(human, human, follow=0)
    rng = np.random.default_rng(0)
    drawn = [(rng.multinomial(10, p) / 10).tolist() for p in flat["probabilities"].to_list()]
    sampled = flat.with_columns(
        pl.Series("probabilities", drawn), elicitation=pl.lit("sampling"),
        n_replies=pl.lit(10, pl.UInt32),
    )  # fmt: skip
    assert flattened(sampled, human)["all"] < 0.2
    whole = sampled.with_columns(elicitation=pl.lit("verbalized"))
    assert flattened(whole, human)["all"] > 0.5


def test_people_who_do_not_differ_give_no_ratio() -> None:
    human = people(apart=0.0, n=300)
    truth = people(n=10**6)
    table = persona_flattening(answering(truth, truth), human, BANK, settings=SETTINGS)
    row = table.filter(variable="all").row(0, named=True)
    assert row["people_distance"] < row["people_by_chance"]
    assert row["low"] is None
    assert "by chance: no" in row["note"]


def test_one_group_is_too_few() -> None:
    human = people()
    model = answering(human, human)
    one = model.filter(pl.col("group").is_in(["", "sex=male,age=<30"]))
    with pytest.raises(NoDataError, match="no two groups to compare"):
        persona_flattening(one, human, BANK, settings=SETTINGS)
