from __future__ import annotations

from itertools import combinations, permutations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.stats import rankdata, spearmanr

from analysis.made_models import blend, model_from
from doxa.analysis.parts.rank_correlation import rank_correlations
from doxa.analysis.structure import country_structure, mantel_p_value
from doxa.errors import InvalidArgumentError, NoDataError

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

GOLDEN = Path(__file__).parent.parent / "golden"
COUNTRIES = ("BGD", "COL", "JPN", "USA")
CORRELATION, RATIO = "rank correlation of distances", "ratio of mean distances"


def asked_as_each(human: pl.DataFrame, **condition: str) -> pl.DataFrame:
    return pl.concat([
        model_from(human, country, **{"steering": "persona", "target": country, **condition})
        for country in COUNTRIES
    ])  # fmt: skip


def distances(frame: pl.DataFrame, country: str, bank: QuestionBank) -> list[float]:
    shares = {(c, q): p for c, q, p in frame.select(country, "question", "probabilities").rows()}
    found = []
    for a, b in combinations(COUNTRIES, 2):
        apart = []
        for question, item in bank.items.items():
            difference = np.subtract(shares[a, question], shares[b, question])
            if item.scale.kind == "nominal":
                apart.append(np.abs(difference).sum() / 2)
            else:
                steps = np.diff(item.scale.positions)
                apart.append((np.abs(np.cumsum(difference))[:-1] * steps).sum() / steps.sum())
        found.append(float(np.mean(apart)))
    return found


def test_it_agrees_with_scipy(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = asked_as_each(human).with_columns(
        target=pl.col("target").replace({"JPN": "COL", "COL": "JPN"})
    )
    model = blend(model, 0.4)
    table = country_structure(model, human, bank)
    ours = distances(model, "target", bank)
    theirs = distances(human.filter(wave=7), "country", bank)
    correlation, ratio = table.rows(named=True)
    assert (correlation["measure"], ratio["measure"]) == (CORRELATION, RATIO)
    assert correlation["estimate"] == pytest.approx(spearmanr(ours, theirs).statistic)
    assert ratio["estimate"] == pytest.approx(np.mean(ours) / np.mean(theirs))
    assert ratio["estimate"] == pytest.approx(0.6)  # blending shrinks every distance alike
    assert ratio["low"] < ratio["estimate"] < ratio["high"]
    place = {pair: number for number, pair in enumerate(combinations(range(4), 2))}
    as_high = [
        spearmanr([ours[place[tuple(sorted((o[i], o[j])))]] for i, j in place], theirs).statistic
        >= correlation["estimate"] - 1e-12
        for o in permutations(range(4))
    ]
    assert correlation["p_value"] == pytest.approx(np.mean(as_high))
    assert (correlation["n_countries"], correlation["n_items"]) == (4, 144)
    assert (correlation["language"], correlation["resampled"]) == ("en", "items")


def test_a_model_that_is_each_country_has_its_structure(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    correlation, ratio = country_structure(asked_as_each(human), human, bank).rows(named=True)
    assert (correlation["estimate"], correlation["low"], correlation["high"]) == (1, 1, 1)
    assert correlation["p_value"] == pytest.approx(1 / 24)
    assert ratio["estimate"] == ratio["low"] == ratio["high"] == 1


def test_a_model_that_knows_no_countries_says_so(human: pl.DataFrame, bank: QuestionBank) -> None:
    alike = pl.concat([
        model_from(human, "USA", steering="persona", target=country) for country in COUNTRIES
    ])  # fmt: skip
    correlation, ratio = country_structure(alike, human, bank).rows(named=True)
    assert correlation["estimate"] is correlation["p_value"] is None
    assert correlation["note"] == "all distances alike on one side: no rank correlation"
    assert (ratio["estimate"], ratio["low"], ratio["high"]) == (0, 0, 0)


def test_languages_stand_for_countries(human: pl.DataFrame, bank: QuestionBank) -> None:
    languages = {country: bank.languages_of(country)[0] for country in COUNTRIES[1:]}
    spoken = [model_from(human, c, language=code) for c, code in languages.items()]
    steered = [
        model_from(human, c, language=code, steering="persona", target=c)
        for c, code in languages.items()
    ]
    table = country_structure(pl.concat([*spoken, *steered]), human, bank)
    assert table.select("steering", "language", "measure").rows() == [
        (steering, "own", measure)
        for steering in ("none", "persona")
        for measure in (CORRELATION, RATIO)
    ]
    assert table["n_countries"].unique().to_list() == [3]
    assert table["estimate"].to_list() == [1.0] * 4
    assert table["p_value"].drop_nulls().to_list() == pytest.approx([1 / 6] * 2)
    assert table["p_adjusted"].drop_nulls().to_list() == pytest.approx([1 / 3] * 2)
    assert table["note"][0] == "3 countries: no p-value below 0.17"


def test_too_few_countries_or_items(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = asked_as_each(human)
    two = country_structure(model.filter(pl.col("target") > "COL"), human, bank)
    assert two["note"].to_list() == ["fewer than three countries: no rank correlation", ""]
    one = country_structure(model.filter(question="Q1"), human, bank)
    assert one["low"].null_count() == 2
    assert one["note"].to_list() == ["one item: no interval"] * 2
    each = dict(zip(("BGD", "COL", "JPN", "USA"), ("Q1", "Q2", "Q3", "Q4"), strict=True))
    apart = pl.concat([
        model.filter(pl.col("target") == target, pl.col("question") == question)
        for target, question in each.items()
    ])  # fmt: skip
    none = country_structure(apart, human, bank)
    assert none["note"].to_list() == ["no item has a value"] * 2
    with pytest.raises(NoDataError, match="two or more targets"):
        country_structure(model.filter(target="JPN"), human, bank)
    with pytest.raises(InvalidArgumentError, match="n_permutations=0"):
        country_structure(model, human, bank, n_permutations=0)


def test_the_test_agrees_with_vegan() -> None:
    both = pl.read_csv(GOLDEN / "mantel_distances.csv", has_header=False).to_numpy()
    first, second = both[:6], both[6:]
    place = np.triu_indices(6, 1)
    expected = {row[0]: row[1:] for row in pl.read_csv(GOLDEN / "mantel.csv").rows()}
    ranks = [np.zeros((6, 6)), np.zeros((6, 6))]
    for square, given in zip(ranks, (first, second), strict=True):
        square[place] = rankdata(given[place])
        square += square.T
    for method, matrices in (("pearson", (first, second)), ("spearman", ranks)):
        statistic, p_value, permutations_made = expected[method]
        assert mantel_p_value(*matrices) == (pytest.approx(p_value), permutations_made)
        assert np.corrcoef(*(m[place] for m in matrices))[0, 1] == pytest.approx(statistic)
    found = rank_correlations(first[place][:, None], second[place][:, None])
    assert found == pytest.approx(expected["spearman"][0])


def test_the_test_has_its_nominal_size() -> None:
    rng = np.random.default_rng(8)
    p_values = []
    for _ in range(400):
        first, second = rng.normal(size=(2, 8, 8))
        p_values.append(mantel_p_value(first + first.T, second + second.T, n_permutations=199)[0])
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=0.03)
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.05)


def test_drawn_rearrangements_depend_on_the_seed_alone() -> None:
    first, second = np.random.default_rng(1).normal(size=(2, 9, 9))
    found = mantel_p_value(first + first.T, second + second.T, n_permutations=2500, seed=5)
    assert found == mantel_p_value(first + first.T, second + second.T, n_permutations=2500, seed=5)
    assert found[1] == 2500
