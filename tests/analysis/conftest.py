from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.distribution import human_distributions
from doxa.questionnaire import QuestionBank
from doxa.survey import sample

if TYPE_CHECKING:
    import polars as pl


@pytest.fixture(scope="session")
def bank() -> QuestionBank:
    return QuestionBank.load()


@pytest.fixture(scope="session")
def human(bank: QuestionBank) -> pl.DataFrame:
    return human_distributions(sample(), bank)
