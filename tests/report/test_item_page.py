"""The items in a browser: the choice of one, what is shown of it, and where sides differ most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from doxa.report import write_report

from .invented import evaluation_of
from .opening import column, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def report(frames: dict[str, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(tmp_path_factory.mktemp("items") / "r.html", evaluation_of(frames))


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    with opened(browser, report) as page:
        yield page


def items_of(frames: dict[str, pl.DataFrame]) -> list[str]:
    return frames["model_distributions"]["question"].unique(maintain_order=True).to_list()


def test_controls_keep_the_keyboards_focus(page: Page) -> None:
    chosen = page.locator("#item-controls select").first
    chosen.focus()
    page.keyboard.press("ArrowDown")
    page.locator("#item h3").wait_for()
    assert page.evaluate("document.activeElement.closest('#item-controls') !== null")


def test_an_item_shows_people_model_prompt_and_reply(
    page: Page, frames: dict[str, pl.DataFrame]
) -> None:
    item = frames["model_distributions"]["question"].unique(maintain_order=True)[4]
    page.locator("#item-controls select").first.select_option(label="Colombia")
    page.locator("#item-table").get_by_role("link", name=item, exact=True).click()
    page.locator("#item h3", has_text=f"{item} · ").wait_for()
    assert page.locator("#item-table tr[aria-current]").inner_text().startswith(item)
    prompt = page.locator("#item .prompt")
    prompt.locator("summary").click()
    assert f"The question {item}" in prompt.inner_text()
    reply = frames["replies"].filter(question=item, elicitation="verbalized", language="en").row(
        0, named=True
    )  # fmt: skip
    assert page.locator("#item pre.reply").inner_text() == reply["text"]
    human = frames["human_distributions"].filter(question=item, country="COL")
    shares = page.locator("#item .shares tbody td:nth-child(3)").all_inner_texts()
    assert [float(share.rstrip("%")) / 100 for share in shares] == pytest.approx(
        human["probabilities"][0].to_list(), abs=0.005 + 0.0011
    )


def test_other_languages_are_marked_as_such(page: Page) -> None:
    page.locator("#item-controls select").nth(1).select_option(label="No steering · Japanese")
    page.locator("#item p[lang=ja]").wait_for()
    assert page.locator("#item p[lang=ja]").get_attribute("dir") == "ltr"
    assert page.locator("#item pre.reply").get_attribute("lang") == "ja"


def test_arabic_runs_from_right_to_left_but_shares_by_label_do_not(
    browser: Browser, frames: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    text = 'الإجابة: {"أوافق": 60, "2": 40}\n7'
    names = pl.selectors.by_name("language", require_all=False)
    arabic = {name: frame.with_columns(names.replace("ja", "ar")) for name, frame in frames.items()}
    replies, prompts = arabic["replies"], arabic["prompts"]
    arabic["replies"] = replies.with_columns(text=pl.lit(text))
    arabic["prompts"] = prompts.with_columns(user=pl.lit(text))
    path = write_report(tmp_path / "r.html", evaluation_of(arabic))
    direction = "node => getComputedStyle(node).direction"
    with opened(browser, path) as page:
        page.locator("#item-controls select").nth(1).select_option(label="No steering · Arabic")
        page.locator("#item p[lang=ar]").wait_for()
        page.locator("#item .prompt summary").first.click()
        assert page.locator("#item p[lang=ar]").get_attribute("dir") == "rtl"
        for kind in (".prompt pre", "pre.reply"):
            shown = page.locator(f"#item {kind}", has_text="أوافق")
            assert shown.evaluate(direction) == "rtl"
            assert shown.inner_text() == text
            assert shown.locator("bdi").inner_text() == '{"أوافق": 60, "2": 40}'
            assert shown.locator("bdi").evaluate(direction) == "ltr"


def test_item_alignment_agrees_with_the_core(
    page: Page, frames: dict[str, pl.DataFrame], bank: Any
) -> None:
    score = pytest.importorskip("doxa.score", reason="the core is not built")
    page.locator("#item-controls select").first.select_option(label="Colombia")
    page.locator("#item .shares", has_text="People, Colombia").wait_for()
    same = {"elicitation": "verbalized", "language": "en", "steering": "none"}
    model = frames["model_distributions"].filter(**same)
    human = frames["human_distributions"].filter(country="COL")
    both = model.join(human, on="question", suffix="_human", maintain_order="left")
    scales = [bank.items[item].scale for item in both["question"]]
    batch = score.score_batch(
        both["probabilities"],
        both["probabilities_human"],
        scale=[scale.kind for scale in scales],
        positions=[list(scale.positions) for scale in scales],
    )
    expected = dict(zip(both["question"], batch.scores["alignment"], strict=True))
    shown = dict(zip(column(page, "item-table", 1), column(page, "item-table", 2), strict=True))
    # Two decimals, of shares rounded to thousandths.
    assert {item: float(value) for item, value in shown.items()} == pytest.approx(
        expected, abs=0.005 + 0.0011
    )


def test_an_address_opens_its_item_and_steps_go_on(
    browser: Browser, report: Path, frames: dict[str, pl.DataFrame]
) -> None:
    items = items_of(frames)
    with opened(browser, report) as page:
        page.goto(f"{report.as_uri()}#item={items[3]}")
        page.locator("#item h3", has_text=f"{items[3]} · ").wait_for()
        page.wait_for_function(
            "document.querySelector('#item-controls').getBoundingClientRect().top < innerHeight"
        )
        page.get_by_role("link", name="Next item").click()
        page.locator("#item h3", has_text=f"{items[4]} · ").wait_for()
        assert page.evaluate("location.hash") == f"#item={items[4]}"
        assert page.evaluate("document.activeElement.textContent") == "Next item →"
        page.go_back()
        page.locator("#item h3", has_text=f"{items[3]} · ").wait_for()
        page.goto(report.as_uri())


def test_country_and_way_follow_the_page_until_another_way_is_chosen_here(page: Page) -> None:
    own = page.locator("#item-controls select").nth(1)
    first = page.locator("#item .stacks tr.own th").first
    page.locator("#ranking").get_by_role("button", name="Japan").click()
    page.locator("#item .shares", has_text="People, Japan").wait_for()
    page.locator("#choose-way").select_option(label="No steering · Spanish")
    page.locator("#item p[lang=es]").wait_for()
    assert own.locator("option:checked").inner_text() == "No steering · Spanish"
    own.select_option(label="No steering · Japanese")
    page.locator("#item p[lang=ja]").wait_for()
    page.locator("#item .stacks").get_by_role("button", name="Colombia").click()
    page.locator("#item .shares", has_text="People, Colombia").wait_for()
    assert first.inner_text() == "Model · Japanese"
    page.locator("#ranking .chosen", has_text="Colombia").wait_for()


def test_search_finds_words_in_any_language(
    page: Page, frames: dict[str, pl.DataFrame], bank: Any
) -> None:
    item = items_of(frames)[5]
    field = page.get_by_label("Search items")
    for text in (item, bank.question(item, "ja").text, bank.question(item, "es").text.upper()):
        field.fill(text)
        assert page.locator(".hits a").first.inner_text().startswith(f"{item} · ")
    field.fill("no such words anywhere")
    assert page.locator(".search .count").inner_text() == "0 of 12 items"
    field.fill(item)
    field.press("Enter")
    page.locator("#item h3", has_text=f"{item} · ").wait_for()
    assert page.locator(".hits a").count() == 0


def test_people_of_all_countries_stand_beside_the_model(
    page: Page, frames: dict[str, pl.DataFrame]
) -> None:
    table = page.locator("#item .stacks")
    assert table.locator("tr.own th").all_inner_texts() == [
        "Model · English", "Model · Spanish", "Model · Japanese",
    ]  # fmt: skip
    names = "tbody:last-child th"
    assert sorted(table.locator(names).all_inner_texts()) == ["Colombia", "Japan", "United States"]
    alignment = table.locator("tbody:last-child td:last-child").all_inner_texts()
    assert alignment == sorted(alignment, reverse=True)
    table.get_by_role("button", name="Country").click()
    assert table.locator(names).all_inner_texts() == ["Colombia", "Japan", "United States"]
    assert table.locator("th[aria-sort]").inner_text().startswith("Country")
    item = page.locator("#item h3").inner_text().split(" · ")[0]
    table.get_by_role("button", name="Japan").click()
    page.locator("#item .stacks tr[aria-current]", has_text="Japan").wait_for()
    told = page.locator("#item .stacks tr[aria-current] .stack").get_attribute("aria-label") or ""
    human = frames["human_distributions"].filter(question=item, country="JPN")
    shares = [
        float(part.split(" ")[-1].rstrip("%")) / 100 for part in told.split(", ") if "%" in part
    ]
    assert shares == pytest.approx(human["probabilities"][0].to_list(), abs=0.0061)


def test_items_that_differ_most_come_first_and_topics_choose_among_them(page: Page) -> None:
    amounts = page.locator(".differ .amount").all_inner_texts()
    assert len(amounts) == 10
    assert amounts == sorted(amounts, reverse=True)
    topics = page.locator(".lengths li")
    lengths = topics.locator(".amount").all_inner_texts()
    assert lengths == sorted(lengths, reverse=True)
    first = topics.first.get_by_role("button")
    first.click()
    pressed = page.locator(".lengths [aria-pressed=true]")
    assert pressed.count() == 1
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    number = int(pressed.inner_text().split("(")[1].rstrip(")"))
    assert page.locator(".differ li").count() == number
    link = page.locator(".differ a").first
    name = link.inner_text().split(" · ")[0]
    link.click()
    page.locator("#item h3", has_text=f"{name} · ").wait_for()


def test_forms_of_an_item_have_lines_of_their_own(
    browser: Browser, frames: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    names = ["a/plain/a/listed/numbers", "a/plain/a/reversed/numbers"]
    turned = frames["replies"].with_columns(option_order=pl.lit("reversed"))
    doubled = frames | {
        "replies": pl.concat([frames["replies"], turned]),
        "prompts": pl.concat([frames["prompts"]]),
        "model_distributions": frames["model_distributions"].with_columns(
            n_forms=pl.lit(2),
            form_names=pl.lit(names),
            forms=pl.col("probabilities").list.eval(
                pl.concat_list(pl.element(), pl.element().reverse())
            ),
        ),
    }
    path = write_report(tmp_path / "r.html", evaluation_of(doubled))
    with opened(browser, path) as page:
        assert page.locator("#item th.form").all_inner_texts() == [
            "options listed", "options reversed",
        ]  # fmt: skip
        replies = page.locator("#item h4").all_inner_texts()
        assert any("options reversed" in text for text in replies)
