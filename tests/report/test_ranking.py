"""The first screen's ranking of countries, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.report import write_report

from .invented import evaluation_of
from .opening import CHROMIUM, opened

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl
    from playwright.sync_api import Browser

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium: run  make browser  or set DOXA_CHROMIUM"
)


def test_countries_stand_by_rank_with_the_ranks_interval(
    browser: Browser, frames: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    rows = frames["alignment"].filter(elicitation="verbalized", steering="none", language="en")
    path = write_report(tmp_path / "r.html", evaluation_of(frames))
    with opened(browser, path) as page:
        lines = page.locator("#ranking tbody tr")
        named = {"COL": "Colombia", "JPN": "Japan", "USA": "United States"}
        for line, row in zip(lines.all(), rows.sort("rank").iter_rows(named=True), strict=True):
            rank, country, _, alignment = line.locator("td, th").all_inner_texts()
            assert rank.split() == [str(row["rank"]), f"{row['rank_low']}–{row['rank_high']}"]
            assert country == named[row["country"]]
            assert alignment.startswith(f"{row['estimate']:.3f} [{row['low']:.2f}")
        page.select_option("#choose-measure", "gap")
        page.locator("#ranking caption", has_text="gap").wait_for()
        ranks = page.locator("#ranking tbody td:first-child").all_inner_texts()
        assert ranks == ["1", "2", "3"]


def test_without_ranks_countries_stand_by_score(
    browser: Browser, frames: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    bare = frames["alignment"].with_columns(rank=None, rank_low=None, rank_high=None)
    path = write_report(tmp_path / "r.html", evaluation_of(frames | {"alignment": bare}))
    with opened(browser, path) as page:
        scores = page.locator("#ranking tbody td:last-child").all_inner_texts()
        assert scores == sorted(scores, reverse=True)
        ranks = page.locator("#ranking tbody td:first-child").all_inner_texts()
        assert ranks == ["1", "2", "3"]
