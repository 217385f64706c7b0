from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.questionnaire import QuestionBank
from doxa.survey import Synthetic, synthetic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire.item import Item

SOME = ["Q1", "Q18", "Q33", "Q42", "Q65", "Q106", "Q111", "Q119", "Q122", "Q142", "Q147", "Q148",
        "Q57", "Q173", "Q182", "Q241"]  # fmt: skip


@pytest.fixture(scope="session")
def bank() -> QuestionBank:
    return QuestionBank.load()


@pytest.fixture(scope="session")
def items(bank: QuestionBank) -> Mapping[str, Item]:
    return bank.items


@pytest.fixture(scope="session")
def some_items(bank: QuestionBank) -> dict[str, Item]:
    """Items whose answer sets together cover every special case."""
    return {name: bank.items[name] for name in SOME}


@pytest.fixture(scope="session")
def made(some_items: dict[str, Item]) -> Synthetic:
    return synthetic(1200, some_items, n_repeated=15, seed=4)
