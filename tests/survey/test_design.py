from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from doxa.questionnaire import Item, Scale
from doxa.survey import Microdata, describe_survey, read_survey
from doxa.survey.design import Design, design_of, designed_sizes

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ITEM = Item("q", "", "", Scale("ordinal", (1, 2, 3)), {})


def slowly(
    answers: NDArray[Any], k: int, weights: NDArray[Any], strata: NDArray[Any], units: NDArray[Any]
) -> float:
    """The formula, cluster by cluster, for one population."""
    there = answers < k
    total = weights[there].sum()
    variance, simple = 0.0, 0.0
    for option in range(k):
        p = weights[there & (answers == option)].sum() / total
        simple += p * (1 - p)
        for stratum in np.unique(strata[there]):
            z = []
            for unit in np.unique(units[there & (strata == stratum)]):
                rows = there & (units == unit)
                z.append((weights[rows] * ((answers[rows] == option) - p)).sum() / total)
            m = len(z)
            middle = np.mean(z) if m > 1 else 0.0
            variance += (m / (m - 1) if m > 1 else 1.0) * sum((v - middle) ** 2 for v in z)
    return float(min(simple / variance, there.sum()))


def made(n: int, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any], Design]:
    answers = rng.choice([0, 1, 2, 255], n, p=[0.4, 0.3, 0.2, 0.1]).astype(np.uint8)
    units = rng.integers(0, 12, n)
    return answers, rng.uniform(0.5, 2, n), Design(units // 4, units)


def test_it_is_the_slow_formula_in_each_population() -> None:
    rng = np.random.default_rng(1)
    parts = [made(n, rng) for n in (80, 150)]
    design = Design(
        np.concatenate([parts[0][2].strata, 100 + parts[1][2].strata]),
        np.concatenate([parts[0][2].clusters, 100 + parts[1][2].clusters]),
    )
    answers, weights = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    found = designed_sizes(answers, 3, weights, np.array([80, 230]), design)
    for size, (a, w, d) in zip(found, parts, strict=True):
        assert size == pytest.approx(slowly(a, 3, w, d.strata, d.clusters), rel=1e-12)


def test_people_drawn_one_by_one_count_one_each() -> None:
    rng = np.random.default_rng(2)
    answers = rng.choice(3, 2000, p=[0.5, 0.3, 0.2]).astype(np.uint8)
    alone = Design(np.zeros(2000, np.int64), np.arange(2000))
    (size,) = designed_sizes(answers, 3, np.ones(2000), np.array([2000]), alone)
    assert size == pytest.approx(1999, abs=1e-6)


def test_clusters_that_answer_alike_count_as_one() -> None:
    answers = np.repeat(np.random.default_rng(3).integers(0, 3, 40), 25).astype(np.uint8)
    design = Design(np.zeros(1000, np.int64), np.repeat(np.arange(40), 25))
    (size,) = designed_sizes(answers, 3, np.ones(1000), np.array([1000]), design)
    assert size == pytest.approx(39, abs=1e-6)


def test_nothing_is_told_by_one_cluster_or_one_answer() -> None:
    one = Design(np.zeros(10, np.int64), np.zeros(10, np.int64))
    many = Design(np.zeros(10, np.int64), np.arange(10))
    mixed, same = np.arange(10, dtype=np.uint8) % 3, np.zeros(10, np.uint8)
    stops = np.array([10])
    assert np.isnan(designed_sizes(mixed, 3, np.ones(10), stops, one)).all()
    assert np.isnan(designed_sizes(same, 3, np.ones(10), stops, many)).all()
    assert np.isnan(designed_sizes(same + 255, 3, np.ones(10), stops, many)).all()


def test_clusters_are_numbered_within_strata_and_populations() -> None:
    keys = pl.DataFrame({"country": ["A", "A", "A", "B", "B"]})
    design = design_of(keys, pl.Series([1, 1, None, 1, 2]), pl.Series(["x", "y", "y", "x", "x"]))
    assert design is not None
    assert len(set(design.clusters)) == 5
    assert len(set(design.strata)) == 3
    assert design_of(keys, None, pl.Series([None] * 5, dtype=pl.String)) is None


def test_the_effective_number_gives_the_spread_of_samples_of_clusters() -> None:
    rng = np.random.default_rng(4)
    towns = rng.dirichlet([2.0, 1.5, 1.0], 5000)
    sizes, means = [], []
    for _ in range(300):
        chosen = rng.integers(0, 5000, 60)
        answers = np.concatenate([rng.choice(3, 20, p=towns[town]) for town in chosen])
        design = Design(np.zeros(1200, np.int64), np.repeat(np.arange(60), 20))
        found = designed_sizes(answers.astype(np.uint8), 3, np.ones(1200), np.array([1200]), design)
        sizes.append(found[0])
        means.append(np.bincount(answers, minlength=3) / 1200)
    p = np.mean(means, axis=0)
    true = (p * (1 - p)).sum() / np.var(means, axis=0, ddof=1).sum()
    assert np.mean(sizes) == pytest.approx(true, rel=0.1)
    assert true < 300  # of 1,200 who were asked


def test_a_described_file_with_clusters_counts_by_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    town = np.repeat(np.arange(30), 20)
    answer = np.repeat(rng.integers(1, 4, 30), 20)
    answer = np.where(rng.random(600) < 0.3, rng.integers(1, 4, 600), answer)
    pl.DataFrame({"psu": town, "area": town // 10, "q": answer}).write_csv(tmp_path / "a.csv")
    (tmp_path / "a.toml").write_text(
        'survey = "A"\ntitle = "A"\nwave = 1\ncountry = "USA"\n'
        'cluster = { column = "psu" }\nstratum = { column = "area" }\n'
        '[items.q]\ncolumn = "q"\nscale = "ordinal"\ncodes = [1, 2, 3]\n'
    )
    survey = describe_survey(tmp_path / "a.toml")
    read = read_survey(tmp_path / "a.csv", survey.items, layout=survey.layout)
    n = read.microdata.counts()["n_effective"].unique()
    assert n.len() == 1
    assert n[0] == pytest.approx(slowly(answer - 1, 3, np.ones(600), town // 10, town), rel=1e-9)
    assert n[0] < 100
    assert any("clusters of the sample" in note and "USA wave 1 30" in note for note in read.notes)
    read.microdata.write(tmp_path / "a.parquet")
    again = Microdata.read(tmp_path / "a.parquet", dict(survey.items))
    assert again.counts().equals(read.microdata.counts())
    assert again.populations.columns == read.microdata.populations.columns
