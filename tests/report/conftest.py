from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .invented import BANK, invented_frames
from .opening import ARGUMENTS, CHROMIUM

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    from playwright.sync_api import Browser

    from doxa.questionnaire import QuestionBank


@pytest.fixture(scope="session")
def bank() -> QuestionBank:
    return BANK


@pytest.fixture(scope="session")
def frames() -> dict[str, pl.DataFrame]:
    """A small invented run of one model: the frames that an evaluation gives."""
    return invented_frames()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as engine:
        chromium = engine.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()
