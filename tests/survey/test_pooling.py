from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from doxa.errors import SurveyError
from doxa.survey import check_counts
from doxa.survey.pooling import pool_counts


def people(n: int = 400) -> pl.DataFrame:
    draw = np.random.default_rng(1)
    return pl.DataFrame(
        {
            "sex": draw.choice(["f", "m"], n),
            "age": draw.choice(["18", "40", "80"], n),
            "code": draw.choice([-1, 1, 2], n),
            "weight": draw.uniform(0.2, 4.0, n),
        }
    )


def counted(frame: pl.DataFrame, *groups: str) -> pl.DataFrame:
    weights = pl.col("weight").filter(pl.col("code") >= 0)
    kish = (weights.sum() ** 2 / (weights**2).sum()).alias("n_effective")
    effective = frame.group_by(pl.lit(0), *groups).agg(kish).drop("literal")
    cells = frame.group_by("code", *groups).agg(
        n=pl.len().cast(pl.Float64), weighted_n=pl.col("weight").sum()
    )
    cells = cells.join(effective, on=groups) if groups else cells.join(effective, how="cross")
    named = cells.with_columns(wave=7, country=pl.lit("JPN"), question=pl.lit("Q1"))
    return check_counts(named, "made", survey="S")


@pytest.mark.parametrize("groups", [["sex"], ["age"], []])
def test_pooled_cells_are_the_counts_of_the_coarser_split(groups: list[str]) -> None:
    own = counted(people(), *groups)
    found = pool_counts(counted(people(), "sex", "age"), groups)
    names = [*groups, "code"]
    for name in ("n", "weighted_n", "n_effective"):
        assert found.sort(names)[name].to_list() == pytest.approx(own.sort(names)[name].to_list())
    assert [name for name in found.columns if name in ("sex", "age")] == groups


def test_each_country_is_taken_from_one_split_alone() -> None:
    fine = counted(people(), "sex", "age")
    whole, by_sex = counted(people()), counted(people(), "sex")
    both = pl.concat([fine, whole, by_sex], how="diagonal")
    assert pool_counts(both)["n"].sum() == 400
    assert pool_counts(both, ["sex"])["n"].sum() == 400
    assert pool_counts(both, ["age"])["n"].sum() == 400
    assert pool_counts(whole.with_columns(sex=pl.lit(None, pl.String)), ["sex"]).is_empty()


def test_shares_of_finer_groups_are_not_added() -> None:
    cell = {"wave": 7, "country": "JPN", "question": "Q1", "code": 1, "share": 1.0}
    shares = check_counts(pl.DataFrame([cell | {"sex": sex} for sex in "fm"]), "made")
    assert pool_counts(shares, ["sex"]).height == 2
    with pytest.raises(SurveyError, match="by sex cannot be put together: give their counts"):
        pool_counts(shares)
