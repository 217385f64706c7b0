"""A page of many models and ways of asking: what it leaves out, and what it opens with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from made_up import made_up_evaluation

from doxa.report import items, write_report

from .opening import column, opened

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from playwright.sync_api import Browser


def test_what_has_no_room_is_left_out_by_a_rule_that_the_page_states(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation = made_up_evaluation()
    whole = write_report(tmp_path / "whole.html", evaluation)
    assert "this page leaves out" not in whole.read_text("utf-8")
    monkeypatch.setattr(items, "ANSWER_BYTES", 2_000)
    monkeypatch.setattr(items, "PROMPT_BYTES", 100)
    monkeypatch.setattr(items, "REPLY_BYTES", 6_000)
    small = write_report(tmp_path / "small.html", evaluation)
    assert small.stat().st_size < whole.stat().st_size
    with opened(browser, small) as page:
        told = page.locator("#items > p", has_text="To stay small").inner_text()
        for part in ("the answers item by item of", "raw replies", "“doxa export”"):
            assert part in told
        # asking without steering comes before steering, and has room
        page.locator("#item .shares").first.wait_for()
        ways = page.locator("#item-controls select").nth(1).locator("option").all_inner_texts()
        assert ways
        assert all(way.startswith("No steering") for way in ways)
        # every score is there
        kept = evaluation.alignment.filter(
            pl.col("estimate").is_not_null(), model="alpha", wave=7,
            elicitation=page.evaluate("document.querySelector('#choose-way').value.split('|')[0]"),
        )  # fmt: skip
        assert len(column(page, "alignment-table", 1)) >= kept.height


def test_a_page_opens_with_one_model_and_reads_another_when_it_is_chosen(
    browser: Browser, tmp_path: Path
) -> None:
    path = write_report(tmp_path / "r.html", made_up_evaluation())
    with opened(browser, path) as page:
        before = page.locator("#ranking tbody").inner_text()
        page.locator("#choose-model").select_option("beta")
        page.wait_for_function(
            "old => document.querySelector('#ranking tbody').innerText !== old", arg=before
        )
        assert page.locator("#maps figure").count() == 2
