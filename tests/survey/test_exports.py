"""Files of real exports' shape hold the survey's counts and import whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from doxa.survey import read_survey

from .exports import FILES, export, inventory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire.item import Item

COUNTS = Path(__file__).parents[2] / "data" / "wvs" / "counts.csv"


@pytest.mark.parametrize("name", [name for name, (wave, _) in FILES.items() if wave >= 5])
def test_made_up_files_have_the_survey_s_own_counts(name: str) -> None:
    made = export(name)
    published = pl.read_csv(COUNTS).filter(wave=made.wave, country=made.country)
    both = published.select("question", "code", pl.col("n").cast(pl.Float64)).join(
        made.counts, on=["question", "code"], how="full", suffix="_made", coalesce=True
    )
    # the published counts leave out what was never read out: "It is against democracy" (0)
    spontaneous = both.filter(pl.col("n").is_null())
    assert set(spontaneous["code"]) <= {0}
    assert set(spontaneous["question"]) <= {f"Q{number}" for number in range(241, 250)}
    listed = both.filter(pl.col("n").is_not_null())
    assert listed["n"].to_list() == listed["n_made"].fill_null(0.0).to_list()


@pytest.mark.parametrize("name", FILES)
def test_made_up_files_have_the_inventory_s_cells(name: str) -> None:
    made = export(name)
    counted = inventory().filter(
        pl.col("file") == name, pl.col("n").is_not_null(), pl.col("distinct").is_null()
    )
    cells = (
        made.labelled.select(counted["header"].unique(maintain_order=True).to_list())
        .unpivot(variable_name="header", value_name="label")
        .group_by("header", "label")
        .len("n")
    )
    keys = ["header", "label"]
    assert_frame_equal(cells.sort(keys), counted.select(*keys, "n").sort(keys))
    assert (
        made.labelled.columns
        == inventory()
        .filter(pl.col("file") == name)["header"]
        .unique(maintain_order=True)
        .to_list()
    )
    assert (
        made.labelled.height == made.coded.height == cells["n"].sum() / cells["header"].n_unique()
    )


ALL = "DOXA_ALL_EXPORTS" in os.environ  # `make exports`
SOME = ("2001_japan", "2006_US", "2012_colombia", "2022_japan")
CASES = [
    (name, kind)
    for kind in ("xlsx", "csv", "sav", "dta")
    for name in FILES
    if kind == "xlsx" or name in SOME or ALL
]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_real_export_imports_whole(
    name: str, kind: str, items: Mapping[str, Item], tmp_path: Path
) -> None:
    made = export(name)
    path = tmp_path / f"a.{kind}"
    if kind == "xlsx" and name not in SOME and not ALL:
        made.write_xlsx(path, every=8)
    else:
        getattr(made, f"write_{kind}")(path)
    survey = read_survey(path, items)
    counts = survey.microdata.counts()
    assert counts.select("survey", "wave", "country").unique().rows() == [
        ("WVS", made.wave, made.country)
    ]
    assert survey.n_rows == made.labelled.height
    assert not survey.excluded
    found = counts.filter(pl.col("n") > 0).select(
        "question", pl.col("code").cast(pl.Int64), "n", "weighted_n"
    )
    keys = ["question", "code"]
    answers = found.filter(pl.col("code") >= 0).sort(keys)
    assert_frame_equal(answers, made.counts.sort(keys), abs_tol=1e-6)
    missing = found.filter(pl.col("code") < 0).drop("weighted_n").sort(keys)
    assert_frame_equal(missing, made.missing.sort(keys))
