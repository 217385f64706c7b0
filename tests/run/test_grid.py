from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.prompt import Condition, excluded_items
from doxa.questionnaire import QuestionBank
from doxa.run.grid import choose_items, expand_steering

BANK = QuestionBank.load()


@pytest.mark.parametrize(
    ("name", "triples"),
    [
        ("none", [("en", "none", ""), ("ja", "none", "")]),
        ("language", [("ja", "none", ""), ("es", "none", "")]),
        ("language_persona", [("ja", "persona", "JPN"), ("es", "persona", "COL")]),
        ("persona", [(la, "persona", co) for co in ("JPN", "COL") for la in ("en", "ja")]),
        ("language_persona_few-shot", [("ja", "persona_few-shot", "JPN"),
                                       ("es", "persona_few-shot", "COL")]),
        ("time-6", [("en", "time-6", ""), ("ja", "time-6", "")]),
    ],
)  # fmt: skip
def test_steering_names(name: str, triples: list[tuple[str, str, str]]) -> None:
    assert (
        expand_steering(name, languages=["en", "ja"], targets=["JPN", "COL"], bank=BANK) == triples
    )


@given(st.integers(1, 100))
def test_items_by_number_avoid_examples(n: int) -> None:
    conditions = [Condition("en"), Condition("ja")]
    items = choose_items(n, conditions, bank=BANK)
    assert len(items) == len(set(items)) == n
    assert not set(items) & excluded_items(conditions, bank=BANK)
    assert list(items) == [item for item in BANK.items if item in items]


def test_all_items_leave_out_the_examples() -> None:
    conditions = [Condition("en", n_examples=2)]
    items = choose_items(None, conditions, bank=BANK)
    assert set(items) == set(BANK.items) - excluded_items(conditions, bank=BANK)
    assert choose_items(None, [Condition("en", n_examples=0)], bank=BANK) == tuple(BANK.items)
