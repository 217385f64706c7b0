"""Files of real exports' shape hold the survey's counts and import whole."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from .exports import FILES, export, inventory

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
