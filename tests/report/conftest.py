from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .invented import BANK, invented_frames

if TYPE_CHECKING:
    import polars as pl

    from doxa.questionnaire import QuestionBank


@pytest.fixture(scope="session")
def bank() -> QuestionBank:
    return BANK


@pytest.fixture(scope="session")
def frames() -> dict[str, pl.DataFrame]:
    """A small invented run of one model: the frames that an evaluation gives."""
    return invented_frames()
