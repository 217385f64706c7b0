"""The page in a real browser: drawn without errors or requests, and usable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from doxa.evaluate import tables
from doxa.evaluate.tables import TABLES, NamedTable
from doxa.report import further, write_report
from doxa.report import page as page_module

from .invented import evaluation_of
from .opening import CHROMIUM, column, drawn, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

PHONE = {"width": 375, "height": 800}

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium: run  make browser  or set DOXA_CHROMIUM"
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, frames: dict[str, pl.DataFrame]) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    evaluation = evaluation_of(frames, tables=longer_study(frames))
    return write_report(path, evaluation, title="A report", notice="A demonstration")


def longer_study(frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Invent what longer studies have: earlier waves, two orders of the options."""
    scores = frames["alignment"]
    keys = ["model", "elicitation", "language", "steering", "target", "group", "reasoning"]
    orders = scores.filter(country="JPN").select(
        *keys,
        measure=pl.lit("gain when shown first"),
        estimate=pl.col("estimate") - 0.75,
        low=pl.col("low") - 0.75,
        high=pl.col("high") - 0.75,
        n_items=pl.lit(12),
    )
    return {
        "time": pl.concat(
            [scores.with_columns(wave=pl.lit(wave, dtype=pl.Int64)) for wave in (5, 6, 7)]
        ),
        "form_sensitivity": orders,
        "order_effects": orders.with_columns(low=None, high=None).drop("measure"),
        "shape": orders.clear(),
    }


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    with opened(browser, report) as page:
        yield page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [None, PHONE])
def test_draws_without_errors_requests_or_overflow(
    browser: Browser, report: Path, scheme: str, viewport: dict[str, int] | None
) -> None:
    with opened(browser, report, viewport=viewport, color_scheme=scheme) as page:
        assert page.locator("#forest svg").count() == 3
        assert page.locator("#heat svg").count() == 1
        assert page.locator("html").get_attribute("data-theme") == scheme
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0


def test_forest_labels_carry_estimate_and_interval(
    page: Page, frames: dict[str, pl.DataFrame]
) -> None:
    shown = page.locator("#forest").inner_text()
    for row in frames["alignment"].filter(elicitation="verbalized").rows(named=True):
        assert f"{row['estimate']:.3f} [{row['low']:.2f}, {row['high']:.2f}]" in shown


def test_table_sorts_filters_and_tells_the_order(page: Page) -> None:
    head = page.locator("#alignment-table th", has_text="Alignment")
    head.get_by_role("button").click()
    values = column(page, "alignment-table", 3)
    assert values == sorted(values, reverse=True)
    assert head.get_attribute("aria-sort") == "descending"
    head.get_by_role("button").click()
    assert column(page, "alignment-table", 3) == values[::-1]
    assert page.locator("#said").inner_text() == "Sorted by Alignment, ascending"
    page.locator("#alignment-table input").fill("persona, japan")
    assert page.locator("#alignment-table .count").inner_text() == "3 of 21 rows"
    assert set(column(page, "alignment-table", 2)) == {"Persona, Japan · Japanese"}


def test_switching_the_elicitation_changes_every_part(
    page: Page, frames: dict[str, pl.DataFrame]
) -> None:
    before = column(page, "alignment-table", 3)
    page.select_option("#choose-way", "logprobs|0")
    drawn(page)
    after = column(page, "alignment-table", 3)
    assert len(after) == 21
    assert after != before
    first = frames["alignment"].filter(elicitation="logprobs", country="COL").row(0, named=True)
    assert after[0].startswith(f"{first['estimate']:.3f}")
    assert page.locator("#item").inner_text().count("read from the model directly") == 1
    assert page.locator("#reliability-table").inner_text().count("12%") == 7


def test_the_map_and_the_ranking_show_the_measure(
    page: Page, frames: dict[str, pl.DataFrame]
) -> None:
    scored = frames["alignment"].filter(elicitation="verbalized", steering="none", language="en")
    shown = page.locator("#world svg path[fill^='rgb']")
    assert shown.count() == 3
    assert len({shown.nth(number).get_attribute("fill") for number in range(3)}) == 3
    names = {"COL": "Colombia", "JPN": "Japan", "USA": "United States"}
    for measure in ("alignment", "gap"):
        page.select_option("#choose-measure", measure)
        drawn(page)
        column_of = "estimate" if measure == "alignment" else measure
        order = scored.sort(column_of, descending=True)["country"].replace_strict(names)
        assert ranked(page) == order.to_list()
    page.locator("#world figcaption", has_text="Gap to the baseline on the map").wait_for()
    page.select_option("#choose-measure", "alignment")
    page.select_option("#choose-way", label="No steering · Japanese")
    drawn(page)
    japanese = frames["alignment"].filter(
        elicitation="verbalized", steering="none", language="ja", country="JPN"
    )
    row = page.locator("#ranking tr", has_text="Japan")
    assert f"{japanese['estimate'][0]:.3f}" in row.inner_text()


def ranked(page: Page) -> list[str]:
    return page.locator("#ranking tbody th").all_inner_texts()


def test_switching_the_model_changes_every_part(
    browser: Browser, frames: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    other = {
        name: frame.with_columns(model=pl.lit("younger-model"))
        for name, frame in frames.items()
        if "model" in frame.columns
    }
    other["alignment"] = other["alignment"].with_columns(pl.col("estimate") / 2)
    other["replies"] = other["replies"].with_columns(text=pl.lit("said by the other"))
    both = {name: pl.concat([frames[name], other[name]]) for name in other}
    path = write_report(tmp_path / "r.html", evaluation_of(frames | both))
    with opened(browser, path) as page:
        before = column(page, "alignment-table", 3)
        page.select_option("#choose-model", "younger-model")
        drawn(page)
        after = column(page, "alignment-table", 3)
        assert float(after[0][:5]) == pytest.approx(float(before[0][:5]) / 2, abs=0.001)
        assert "younger-model" in page.locator("#item .legend").first.inner_text()
        assert page.locator("#item pre.reply").inner_text() == "said by the other"


def test_time_has_a_panel_a_country(page: Page) -> None:
    captions = page.locator("#time figcaption").all_inner_texts()
    assert [caption.split()[0] for caption in captions] == ["Colombia", "Japan", "United"]
    page.locator("#time summary").click()
    assert page.locator("#time-table .count").inner_text() == "63 rows"


def test_a_model_asked_as_a_country_is_compared_with_all(
    page: Page, frames: dict[str, pl.DataFrame], bank: Any
) -> None:
    score = pytest.importorskip("doxa.score", reason="the core is not built")
    model = frames["model_distributions"].filter(
        elicitation="verbalized", steering="persona", target="JPN"
    )
    both = model.join(frames["human_distributions"].filter(country="USA"), on="question")
    scales = [bank.items[item].scale for item in both["question"]]
    batch = score.score_batch(
        both["probabilities"],
        both["probabilities_right"],
        scale=[scale.kind for scale in scales],
        positions=[list(scale.positions) for scale in scales],
    )
    expected = batch.scores["alignment"].mean()
    assert page.locator("#neighbours-chart").inner_text().count(f"{expected:.2f}") >= 1


def test_further_tables_are_drawn_and_listed(page: Page) -> None:
    assert page.locator("#further h3").all_inner_texts() == [
        "How far answers follow the form of a question: order of options, wording, labels",
        "What each order of the options does to the score",
    ]
    assert page.locator("#further svg").count() == 2
    page.locator("#further summary").first.click()
    assert page.locator("#further-form_sensitivity .count").inner_text() == "7 rows"


def test_a_table_is_drawn_in_the_section_that_its_row_names(
    browser: Browser,
    frames: dict[str, pl.DataFrame],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = frames["alignment"].head(3).select("model", "country", "estimate", "low", "high")
    row = NamedTable("how they lean", lambda _: few, "reliability")
    for module in (tables, further, page_module):
        monkeypatch.setattr(module, "TABLES", {**TABLES, "leaning": row})
    path = write_report(tmp_path / "r.html", evaluation_of(frames))
    with opened(browser, path) as page:
        assert page.locator("#reliability h3").all_inner_texts() == ["How they lean"]
        assert page.locator("#reliability #further-leaning svg").count() == 1
        assert page.locator("#further").count() == 0


def test_ranking_orders_countries(page: Page) -> None:
    page.locator("#forest-controls select").select_option(index=1)
    page.wait_for_function("document.querySelectorAll('#forest svg').length === 1")
    labels = page.locator("#forest svg text", has_text="[").all()
    by_height = sorted(labels, key=lambda label: label.bounding_box()["y"])
    numbers = [label.text_content() or "" for label in by_height]
    assert len(numbers) == 3
    assert numbers == sorted(numbers, reverse=True)


def test_tables_and_charts_can_be_saved(page: Page) -> None:
    with page.expect_download() as table:
        page.locator("#alignment-table").get_by_role("button", name="Save as CSV").click()
    assert table.value.suggested_filename == "alignment.csv"
    csv = table.value.path().read_text(encoding="utf-8-sig")
    assert csv.splitlines()[0].startswith('"Country","Way of asking","Alignment"')
    assert len(csv.splitlines()) == 22
    with page.expect_download() as chart:
        page.locator("#heat").get_by_role("button", name="Save as SVG").click()
    svg = chart.value.path().read_text(encoding="utf-8")
    assert "<svg" in svg
    assert "var(--" not in svg


def test_theme_button_switches_the_theme(page: Page) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(colour)
    page.get_by_role("button", name="Dark theme").click()
    assert page.evaluate(colour) != before
    page.emulate_media(media="print")
    assert page.evaluate(colour) == before


def test_a_printer_gets_the_whole_page(browser: Browser, report: Path) -> None:
    page = browser.new_page()
    page.add_init_script("window.print = () => { window.printed = "
                         "document.getElementById('main').getAttribute('aria-busy') }")  # fmt: skip
    for ask in (
        lambda: page.get_by_role("button", name="Print").click(),
        lambda: page.keyboard.press("Control+p"),
    ):
        page.goto(report.as_uri())
        assert page.locator("#time-charts svg").count() == 0
        ask()
        page.wait_for_function("() => window.printed === 'false'")
        assert page.locator("#time-charts svg").count() == 3
    page.close()


def test_keyboard_reaches_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"


def test_injected_scripts_do_not_run(browser: Browser, report: Path, tmp_path: Path) -> None:
    """Even markup that got past the escaping is stopped by the page's policy."""
    harmed = tmp_path / "harmed.html"
    text = report.read_text(encoding="utf-8")
    harmed.write_text(text.replace("</main>", "<script>window.hacked = 1</script></main>"))
    page = browser.new_page()
    page.goto(harmed.as_uri())
    drawn(page)
    assert page.evaluate("window.hacked") is None
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser: Browser, report: Path, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    # axe puts itself into the page as a script, which the page's policy rightly stops.
    with opened(browser, report, color_scheme=scheme, bypass_csp=True) as page:
        found = axe.Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in found] == []
