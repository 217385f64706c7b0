"""Models side by side: what the page is given, and what it shows in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_up import made_up_evaluation

from doxa.evaluate import make_table
from doxa.evaluate.published import NOT_PUBLISHED
from doxa.report import write_report
from doxa.report.models import OWN_LANGUAGE, changes_of, published_rows, side_by_side
from doxa.report.tables import conditions_of
from doxa.report.words import Names
from report.invented import BANK, evaluation_of

from .opening import column, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(tmp_path_factory.mktemp("models") / "r.html", made_up_evaluation())


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    with opened(browser, report) as page:
        yield page


def differences(page: Page) -> dict[str, float]:
    names, texts = column(page, "pair-table", 1), column(page, "pair-table", 3)
    numbers = [float(text.split(" ")[0].replace("\u2212", "-")) for text in texts]
    return dict(zip(names, numbers, strict=True))


def test_one_model_stands_beside_published_ones_or_alone(frames: dict[str, pl.DataFrame]) -> None:
    alone = evaluation_of(frames)
    assert side_by_side(alone, (), ()) is None
    assert published_rows(alone) is None
    published = make_table(made_up_evaluation(), "published")
    beside = evaluation_of(frames, tables={"published": published})
    data = side_by_side(beside, (), ())
    assert data is not None
    assert data["differences"] == {}
    told = published_rows(beside)
    assert told is not None
    assert all(name in told["lacking"] for name in NOT_PUBLISHED)
    assert "AAAI 2026" in told["about"]


def test_the_data_are_those_of_the_tables() -> None:
    evaluation = made_up_evaluation()
    conditions = conditions_of([evaluation.alignment], Names(BANK))
    data = side_by_side(evaluation, conditions, ())
    assert data is not None
    for name in ("leaderboard", "differences"):
        estimates = make_table(evaluation, name)["estimate"].to_list()
        assert data[name]["estimate"] == pytest.approx(estimates, abs=6e-5)
    changes = changes_of(evaluation)
    assert set(changes["change"]) == {"persona", "time-6_persona", OWN_LANGUAGE}
    assert (changes["after"] - changes["before"]).to_list() == pytest.approx(
        changes["estimate"].to_list()
    )


def test_models_are_ranked_beside_published_ones(page: Page) -> None:
    page.locator("#models summary").first.click()
    shown = dict(zip(column(page, "board-table", 1), column(page, "board-table", 7), strict=True))
    assert set(shown) == {"alpha", "beta", "Aya23", "GPT-3.5", "Llama3", "Qwen2.5"}
    assert {name for name, about in shown.items() if "published" in about} == set(shown) - {
        "alpha", "beta"
    }  # fmt: skip
    assert "asked in English without steering" in page.locator("#models .small").first.inner_text()
    assert page.locator("#board svg").count() == 1


def test_differences_follow_the_choice_of_two_and_of_the_way(page: Page) -> None:
    evaluation = made_up_evaluation()
    table = make_table(evaluation, "differences").filter(
        elicitation=page.evaluate("document.querySelector('#choose-way').value.split('|')[0]"),
        language="en", steering="none", wave=7,
    )  # fmt: skip
    page.locator("#models summary", has_text="the differences").click()
    expected = {
        BANK.countries[code].name: value
        for code, value in table.select("country", "estimate").rows()
    }
    assert differences(page) == pytest.approx(expected, abs=6e-4)
    page.locator("#pair-controls select").first.select_option("beta")
    page.locator("#pair figcaption", has_text="beta less alpha").wait_for()
    turned = {name: -value for name, value in expected.items()}
    assert differences(page) == pytest.approx(turned, abs=6e-4)
    page.locator("#choose-way").select_option(label="No steering · Japanese")
    page.locator("#pair figcaption", has_text="Japanese").wait_for()


def test_every_model_has_a_small_map_and_a_line(page: Page) -> None:
    assert page.locator("#maps figcaption").all_inner_texts() == ["alpha", "beta"]
    scored = made_up_evaluation().alignment.filter(wave=7)["country"].n_unique()
    for small in page.locator("#maps svg").all():
        assert small.locator("use.scored").count() == scored
    assert page.locator("#maps [aria-current] figcaption").inner_text() == "alpha"
    titles = page.locator("#changes figcaption").all_inner_texts()
    assert [title.split(":")[0] for title in titles] == [
        "Persona", "Time of wave 6 and persona", "Own language",
    ]  # fmt: skip


def test_a_page_of_one_model_has_the_published_ones_as_open_points(
    browser: Browser, frames: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    tables = {"published": make_table(made_up_evaluation(), "published")}
    path = write_report(tmp_path / "r.html", evaluation_of(frames, tables=tables))
    with opened(browser, path) as page:
        assert page.locator("#pair, #maps").count() == 0
        assert page.locator("#changes-part").is_hidden()
        page.locator("#models summary").first.click()
        assert set(column(page, "board-table", 1)) == {"Aya23", "GPT-3.5", "Llama3", "Qwen2.5"}
