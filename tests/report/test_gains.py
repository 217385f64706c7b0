from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from made_up import made_up_evaluation

from doxa.analysis.languages import OWN_AGAINST_REFERENCE
from doxa.evaluate import make_table
from doxa.report import write_report
from doxa.report.gains import gain_rows
from doxa.report.words import Names

from .invented import BANK, evaluation_of
from .opening import drawn, opened
from .spoken import gains_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from doxa.evaluate import Evaluation

NAMES = Names(BANK)


@pytest.fixture(scope="module")
def evaluation(frames: dict[str, pl.DataFrame]) -> Evaluation:
    row = {
        "model": "tiny-model", "elicitation": "verbalized", "steering": "none", "group": "",
        "reasoning": "off", "survey": "WVS", "wave": 7, "country": "COL",
        "measure": OWN_AGAINST_REFERENCE, "own_language": "es", "other_language": "en",
        "own": 0.75, "other": 0.73, "is_mean": False, "n_countries": 1, "n_items": 12,
        "estimate": 0.02, "low": 0.011, "high": 0.032, "p_value": 0.01, "p_adjusted": 0.02,
        "note": "",
    }  # fmt: skip
    mean = {"country": "all", "is_mean": True, "note": "countries not in the mean: 2 (x: 2)"}
    own = pl.DataFrame([row, row | mean | {"own_language": None, "other_language": None}])
    gains = gains_table(frames["alignment"].filter(elicitation="verbalized"))
    return evaluation_of(frames, tables={"own_language": own, "language_gains": gains})


@pytest.fixture
def page(browser: Browser, evaluation: Evaluation, tmp_path: Path) -> Iterator[Page]:
    with opened(browser, write_report(tmp_path / "r.html", evaluation)) as page:
        yield page


def test_each_change_has_its_corrected_interval() -> None:
    evaluation = made_up_evaluation()
    rows = gain_rows(evaluation, NAMES)
    assert rows is not None
    table = make_table(evaluation, "language_gains").drop_nulls("estimate")
    keys = ["model", "elicitation", "language", "country"]
    both = rows.join(table, on=keys, suffix="_table", validate="1:1")
    assert both.height == table.height > 0
    for name, other in (("estimate", "estimate_table"), ("low", "low_adjusted")):
        assert both[name].to_list() == pytest.approx(both[other].to_list(), abs=1e-4)


def test_one_language_changes_nothing(frames: dict[str, pl.DataFrame]) -> None:
    assert gain_rows(evaluation_of(frames), NAMES) is None
    thinking = gains_table(frames["alignment"]).with_columns(reasoning=pl.lit("short"))
    rows = gain_rows(evaluation_of(frames, tables={"language_gains": thinking}), NAMES)
    assert rows is not None
    assert "Spanish · thinking short" in rows["asked"].to_list()


def test_the_grid_has_every_change_and_stars_those_without_zero(
    page: Page, evaluation: Evaluation
) -> None:
    rows = gain_rows(evaluation, NAMES)
    assert rows is not None
    texts = page.locator("#gains svg text").all_text_contents()
    for estimate in rows["estimate"]:
        text = f"{estimate:+.2f}".replace("-", "−")
        assert (f"{text}*" if abs(estimate) > 0.05 else text) in texts
    assert 0 < sum(text.endswith("*") for text in texts) < rows.height


def test_the_map_shows_own_languages_then_any_language(page: Page, evaluation: Evaluation) -> None:
    place = page.locator("#own-language")
    assert place.locator("svg").count() == 1
    shown = place.inner_text()
    assert "Mean over 1 country: +0.020 [+0.011, +0.032]. Countries not in the mean" in shown
    assert "−0.02" in shown
    place.locator("svg path[fill^='rgb']").hover()
    told = page.locator("#vg-tooltip-element").inner_text()
    assert "Colombia: Spanish against English" in told
    assert "gain +0.020 [+0.011, +0.032], corrected p 0.020" in told
    page.locator("#own-controls select").select_option(label="Japanese")
    place.get_by_text("Gain of asking in Japanese against English").wait_for()
    assert place.locator("svg path[fill^='rgb']").count() == 3
    rows = gain_rows(evaluation, NAMES)
    assert rows is not None
    sure = rows.filter(pl.col("estimate").abs() > 0.05, asked="Japanese")
    closer = sure.filter(pl.col("estimate") > 0).height
    said = f"Of 3 countries, it surely comes closer to {closer} and goes further from "
    assert f"{said}{sure.height - closer};" in place.inner_text()
    page.select_option("#choose-way", "logprobs|0")
    drawn(page)
    assert "No country has a pair" in place.inner_text()
    assert "asked unsteered in one language" in page.locator("#gains").inner_text().lower()
