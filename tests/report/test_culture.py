from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.evaluate import make_table
from doxa.report import write_report
from doxa.report.culture import culture_data
from doxa.report.tables import conditions_of
from doxa.report.words import Names

from .invented import BANK, evaluation_of
from .opening import column, drawn, opened
from .placed import evaluation_with_places

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from doxa.evaluate import Evaluation

NAMES = Names(BANK)


@pytest.fixture(scope="module")
def evaluation(frames: dict[str, pl.DataFrame]) -> Evaluation:
    return evaluation_with_places(frames)


@pytest.fixture(scope="module")
def report(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(tmp_path_factory.mktemp("culture") / "r.html", evaluation)


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    with opened(browser, report) as page:
        yield page


def test_places_are_those_of_the_table(evaluation: Evaluation) -> None:
    conditions = conditions_of([evaluation.alignment], NAMES)
    data = culture_data(evaluation, conditions, NAMES)
    assert data is not None
    table = make_table(evaluation, "culture")
    people = pl.DataFrame(data["people"])
    japan = table.filter(country="JPN").row(0, named=True)
    shown = people.filter(country="JPN").row(0, named=True)
    assert shown["published"]
    assert shown["y"] == pytest.approx(japan["published_secular"], abs=1e-5)
    egypt = people.filter(country="EGY").row(0, named=True)
    assert not egypt["published"]
    assert egypt["detail"].startswith("Egypt: told by ")
    ways = pl.DataFrame(data["ways"])
    assert [conditions[number].label for number in ways["condition"]] == ways["name"].to_list()
    assert ways["nearest"].to_list() == ["Japan", "United States", "Colombia"]
    assert (ways["sx"] > 0).all()
    # A chi-square of two degrees of freedom is below 5.991 in 95 of 100 cases.
    assert data["radius"] ** 2 == pytest.approx(5.991, abs=1e-3)


def test_without_its_items_there_is_no_map(frames: dict[str, pl.DataFrame]) -> None:
    evaluation = evaluation_of(frames)
    assert culture_data(evaluation, conditions_of([evaluation.alignment], NAMES), NAMES) is None
    unplaced = evaluation_with_places(frames)
    table = make_table(unplaced, "culture")
    unplaced.tables["culture"] = table.filter(side="people")
    assert culture_data(unplaced, conditions_of([unplaced.alignment], NAMES), NAMES) is None


def test_the_page_shows_countries_and_the_model_among_them(page: Page) -> None:
    chart = page.locator("#culture-chart svg")
    texts = chart.locator("text").all_text_contents()
    for name in ("Netherlands", "Egypt", "No steering · English", "No steering · Spanish"):
        assert name in texts
    assert "Persona, Colombia · Spanish" not in texts
    assert "One more way of asking is in the table alone." in page.locator("#culture").inner_text()
    told = page.locator("#culture-nearest").inner_text()
    assert told.startswith("No steering · English: the nearest country is Japan, 0.00 away; it is")
    page.locator("#culture summary").click()
    assert column(page, "culture-table", 4) == ["Japan", "United States", "Colombia"]


def test_the_chosen_way_stands_on_the_map(page: Page) -> None:
    page.locator("#choose-way").select_option(label="Persona, Colombia · Spanish")
    drawn(page)
    texts = page.locator("#culture-chart svg text").all_text_contents()
    assert "Persona, Colombia · Spanish" in texts
    assert "nearest country is Colombia" in page.locator("#culture-nearest").inner_text()
    page.locator("#choose-elicitation, #choose-way").first.select_option(index=8)
    drawn(page)
    assert "not asked enough items" in page.locator("#culture-chart").inner_text()


def test_an_address_leads_to_its_section(browser: Browser, report: Path) -> None:
    page = browser.new_page()
    page.goto(f"{report.as_uri()}#culture")
    page.wait_for_selector("#culture-chart svg")
    page.wait_for_selector("main[aria-busy=false]")
    top = "document.getElementById('culture').getBoundingClientRect().top"
    assert 0 <= page.evaluate(top) < 120
    page.mouse.wheel(0, -600)
    page.wait_for_timeout(500)
    page.locator("#choose-way").select_option(index=1)
    page.wait_for_timeout(500)
    assert page.evaluate(top) > 200
    page.close()
