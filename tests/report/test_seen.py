"""What readers once stumbled over, looked for on the page of an evaluated run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import made_up
import pytest

from doxa.evaluate import make_table
from doxa.report import write_report

from .opening import CHROMIUM, column, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium: run  make browser  or set DOXA_CHROMIUM"
)

# Pairs of a place and what is wrong there.
BLANK_COLUMNS = """() => [...document.querySelectorAll(".scroll table")].flatMap((table) => {
  const rows = [...table.querySelectorAll("tbody tr")];
  const blank = (i) => rows.every((row) => ["", "–"].includes(row.children[i]?.textContent.trim()));
  return [...table.querySelectorAll("thead th:not([hidden])")].flatMap((head, i) =>
    rows.length && blank(i) ? [[table.closest("[id]").id, head.textContent]] : []);
})"""
EMPTY_CHARTS = """() => [...document.querySelectorAll(".chart svg")].filter((svg) =>
  !svg.querySelector(".mark-symbol path, .mark-rect path, .mark-shape path, .mark-text text"))
  .map((svg) => svg.getAttribute("aria-label"))"""
SAME_NAMES = """() => [...document.querySelectorAll(".chart svg .role-axis")].flatMap((axis) => {
  const names = [...axis.querySelectorAll(".role-axis-label text")].map((x) => x.textContent);
  return names.filter((name, i) => names.indexOf(name) !== i);
})"""
OUTSIDE = """() => [...document.querySelectorAll(".chart svg")].flatMap((svg) => {
  const plot = svg.querySelector(".background").getBoundingClientRect();
  const marks = svg.querySelectorAll("[class*=layer_] line, [class*=layer_] path");
  return [...marks].filter((mark) => {
    const box = mark.getBoundingClientRect();
    return box.width && (box.left < plot.left - 7 || box.right > plot.right + 7);
  }).map(() => svg.getAttribute("aria-label"));
})"""


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    path = write_report(tmp_path_factory.mktemp("seen") / "r.html", made_up.made_up_evaluation())
    with opened(browser, path) as page:
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        yield page


@pytest.mark.parametrize("looked_for", [BLANK_COLUMNS, EMPTY_CHARTS, SAME_NAMES, OUTSIDE])
def test_nothing_is_blank_empty_named_alike_or_outside(page: Page, looked_for: str) -> None:
    assert page.evaluate(looked_for) == []


def test_names_of_lines_have_no_gaps_and_no_codes(page: Page) -> None:
    names = page.locator(".chart svg .role-axis-label text").all_text_contents()
    table_cells = page.locator("#further td, #further th").all_text_contents()
    said = {*names, *table_cells}
    assert not {name for name in said if "·  ·" in name or name.startswith("none")}


def test_p_values_on_the_page_are_the_corrected_ones(page: Page) -> None:
    (head,) = page.locator("#effects-table th", has_text="p,").all_inner_texts()
    assert head == "p, corrected"
    effects = made_up.made_up_evaluation().effects.filter(model="alpha", elicitation="logprobs")
    shown = column(page, "effects-table", 6)
    written = [f"{p:.3f}" if p >= 0.001 else "<0.001" for p in effects["p_adjusted"]]
    assert sorted(shown) == sorted(written)


def test_changes_by_language_are_told_with_intervals(page: Page) -> None:
    row: dict[str, Any] = make_table(made_up.made_up_evaluation(), "language_gains").row(
        0, named=True
    )  # fmt: skip
    page.locator("#gains svg .mark-rect path").first.hover(position={"x": 2, "y": 2}, force=True)
    told = page.locator("#vg-tooltip-element").inner_text()
    written = f"{row['estimate']:+.3f} [{row['low_adjusted']:+.3f}, {row['high_adjusted']:+.3f}]"
    assert f"{written.replace('-', '−')}" in told
    assert "against English" in told


def test_the_first_view_is_not_one_without_an_opinion(page: Page) -> None:
    assert "These replies are" not in page.locator("#sentence").inner_text()
