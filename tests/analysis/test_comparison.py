from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.stats import false_discovery_control, ttest_1samp

from analysis.made_models import blend, model_from
from doxa.analysis import Settings, country_alignment
from doxa.analysis.comparison import compare_models, leaderboard
from doxa.analysis.power import sample_sizes
from doxa.errors import InvalidArgumentError, NoDataError

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


@pytest.fixture(scope="module")
def models(human: pl.DataFrame) -> pl.DataFrame:
    japan = {"steering": "persona", "target": "JPN"}
    return pl.concat([
        blend(model_from(human, "USA", model="good", **condition), 0.2)
        for condition in ({}, japan)
    ] + [
        blend(model_from(human, "USA", model="poor", **condition), 0.8)
        for condition in ({}, japan)
    ])  # fmt: skip


def by_item(models: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank) -> dict[str, np.ndarray]:
    """Alignment with Japan, item by item, unsteered."""
    japan = dict(
        human.filter(country="JPN", wave=7).select("question", "probabilities").iter_rows()
    )
    found = {}
    for (name,), part in models.filter(target="").group_by("model"):
        scores = []
        for question, p in part.select("question", "probabilities").iter_rows():
            apart = np.subtract(p, japan[question])
            scale = bank.items[question].scale
            steps = np.diff(scale.positions)
            if scale.kind == "nominal":
                scores.append(1 - np.abs(apart).sum() / 2)
            else:
                scores.append(1 - np.abs(np.cumsum(apart)[:-1]) @ steps / steps.sum())
        found[str(name)] = np.array(scores)
    return found


def test_a_comparison_is_a_paired_test(
    models: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    table = compare_models(models, human, bank, "good", "poor", settings=Settings(n_resamples=4000))
    assert table.height == 5
    row = table.filter(country="JPN", steering="none").row(0, named=True)
    scores = by_item(models, human, bank)
    test = ttest_1samp(scores["good"] - scores["poor"], 0.0)
    assert row["estimate"] == pytest.approx(np.mean(scores["good"] - scores["poor"]), abs=1e-12)
    t = row["estimate"] / row["std_error"] * np.sqrt(143 / 144)
    assert t == pytest.approx(test.statistic, rel=0.05)
    interval = test.confidence_interval()
    assert (row["low"], row["high"]) == pytest.approx(tuple(interval), abs=0.003)
    p_values = np.sort(table["p_value"].to_numpy())
    holm = np.maximum.accumulate(p_values * np.arange(5, 0, -1)).clip(max=1)
    np.testing.assert_allclose(np.sort(table["p_adjusted"].to_numpy()), holm)
    relaxed = compare_models(
        models,
        human,
        bank,
        "good",
        "poor",
        correction="benjamini_hochberg",
        settings=Settings(n_resamples=4000),
    )
    np.testing.assert_allclose(
        relaxed["p_adjusted"], false_discovery_control(relaxed["p_value"].to_numpy())
    )


def test_the_columns_that_separate_comparisons_can_be_chosen(
    models: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    each = compare_models(models, human, bank, "good", "poor", settings=Settings(n_resamples=100))
    whole = compare_models(
        models, human, bank, "good", "poor", by=(), settings=Settings(n_resamples=100)
    )
    assert whole.columns[:3] == ["a", "b", "estimate"]
    assert whole["estimate"].item() == pytest.approx(each["estimate"].mean(), abs=1e-12)
    assert whole["n_items"].item() == 144
    countries = compare_models(
        models, human, bank, "good", "poor", by=["country"], settings=Settings(n_resamples=9)
    )
    assert countries["country"].to_list() == ["BGD", "COL", "JPN", "USA"]
    japan = each.filter(country="JPN")["estimate"].mean()
    assert countries.filter(country="JPN")["estimate"].item() == pytest.approx(japan, abs=1e-12)
    turned = compare_models(
        models, human, bank, "poor", "good", by=(), settings=Settings(n_resamples=100)
    )
    assert turned["estimate"].item() == pytest.approx(-whole["estimate"].item())


def test_the_same_items_are_compared(
    models: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    fewer = models.filter((pl.col("model") == "good") | (pl.col("question") < "Q2"))
    n_items = fewer.filter(model="poor", target="").height
    assert compare_models(fewer, human, bank, "good", "poor")["n_items"].to_list() == [n_items] * 5
    board = leaderboard(fewer, human, bank)
    assert board["n_items"].to_list() == [n_items] * 2
    assert board["n"].to_list() == [n_items * 5] * 2


def test_an_elicitation_that_one_model_lacks_is_left_out(
    models: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    other = models.filter(model="good").with_columns(elicitation=pl.lit("logprobs"))
    more = pl.concat([other, models])
    settings = Settings(n_resamples=20)
    plain = compare_models(models, human, bank, "good", "poor", settings=settings)
    assert compare_models(more, human, bank, "good", "poor", settings=settings).equals(plain)
    sizes = sample_sizes(more, human, bank, "good", "poor", settings=settings)
    assert sizes["elicitation"].unique().to_list() == ["verbalized"]
    apart = pl.concat([other, models.filter(model="poor")])
    with pytest.raises(NoDataError, match="good and poor have no elicitation in common"):
        compare_models(apart, human, bank, "good", "poor")


def test_identical_models_do_not_differ(human: pl.DataFrame, bank: QuestionBank) -> None:
    twins = pl.concat([model_from(human, "USA", model=name) for name in ("one", "two")])
    table = compare_models(twins, human, bank, "one", "two")
    numbers = table.select("estimate", "low", "high", "p_value", "p_adjusted").unique().rows()
    assert numbers == [pytest.approx((0, 0, 0, 1, 1))]
    board = leaderboard(twins, human, bank)
    assert board["rank"].to_list() == [1, 1]
    assert board["p_first"].to_list() == [1, 1]


def test_a_leaderboard_ranks_and_its_intervals_hold_together(
    models: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    middle = models.filter(model="good").with_columns(model=pl.lit("fair"))
    board = leaderboard(pl.concat([models, blend(middle, 0.3)]), human, bank)
    assert board["model"].to_list() == ["good", "fair", "poor"]
    assert board["rank"].to_list() == board["rank_low"].to_list() == [1, 2, 3]
    levels = country_alignment(models.filter(model="good"), human, bank).filter(
        (pl.col("target") == "") | (pl.col("target") == pl.col("country"))
    )
    assert board["estimate"][0] == pytest.approx(levels["estimate"].mean(), abs=1e-12)
    reach = ((board["high"] - board["low"]) / 2 / board["std_error"]).to_numpy()
    assert np.ptp(reach) < 1e-9
    assert 1.9 < reach[0] < 2.6
    alone = leaderboard(models.filter(model="good"), human, bank)
    assert alone["note"].to_list() == ["one model: nothing to rank"]
    assert alone["low"].item() > board["low"][0]


def test_simultaneous_intervals_are_those_of_numpy(
    models: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    board = leaderboard(
        models.filter(target=""),
        human.filter(country="JPN"),
        bank,
        settings=Settings(n_resamples=20_000),
    )
    scores = by_item(models, human, bank)
    rng = np.random.default_rng(3)
    weights = rng.multinomial(144, np.full(144, 1 / 144), size=20_000) / 144
    largest = np.zeros(20_000)
    for row in board.iter_rows(named=True):
        x = scores[row["model"]]
        means = weights @ x
        errors = np.sqrt((weights @ x**2 - means**2) / 144)
        largest = np.maximum(largest, np.abs(means - x.mean()) / errors)
        assert row["std_error"] == pytest.approx(x.std() / 12, rel=1e-9)
    reach = np.quantile(largest, 0.95) * board["std_error"].to_numpy()
    np.testing.assert_allclose(board["high"] - board["estimate"], reach, rtol=0.02)
    np.testing.assert_allclose(board["estimate"] - board["low"], reach, rtol=0.02)


def test_an_impossible_comparison_says_why(
    models: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    with pytest.raises(InvalidArgumentError, match="no model 'best': there are good, poor"):
        compare_models(models, human, bank, "good", "best")
    with pytest.raises(InvalidArgumentError, match="cannot be compared with itself"):
        compare_models(models, human, bank, "good", "good")
    with pytest.raises(InvalidArgumentError, match="by='colour': take some of elicitation"):
        compare_models(models, human, bank, "good", "poor", by=["colour"])
    apart = models.filter((pl.col("model") == "good") == (pl.col("target") == ""))
    with pytest.raises(NoDataError, match="verbalized: good, poor were asked no item in the same"):
        compare_models(apart, human, bank, "good", "poor")
    one = compare_models(models.filter(question="Q1"), human, bank, "good", "poor")
    assert one["note"].unique().to_list() == ["one item: no interval"]
    assert one.select("low", "p_value", "p_adjusted").null_count().row(0) == (5, 5, 5)
    board = leaderboard(models.filter(question="Q1"), human, bank)
    assert board["p_first"].null_count() == 2


def test_a_model_that_thought_is_compared_with_itself(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    at_once = blend(model_from(human, "USA"), 0.6)
    thought = blend(model_from(human, "USA", reasoning="512"), 0.2)
    both = pl.concat([at_once, thought])
    people = human.filter(wave=7)
    table = compare_models(
        both, people, bank, "echo", "echo", by=("country",), reasoning=("512", "off")
    )
    row = table.filter(country="USA").row(0, named=True)
    assert (row["a"], row["b"]) == ("echo, thinking 512", "echo, at once")
    assert row["estimate"] > 0
    apart = pl.concat([at_once.with_columns(model=pl.lit("x")), thought.with_columns(
        model=pl.lit("y"), reasoning=pl.lit("off"))])  # fmt: skip
    other = compare_models(apart, people, bank, "y", "x", by=("country",))
    assert row["estimate"] == other.filter(country="USA")["estimate"][0]
    with pytest.raises(
        InvalidArgumentError, match="echo has no reasoning '64': there are 512, off"
    ):
        compare_models(both, people, bank, "echo", "echo", reasoning=("off", "64"))
    with pytest.raises(InvalidArgumentError, match="cannot be compared with itself"):
        compare_models(both, people, bank, "echo", "echo", reasoning=("off", "off"))
