"""A reader's questions, each answered within two clicks from the top of the page."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from made_up import made_up_evaluation

from doxa.evaluate import make_table
from doxa.report import write_report
from doxa.report.words import with_interval

from .invented import evaluation_of
from .opening import CHROMIUM, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl
    from playwright.sync_api import Browser, Locator, Page

    from doxa.evaluate import Evaluation

SCREEN = {"width": 1280, "height": 800}

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium: run  make browser  or set DOXA_CHROMIUM"
)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return made_up_evaluation()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, evaluation: Evaluation) -> Path:
    return write_report(tmp_path_factory.mktemp("questions") / "report.html", evaluation)


class Reader:
    """Somebody at a screen of ordinary size, whose clicks and choices are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, what: Locator) -> None:
        what.click()  # scrolls to it first, as a reader would
        self.clicks += 1

    def go_to(self, section: str) -> Locator:
        """Follow the list of contents, and wait until the section stands."""
        self.click(self.page.locator(f"#contents a[href='#{section}']"))
        self.page.wait_for_selector("main[aria-busy=false]")
        return self.page.locator(f"#{section}")

    def sees(self, what: Locator) -> bool:
        """Whether it is on the screen as it stands, scrolled or not."""
        what.wait_for(state="visible")
        self.page.wait_for_timeout(50)
        return bool(
            what.evaluate(
                "node => { const box = node.getBoundingClientRect();"
                " return box.bottom > 0 && box.top < innerHeight && box.width > 0 }"
            )
        )


@contextmanager
def reading(browser: Browser, report: Path) -> Iterator[Reader]:
    with opened(browser, report, viewport=SCREEN, reduced_motion="reduce") as page:
        reader = Reader(page)
        yield reader
        assert reader.clicks <= 2


@pytest.fixture
def reader(browser: Browser, report: Path) -> Iterator[Reader]:
    with reading(browser, report) as reader:
        yield reader


def test_whose_opinions_and_how_sure(reader: Reader, evaluation: Evaluation) -> None:
    sentence = reader.page.locator("#sentence")
    assert reader.sees(sentence)
    rows = evaluation.alignment.filter(
        model="alpha", elicitation="logprobs", steering="none", language="en"
    )
    best = rows.sort("estimate", descending=True).row(0, named=True)
    told = sentence.inner_text()
    assert f"{best['estimate']:.3f} [{best['low']:.2f}, {best['high']:.2f}]" in told
    assert reader.sees(reader.page.locator("#world svg"))
    assert reader.sees(reader.page.locator("#ranking tbody tr").first)
    # Rings of published models stand on the same lines.
    rings = reader.page.locator("#ranking .reference")
    assert rings.count() == 4 * reader.page.locator("#ranking tbody tr").count()
    assert "asked in other words" in reader.page.locator("#ranking .small").inner_text()
    assert reader.clicks == 0


def test_is_the_steering_worth_it(reader: Reader, evaluation: Evaluation) -> None:
    section = reader.go_to("steering")
    answers = section.locator("#steering-answers li")
    assert reader.sees(answers.first)
    means = make_table(evaluation, "steering_means").filter(model="alpha", elicitation="logprobs")
    assert answers.count() == means.height
    told = section.locator("#steering-answers").inner_text()
    for row in means.rows(named=True):
        assert with_interval(row["estimate"], row["low"], row["high"], signed=True) in told
        sure = row["low"] > 0 or row["high"] < 0
        assert sure or "cannot be told" in told


def test_which_of_two_models_for_a_country(reader: Reader, evaluation: Evaluation) -> None:
    section = reader.go_to("models")
    reader.click(section.locator("summary", has_text="Table: the differences"))
    row = section.locator("#pair-table tbody tr", has_text="Japan").first
    row.wait_for()
    pairs = make_table(evaluation, "differences").filter(
        country="JPN", elicitation="logprobs", steering="none", language="en"
    )
    [pair] = pairs.rows(named=True)
    told = with_interval(pair["estimate"], pair["low"], pair["high"], signed=True)
    other = with_interval(-pair["estimate"], -pair["high"], -pair["low"], signed=True)
    assert told in row.inner_text() or other in row.inner_text()


def test_what_did_it_really_say(
    browser: Browser, tmp_path: Path, frames: dict[str, pl.DataFrame]
) -> None:
    item = frames["model_distributions"]["question"].unique(maintain_order=True)[4]
    with reading(browser, write_report(tmp_path / "r.html", evaluation_of(frames))) as reader:
        section = reader.go_to("items")
        section.get_by_role("searchbox", name="Search items").fill(item)
        reader.click(section.locator(".hits a").first)
        said = section.locator("#item pre.reply").first
        said.wait_for()
        asked = frames["replies"].filter(
            question=item, elicitation="verbalized", language="en", steering="none"
        )
        assert said.inner_text() in asked["text"].to_list()


def test_can_the_replies_be_trusted(reader: Reader, evaluation: Evaluation) -> None:
    section = reader.go_to("reliability")
    assert reader.sees(section.locator("#reliability-chart svg"))
    usable = section.locator("#reliability-table tbody tr").first
    assert "36" in usable.inner_text()
    judged = make_table(evaluation, "verdicts")
    assert judged.height
    assert section.locator("h3", has_text="Do the replies vary with the question?").count() == 1
