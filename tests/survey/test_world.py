from __future__ import annotations

import runpy
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from doxa.distribution import human_distributions
from doxa.errors import SurveyError
from doxa.questionnaire import QuestionBank
from doxa.survey import SOURCES, sample, world, world_summary
from doxa.survey.world import WAVE, source_lines

BANK = QuestionBank.load()
SURVEY = Path(__file__).resolve().parents[2] / "python" / "doxa" / "survey"
SCRIPT = SURVEY.parents[2] / "data" / "published" / "make_published.py"
CELL = ["country", "question"]


@pytest.fixture(scope="module")
def source() -> Path:
    folder = SCRIPT.parents[3] / "shared" / "world"
    if not folder.is_dir():
        pytest.skip("the table of published shares, ../shared/world, is not here")
    return folder


def test_the_shipped_files_are_what_their_script_makes(source: Path) -> None:
    opinions, others = runpy.run_path(str(SCRIPT))["make"](source / "wvs7_published.csv")
    assert opinions.equals(pl.read_parquet(SURVEY / "globalopinionqa" / "shares.parquet"))
    assert others.equals(pl.read_parquet(SURVEY / "world_shares.parquet"))
    samples = (source / "wvs7_samples.csv").read_text()
    assert (SURVEY / "world_samples.csv").read_text() == samples


def test_every_cell_of_the_table_is_in_the_world(source: Path) -> None:
    table = pl.read_csv(source / "wvs7_published.csv")
    held = world(wave=7).filter(pl.col("code") >= 0)
    total = pl.col("weighted_n").sum().over(CELL)
    held = held.with_columns(shipped=pl.coalesce("share", pl.col("weighted_n") / total))
    both = table.join(held, on=[*CELL, "code"], how="left", suffix="_shipped")
    lost = both.filter(pl.col("shipped").is_null() & (pl.col("share") > 0))
    assert set(lost.select(CELL).unique().rows()) == {("TUR", "Q245")}
    assert (both["share"] - both["shipped"]).abs().max() < 2e-6
    same = both.drop_nulls("shipped")
    assert (same["source"] == same["source_shipped"]).all()
    assert (same["weighted"] == same["weighted_shipped"]).all()
    wrong = same.filter(pl.col("share_unweighted_shipped").is_null(), source="globalopinionqa")
    wrong = wrong.drop_nulls("share_unweighted").select(CELL).unique()
    assert dict(wrong.group_by("country").len().rows()) == {"LBY": 8, "TUR": 5}


def test_unweighted_shares_are_of_their_own_item() -> None:
    """Where weights are 1 for all, both kinds agree but for the rounding."""
    held = world(wave=7).drop_nulls("share_unweighted").filter("weighted")
    apart = held.with_columns(apart=(pl.col("share") - pl.col("share_unweighted")).abs())
    typical = apart.group_by("country").agg(
        pl.col("apart").quantile(0.9).alias("usual"), pl.col("apart").max()
    )
    assert typical.filter(pl.col("usual") < 0.0006)["apart"].max() < 0.003


def test_countries_items_and_waves() -> None:
    seven = world(wave=7)
    assert seven["country"].n_unique() == 65
    items = seven.group_by("country").agg(pl.col("question").n_unique())
    assert (items["question"] == 144).sum() == 23
    assert dict(items.rows())["IND"] == 15
    assert seven.select(CELL).n_unique() == 8871
    assert world(wave=5).equals(sample(wave=5))
    assert world().height == seven.height + sample(wave=5).height + sample(wave=6).height
    with pytest.raises(SurveyError, match="no wave 4: it has 5, 6, 7"):
        world(wave=4)


def test_each_cell_has_counts_or_shares_and_one_source() -> None:
    cells = world(wave=7).group_by(CELL).agg(
        pl.col("share").is_null().all() | pl.col("share").is_not_null().all(),
        pl.col("source").n_unique(),
        weighted=pl.col("weighted").n_unique(),
    )  # fmt: skip
    assert cells["share"].all()
    assert (cells["source"] == 1).all()
    assert (cells["weighted"] == 1).all()
    published = world(wave=7).filter(pl.col("share").is_not_null())
    assert published["n"].is_null().all()
    assert published["n_effective"].is_null().all()
    assert published["respondents"].min() == 447
    assert published["rounding"].is_between(0.00004, 0.001).all()


def test_every_code_is_an_answer_of_its_item() -> None:
    shares = human_distributions(world(wave=7), BANK)
    assert shares.height == 8871
    assert shares["n_effective"].is_not_null().all()
    assert shares["weighted"].is_not_null().all()


def test_every_source_is_explained() -> None:
    assert set(world()["source"].unique()) == set(SOURCES)
    assert SOURCES["globalopinionqa"].terms == "CC BY-NC-SA 4.0"
    assert len(source_lines([*SOURCES, None, "a.csv"])) == 5


def test_the_licence_and_the_attribution_lie_beside_the_rows_they_are_for() -> None:
    folder = files("doxa.survey").joinpath("globalopinionqa")
    licence = folder.joinpath("LICENSE.txt").read_text(encoding="utf-8")
    assert "Attribution-NonCommercial-ShareAlike 4.0 International" in licence
    attribution = folder.joinpath("ATTRIBUTION.md").read_text(encoding="utf-8")
    assert "Durmus" in attribution
    assert "2306.16388" in attribution
    assert "source" in pl.read_parquet_schema(SURVEY / "world_shares.parquet")
    others = pl.read_parquet(SURVEY / "world_shares.parquet")
    assert "globalopinionqa" not in others["source"].drop_nulls().unique()


def test_the_summary_has_a_row_for_each_population() -> None:
    summary = world_summary()
    assert summary.height == 65 + 6
    assert (
        summary.null_count().select("items", "sources", "respondents", "basis").row(0) == (0,) * 4
    )
    by_basis = summary.filter(wave=WAVE).group_by("basis").len()
    assert dict(by_basis.rows()) == {"recovered": 43, "stated": 18, "tabulated": 4}
    cyprus = summary.row(by_predicate=pl.col("country") == "CYP", named=True)
    assert cyprus["largest_change"] == pytest.approx(0.1317, abs=1e-4)
    compared = summary.filter(pl.col("compared_items") > 0, wave=WAVE)
    assert compared.height == 50  # Armenia's few weighted items have no unweighted twin
    assert summary.filter(wave=6)["unweighted_items"].to_list() == [74, 68, 72]
