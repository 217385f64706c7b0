from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analysis.made_models import blend, model_from
from doxa.analysis import Settings
from doxa.analysis.parts.pairs import pair_items
from doxa.analysis.worth import chance_distance, simulated_respondents
from doxa.distribution import human_distributions
from doxa.questionnaire import QuestionBank
from doxa.survey import sample

BANK = QuestionBank.load()
PEOPLE = human_distributions(sample(wave=7), BANK)
SAMPLE, SAFE = "as close as a sample", "safe simulation size"


def drawn(n: int, rng: np.random.Generator, people: pl.DataFrame = PEOPLE) -> pl.DataFrame:
    """A model that is a random sample of n people of the USA, drawn item by item."""
    truth = model_from(people, "USA")
    shares = [rng.multinomial(n, p) / n for p in truth["probabilities"]]
    return truth.with_columns(probabilities=pl.Series([row.tolist() for row in shares]))


def rows(model: pl.DataFrame, people: pl.DataFrame = PEOPLE, **settings: int) -> pl.DataFrame:
    table = simulated_respondents(model, people, BANK, settings=Settings(**settings))
    return table.filter(topic="all", country="USA")


@pytest.mark.parametrize("n", [10, 50, 400])
def test_a_sample_of_n_people_is_worth_n_people(n: int) -> None:
    rng = np.random.default_rng(n)
    truth = PEOPLE.filter(country="USA")
    estimates, held = [], 0
    for _ in range(40):
        other = [rng.multinomial(1500, p) / 1500 for p in truth["probabilities"]]
        people = truth.with_columns(
            probabilities=pl.Series([row.tolist() for row in other]), n_effective=pl.lit(1500.0)
        )
        row = rows(drawn(n, rng), people, n_resamples=200).filter(measure=SAMPLE)
        estimates.append(row["estimate"].item())
        held += row["low"].item() <= n <= row["high"].item()
    assert np.median(estimates) == pytest.approx(n, rel=0.06)
    assert held >= 34  # of 40


def test_a_model_like_the_survey_itself_has_no_limit() -> None:
    row = rows(model_from(PEOPLE, "USA")).filter(measure=SAMPLE).row(0, named=True)
    assert row["estimate"] is None
    assert row["note"].startswith("as close as another sample of the survey's own size")
    assert row["respondents"] == pytest.approx(
        1 / (1 / PEOPLE.filter(country="USA")["n_effective"]).mean()
    )


def test_the_chance_distance_is_that_of_samples() -> None:
    rng = np.random.default_rng(5)
    pairs = pair_items(model_from(PEOPLE, "USA"), PEOPLE.filter(country="USA"), BANK)
    pairs = pairs.filter(pl.col("question").is_in(["Q1", "Q42", "Q164"]))
    found = chance_distance(pairs, BANK)
    for value, question, shares in zip(
        found, pairs["question"], pairs["probabilities_human"], strict=True
    ):
        p, scale = np.array(shares), BANK.items[question].scale
        samples = rng.multinomial(400, p, 20_000) / 400
        if scale.kind == "nominal":
            apart = np.abs(samples - p).sum(axis=1) / 2
        else:
            width = np.diff(scale.positions) / np.ptp(scale.positions)
            apart = np.abs(np.cumsum(samples - p, axis=1)[:, :-1]) @ width
        assert apart.mean() == pytest.approx(value / np.sqrt(400), rel=0.02)


def test_the_safe_size_is_the_largest_that_misses_few_items() -> None:
    model = blend(model_from(PEOPLE, "USA"), 0.2)
    row = rows(model).filter(measure=SAFE).row(0, named=True)
    both = model.join(PEOPLE.filter(country="USA"), on="question", suffix="_h")
    means = []
    for question, p, q in both.select("question", "probabilities", "probabilities_h").iter_rows():
        scale = BANK.items[question].scale
        if scale.kind == "ordinal":
            x = np.array(scale.positions)
            mean = x @ p
            means.append((mean, np.sqrt(x**2 @ p - mean**2), x @ q))

    def missed(k: float) -> float:
        reach = 2**0.5 * 1.959963984540054 / np.sqrt(k)
        return float(np.mean([abs(mean - other) > reach * s for mean, s, other in means]))

    assert row["n_items"] == len(means)
    assert missed(row["estimate"]) <= 0.025 < missed(row["estimate"] + 1)
    assert row["low"] <= row["estimate"] <= row["high"]


def test_topics_and_what_cannot_be_told() -> None:
    table = simulated_respondents(blend(model_from(PEOPLE, "USA"), 0.3), PEOPLE, BANK)
    assert table["topic"].unique(maintain_order=True).to_list() == [
        "all",
        *(topic for topic in BANK.topics if topic in {item.topic for item in BANK.items.values()}),
    ]
    nominal = model_from(PEOPLE, "USA").filter(pl.col("question").is_in(["Q42", "Q149"]))
    few = rows(blend(nominal, 0.5)).filter(measure=SAFE).row(0, named=True)
    assert (few["estimate"], few["n_items"]) == (None, 0)
    assert "no ordinal item" in few["note"]
    unknown = PEOPLE.with_columns(n_effective=pl.lit(None, pl.Float64))
    row = rows(blend(model_from(PEOPLE, "USA"), 0.3), unknown).filter(measure=SAMPLE)
    assert row["estimate"].item() is None
    assert "number of respondents unknown" in row["note"].item()
