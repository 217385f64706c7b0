from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from doxa.analysis import baseline_distributions
from doxa.analysis.parts.baseline import Baseline
from doxa.analysis.parts.item_scores import item_alignment
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.score import alignment_matrix

if TYPE_CHECKING:
    from doxa.analysis.parts.settings import BaselineKind
    from doxa.questionnaire import QuestionBank

KEY = ["wave", "country", "question"]


def shares(human: pl.DataFrame, column: str = "probabilities") -> dict[Any, np.ndarray[Any, Any]]:
    return {(w, c, q): np.array(p) for w, c, q, p in human.select(*KEY, column).iter_rows()}


def test_the_baseline_counts_each_other_country_once(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    known = shares(human)
    found = shares(baseline_distributions(human, bank), "baseline")
    assert found
    for (wave, country, question), baseline in found.items():
        others = [
            p for (w, c, q), p in known.items() if (w, q) == (wave, question) and c != country
        ]
        np.testing.assert_allclose(baseline, np.mean(others, axis=0), rtol=0, atol=1e-14)


def test_the_pooled_baseline_counts_every_respondent_once(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    found = shares(baseline_distributions(human, bank, "pooled"), "baseline")
    for (wave, question), part in human.group_by("wave", "question"):
        expected = np.average(part["probabilities"].to_list(), axis=0, weights=part["n"])
        for country in part["country"]:
            np.testing.assert_allclose(found[wave, country, question], expected, atol=1e-14)


def test_the_uniform_baseline_gives_all_options_the_same_share(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    lone = human.filter(country="JPN", wave=7)
    for question, baseline in (
        baseline_distributions(lone, bank, "uniform").select("question", "baseline").iter_rows()
    ):
        size = len(bank.items[question].scale.codes)
        np.testing.assert_allclose(baseline, np.full(size, 1 / size))


def test_the_nearest_country_has_the_highest_alignment(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    wave7 = human.filter(wave=7)
    scales = [bank.items[name].scale for name in wave7["question"]]
    matrix = alignment_matrix(
        wave7["probabilities"], groups=wave7["country"], items=wave7["question"],
        scale=[s.kind for s in scales], positions=[s.positions for s in scales],
    )  # fmt: skip
    table = matrix.drop("group").to_numpy() - np.eye(matrix.height)
    nearest = dict(
        zip(matrix["group"], matrix["group"].gather(table.argmax(axis=1)), strict=True)
    )  # fmt: skip
    known = shares(wave7)
    found = shares(baseline_distributions(wave7, bank, "nearest"), "baseline")
    assert len(found) == wave7.height
    for (wave, country, question), baseline in found.items():
        assert baseline.tolist() == known[wave, nearest[country], question].tolist()


def test_a_lone_country_has_no_baseline(human: pl.DataFrame, bank: QuestionBank) -> None:
    lone = human.filter(country="JPN", wave=7)
    assert baseline_distributions(lone, bank).is_empty()
    assert baseline_distributions(lone, bank, "nearest").is_empty()


def test_further_keys_are_averaged_within_themselves(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    japan = human.filter(country="JPN", wave=7).with_columns(sex=pl.lit("f"))
    others = human.filter(country="USA", wave=7).with_columns(sex=pl.lit("m"))
    assert baseline_distributions(pl.concat([japan, others]), bank).is_empty()


def test_an_unknown_value_is_named(human: pl.DataFrame, bank: QuestionBank) -> None:
    with pytest.raises(InvalidArgumentError, match="baseline='mean'"):
        baseline_distributions(human, bank, "mean")  # type: ignore[arg-type]
    nothing = pl.lit(None, pl.Float64)
    unknown = human.with_columns(n=nothing, n_effective=nothing)
    with pytest.raises(NoDataError, match=r"Q1\b.*cannot be pooled"):
        baseline_distributions(unknown, bank, "pooled")


@pytest.mark.parametrize("kind", ["leave_one_out", "pooled", "nearest", "uniform"])
def test_what_a_baseline_is_made_of_gives_its_alignment(
    human: pl.DataFrame, bank: QuestionBank, kind: BaselineKind
) -> None:
    few = human.filter(pl.col("question").is_in(["Q1", "Q46"]), wave=7)
    baseline = Baseline(few, bank, kind)
    rows = baseline.rows(["Q1", "Q46"])
    assert rows.height == 8
    apart = 1 - item_alignment(rows, bank).to_numpy()
    aligned = 1 - (1 - rows["own"].to_numpy()) * apart
    expected = baseline.values(["Q1", "Q46"]).ravel()
    np.testing.assert_allclose(aligned, expected, atol=1e-12)
    if kind == "uniform":
        assert rows["n_mixed"].is_infinite().all()
    else:
        assert ((rows["own"] > 0) == (kind == "pooled")).all()


def test_the_size_of_a_baseline_is_that_of_its_spread(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    few = human.filter(question="Q46", wave=7).sort("country")
    rows = Baseline(few, bank, "leave_one_out").rows(["Q46"])
    random = np.random.default_rng(1)
    samples = np.stack([
        random.multinomial(round(n), p, 4000) / round(n)
        for p, n in few.select("probabilities", "n_effective").iter_rows()
    ])  # fmt: skip
    spread = samples[1:].mean(axis=0).std(axis=0)
    shares = np.array(rows["probabilities"][0].to_list())
    expected = np.sqrt(shares * (1 - shares) / rows["n_mixed"][0])
    # The people of several countries spread less than as many of their mixture.
    assert (spread < expected * 1.05).all()
    assert spread == pytest.approx(expected, rel=0.25)
