from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.errors import ExperimentError
from doxa.prompt import Condition, balanced_design, latin_orders, ordered_codes
from doxa.questionnaire import QuestionBank

ITEMS = QuestionBank.load().items


@pytest.mark.parametrize("item_id", ["Q57", "Q43", "Q1", "Q33", "Q119"])
def test_a_latin_square_puts_each_option_once_in_each_place(item_id: str) -> None:
    item = ITEMS[item_id]
    k = len(item.scale.codes)
    rows = [ordered_codes(item, order)[:k] for order in latin_orders(k)]
    assert all(set(column) == set(item.scale.codes) for column in zip(*rows, strict=True))


@pytest.mark.parametrize("item_id", ["Q57", "Q1", "Q33", "Q122", "Q164"])
def test_the_default_orders_give_each_option_the_same_mean_place(item_id: str) -> None:
    orders = {condition.option_order for condition in balanced_design(Condition("en"))}
    rows = [ordered_codes(ITEMS[item_id], order) for order in sorted(orders)]
    places = {sum(row.index(code) for row in rows) for code in ITEMS[item_id].scale.codes}
    assert len(places) == 1


@given(st.integers(2, 6), st.integers(1, 3), st.integers(1, 2))
def test_each_pair_of_levels_occurs_equally_often(orders: int, templates: int, styles: int) -> None:
    design = balanced_design(
        Condition("en"),
        orders=latin_orders(orders),
        templates=("a", "b", "c")[:templates],
        label_styles=("numbers", "letters")[:styles],
    )
    assert len(set(design)) == len(design)
    factors = {
        "option_order": orders,
        "template": templates,
        "label_style": styles,
    }
    for one, two in combinations(factors, 2):
        pairs = Counter((getattr(c, one), getattr(c, two)) for c in design)
        assert len(pairs) == factors[one] * factors[two]
        assert len(set(pairs.values())) == 1


def test_a_square_needs_half_the_conditions() -> None:
    styles = ("numbers", "letters")
    assert len(balanced_design(Condition("en"), templates=("a", "b"), label_styles=styles)) == 4
    assert len(balanced_design(Condition("en"), templates=("a",), label_styles=styles)) == 4


def test_a_wrong_design_is_an_error() -> None:
    with pytest.raises(ExperimentError, match=r"orders: \['listed', 'listed'\]"):
        balanced_design(Condition("en"), orders=("listed", "listed"))
    with pytest.raises(ExperimentError, match=r"templates: \[\]"):
        balanced_design(Condition("en"), templates=())
    with pytest.raises(ExperimentError, match="1 options cannot be ordered"):
        latin_orders(1)
