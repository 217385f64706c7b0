"""How the page looks: titles, units, sources, axes in line, paper, phones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import made_up
import pytest

from doxa.report import write_report

from .opening import CHROMIUM, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium: run  make browser  or set DOXA_CHROMIUM"
)

# Where the plots of charts below each other begin.
STARTS = """(place) => [...document.querySelectorAll(`${place} svg .background`)]
  .map((plot) => Math.round(plot.getBoundingClientRect().left))"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("looks") / "r.html"
    return write_report(path, made_up.made_up_evaluation())


@pytest.fixture(scope="module")
def page(browser: Browser, report: Path) -> Iterator[Page]:
    with opened(browser, report) as page:
        yield page


def test_every_chart_has_a_title_and_every_group_its_source(page: Page) -> None:
    captions = page.locator("figure:has(.chart svg) figcaption").all_inner_texts()
    assert all(caption.split("Save as")[0].strip() for caption in captions)
    groups = page.locator(".panels:has(> figure .chart)")
    for group in groups.all():
        place = group.get_attribute("id") or ""
        if place == "world" or place.startswith("finding-"):
            continue  # theirs stands below the whole row
        assert group.locator("> .source").count() == 1, place
    assert page.locator("#forest .unit").first.inner_text().startswith("Alignment: 1 is the same")


def test_charts_that_share_an_axis_stand_in_line(page: Page) -> None:
    starts = page.evaluate(STARTS, "#forest")
    assert max(starts) - min(starts) <= 1  # a browser rounds to whole pixels


def test_a_saved_chart_says_what_it_shows_and_where_it_is_from(page: Page) -> None:
    with page.expect_download() as chart:
        page.locator("#forest").get_by_role("button", name="Save as SVG").first.click()
    svg = chart.value.path().read_text(encoding="utf-8")
    for text in ("Bangladesh", "Alignment: 1 is the same", "Source: World Values Survey, wave 7"):
        assert text in svg


def test_paper_leaves_out_what_only_a_screen_can_show(page: Page) -> None:
    """A run of one model takes eight pages; this one sets two side by side."""
    page.emulate_media(media="print")
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert 4 <= printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") <= 12
    assert not page.locator("#alignment-table").is_visible()
    assert page.locator(".paper").is_visible()
    assert page.locator("#reliability-chart svg").is_visible()
    page.emulate_media(media="screen")
    assert not page.locator(".paper").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_does_not_scroll_sideways(browser: Browser, report: Path, scheme: str) -> None:
    phone = {"width": 390, "height": 844}
    with opened(browser, report, viewport=phone, color_scheme=scheme) as small:
        assert small.evaluate("document.documentElement.scrollWidth") <= 390
