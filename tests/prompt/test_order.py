from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.errors import ExperimentError
from doxa.prompt import option_labels, ordered_codes
from doxa.questionnaire import QuestionBank

ITEMS = QuestionBank.load().items
numbers = st.integers(0, 10**6)
orders = st.one_of(
    st.sampled_from(["listed", "reversed"]),
    numbers.map("seed:{}".format),
    numbers.map("rotated:{}".format),
)


@given(st.sampled_from(sorted(ITEMS)), orders)
def test_an_order_is_a_permutation_with_off_scale_options_last(item_id: str, order: str) -> None:
    item = ITEMS[item_id]
    codes = ordered_codes(item, order)
    assert sorted(codes) == sorted(item.scale.all_codes)
    assert codes[len(item.scale.codes) :] == item.scale.off_scale
    assert codes == ordered_codes(item, order)
    if item.has_bare_steps:
        assert codes in (item.scale.codes, item.scale.codes[::-1])


def test_orders_of_an_item() -> None:
    assert ordered_codes(ITEMS["Q122"], "listed") == (2, 1, 0)
    assert ordered_codes(ITEMS["Q122"], "reversed") == (0, 1, 2)
    assert ordered_codes(ITEMS["Q122"], "rotated:2") == (0, 2, 1)
    assert ordered_codes(ITEMS["Q111"], "reversed") == (2, 1)
    assert ordered_codes(ITEMS["Q164"], "rotated:1") == tuple(range(10, 0, -1))
    assert ordered_codes(ITEMS["Q164"], "rotated:2") == tuple(range(1, 11))


def test_rotating_by_all_options_changes_nothing() -> None:
    assert ordered_codes(ITEMS["Q1"], "rotated:4") == ordered_codes(ITEMS["Q1"], "listed")


def test_seeds_reach_all_permutations_evenly() -> None:
    seen = Counter(ordered_codes(ITEMS["Q43"], f"seed:{seed}") for seed in range(3000))
    assert len(seen) == 6
    # 500 are expected of each; 100 are five standard deviations
    assert all(abs(count - 500) < 100 for count in seen.values())
    turned = sum(ordered_codes(ITEMS["Q164"], f"seed:{s}")[0] == 10 for s in range(1000))
    assert abs(turned - 500) < 80


def test_a_seed_gives_another_order_to_another_item() -> None:
    assert len({ordered_codes(ITEMS[f"Q{n}"], "seed:1") for n in range(1, 7)}) > 1


def test_seeded_orders_never_change() -> None:
    assert ordered_codes(ITEMS["Q33"], "seed:1") == (4, 3, 5, 2, 1)


def test_labels() -> None:
    assert option_labels(10, "numbers")[-1] == "10"
    assert option_labels(26, "letters")[-1] == "Z"
    with pytest.raises(ExperimentError, match="27 options, more than the 26 letters"):
        option_labels(27, "letters")
