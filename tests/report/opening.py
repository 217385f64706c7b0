"""A report in a browser: opened, drawn, read."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

CHROMIUM = os.environ.get("DOXA_CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def drawn(page: Page) -> None:
    """Have every part of the page drawn, as for a printer, and wait until they stand."""
    page.wait_for_selector("main[aria-busy]")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_selector("main[aria-busy=false]")


@contextmanager
def opened(browser: Browser, report: Path, **settings: Any) -> Iterator[Page]:
    """Open the report; afterwards nothing may have been logged, and only the file requested."""
    page = browser.new_page(viewport=settings.pop("viewport", None), **settings)
    logged: list[str] = []
    requested: list[str] = []
    page.on("console", lambda message: logged.append(message.text))
    page.on("pageerror", lambda error: logged.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    page.goto(report.as_uri())
    drawn(page)
    yield page
    assert logged == []
    assert {url for url in requested if not url.startswith(("data:", "blob:"))} == {report.as_uri()}
    assert page.evaluate("window.hacked") is None
    page.close()


def column(page: Page, table: str, number: int) -> list[str]:
    return page.locator(f"#{table} tbody tr > :nth-child({number})").all_inner_texts()
