from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.stats import entropy

from analysis.made_models import blend, model_from
from doxa.analysis import Settings
from doxa.analysis.shape import answer_shape, topic_bias
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

MEASURES = ["variance ratio", "entropy difference", "modal match"]


def sharpened(model: pl.DataFrame) -> pl.DataFrame:
    """Put all mass on the most frequent answer."""
    top = (pl.element() == pl.element().max()).cast(pl.Float64)
    return model.with_columns(pl.col("probabilities").list.eval(top / top.sum()))


def test_it_agrees_with_numpy_and_scipy(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = blend(model_from(human, "USA"), 0.3)
    table = answer_shape(model, human, bank)
    japan = human.filter(country="JPN", wave=7)
    both = model.join(japan, on="question", suffix="_human")
    variances, entropies, matches = [], [], []
    for question, p, q in both.select(
        "question", "probabilities", "probabilities_human"
    ).iter_rows():
        entropies.append(entropy(p, base=2) - entropy(q, base=2))
        matches.append(np.argmax(p) == np.argmax(q))
        scale = bank.items[question].scale
        if scale.kind == "ordinal":
            x = np.array(scale.positions) / np.ptp(scale.positions)
            variances.append([np.cov(x, aweights=w, ddof=0) for w in (p, q)])
    expected = [np.divide(*np.mean(variances, axis=0)), np.mean(entropies), np.mean(matches)]
    rows = table.filter(country="JPN")
    assert rows["measure"].to_list() == MEASURES
    np.testing.assert_allclose(rows["estimate"], expected, rtol=1e-10)
    assert rows["n_items"].to_list() == [len(variances), 144, 144]
    assert (rows["low"] < rows["estimate"]).all()
    assert (rows["estimate"] < rows["high"]).all()


def test_the_interval_of_the_ratio_is_that_of_numpy(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = blend(model_from(human, "USA"), 0.3)
    row = answer_shape(model, human, bank).filter(country="BGD", measure=MEASURES[0])
    # the delta method for a ratio of means
    japan = human.filter(country="BGD", wave=7)
    both = model.join(japan, on="question", suffix="_human")
    pairs = []
    for question, p, q in both.select(
        "question", "probabilities", "probabilities_human"
    ).iter_rows():
        scale = bank.items[question].scale
        if scale.kind == "ordinal":
            x = np.array(scale.positions) / np.ptp(scale.positions)
            pairs.append([np.cov(x, aweights=w, ddof=0) for w in (p, q)])
    above, below = np.array(pairs).T
    ratio = above.mean() / below.mean()
    error = np.std(above - ratio * below) / np.sqrt(len(pairs)) / below.mean()
    assert row["std_error"].item() == pytest.approx(error, rel=0.1)


def test_flat_and_sharp_models(human: pl.DataFrame, bank: QuestionBank) -> None:
    echo = model_from(human, "JPN")
    shapes = {
        name: dict(
            answer_shape(model, human, bank, settings=Settings(n_resamples=50))
            .filter(country="JPN")
            .select("measure", "estimate")
            .iter_rows()
        )
        for name, model in (("echo", echo), ("flat", blend(echo, 0.9)), ("sharp", sharpened(echo)))
    }
    assert list(shapes["echo"].values()) == pytest.approx([1.0, 0.0, 1.0])
    assert shapes["flat"]["variance ratio"] > 1
    assert shapes["flat"]["entropy difference"] > 0
    assert shapes["sharp"]["variance ratio"] == pytest.approx(0.0)
    assert shapes["sharp"]["entropy difference"] < 0
    assert shapes["sharp"]["modal match"] == 1.0


def test_bias_is_the_difference_of_means_on_the_scale(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = blend(model_from(human, "USA"), 0.3)
    table = topic_bias(model, human, bank)
    both = model.join(human.filter(country="BGD", wave=7), on="question", suffix="_human")
    expected: dict[str, list[float]] = {}
    for question, p, q in both.select(
        "question", "probabilities", "probabilities_human"
    ).iter_rows():
        item = bank.items[question]
        if item.scale.kind == "ordinal":
            difference = np.dot(np.subtract(p, q), item.scale.positions)
            expected.setdefault(item.topic, []).append(difference / np.ptp(item.scale.positions))
    rows = table.filter(country="BGD")
    assert rows["topic"].unique(maintain_order=True).to_list() == [
        topic for topic in bank.topics if topic in expected
    ]
    for row in rows.iter_rows(named=True):
        biases = np.array(expected[row["topic"]])
        value = biases if row["measure"] == "bias" else np.abs(biases)
        assert row["estimate"] == pytest.approx(value.mean(), abs=1e-12)
        assert row["n_items"] == len(biases)


def test_steered_answers_are_compared_with_their_target_alone(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = model_from(human, "JPN", steering="persona", target="JPN")
    assert answer_shape(model, human, bank)["country"].unique().to_list() == ["JPN"]
    elsewhere = model.with_columns(target=pl.lit("DEU"))
    with pytest.raises(NoDataError, match="for target DEU; the survey has Q1, Q2, Q3 and 141 more"):
        answer_shape(elsewhere, human, bank)


def test_a_missing_value_says_why(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = model_from(human, "JPN")
    one = answer_shape(model.filter(question="Q1"), human, bank)
    assert one["note"].unique().to_list() == ["one item: no interval"]
    assert one["low"].null_count() == one.height
    nominal = answer_shape(model.filter(pl.col("question").is_in(["Q42", "Q111"])), human, bank)
    assert nominal.filter(measure=MEASURES[0])["note"].unique().to_list() == ["no item has a value"]
    alike = sharpened(human.filter(country="JPN", wave=7))
    flat = answer_shape(model, alike, bank).filter(measure=MEASURES[0]).row(0, named=True)
    assert flat["estimate"] is None
    assert flat["note"] == "people all answer alike: no variance ratio"
    for table in (one, nominal):
        assert not any(column.is_nan().any() for column in table.select(pl.selectors.float()))
    assert topic_bias(model.filter(question="Q42"), human, bank).is_empty()
