from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.recorded.likelihoods import Scored, nesting, shares_of

TEN = tuple(str(number) for number in range(1, 11))
WEIGHTS = st.lists(st.floats(0.01, 1), min_size=10, max_size=10)


def scored(texts: tuple[str, ...], *values: float, greedy: int = -1) -> Scored:
    return Scored(texts, values, tuple(place == greedy for place in range(len(texts))))


@given(weights=WEIGHTS, mass=st.floats(0.1, 0.5))
def test_shares_come_back_whichever_tokens_10_has(weights: list[float], mass: float) -> None:
    exact = [mass * weight / sum(weights) for weight in weights]
    nested = scored(TEN, exact[0] + exact[9], *exact[1:])
    for row, kind in ((nested, "part"), (scored(TEN, *exact), "apart")):
        found = shares_of(row, kind)  # type: ignore[arg-type]
        assert found is not None
        assert found.shares == pytest.approx([one / mass for one in exact])
        assert found.off_option_mass == pytest.approx(1 - mass)
        assert found.lower == found.upper == ()
    unknown = shares_of(nested, "unknown")
    assert unknown is not None
    for kind in ("part", "apart"):
        other = shares_of(nested, kind)  # type: ignore[arg-type]
        assert other is not None
        for least, share, most in zip(unknown.lower, other.shares, unknown.upper, strict=True):
            assert least - 1e-12 <= share <= most + 1e-12


def test_one_row_tells_for_all() -> None:
    silent = scored(("1", "2", "10"), 0.3, 0.2, 0.1)
    likelier = scored(("1", "2", "10"), 0.1, 0.2, 0.3)
    greedy = scored(("1", "2", "10"), 0.3, 0.2, 0.25, greedy=2)
    both = greedy._replace(greedy=(True, False, True))
    full = scored(("1", "2", "10"), 0.7, 0.2, 0.6)
    assert nesting([silent]) == "unknown"
    assert nesting([silent, likelier]) == "apart"
    assert nesting([silent, greedy]) == "apart"
    assert nesting([both, silent]) == "part"
    assert nesting([full]) == "part"
    # rows that contradict one another tell nothing
    assert nesting([both, likelier]) == "unknown"
    assert nesting([scored(("A", "B"), 0.1, 0.2)]) == "unknown"


def test_words_that_go_on_are_always_a_part() -> None:
    row = scored(("Agree", "Agree strongly", "Disagree"), 0.5, 0.2, 0.3)
    for kind in ("part", "apart", "unknown"):
        found = shares_of(row, kind)  # type: ignore[arg-type]
        assert found is not None
        assert found.shares == pytest.approx((0.375, 0.25, 0.375))
        assert found.lower == ()


def test_a_chain_of_numbers_is_taken_once() -> None:
    found = shares_of(scored(("1", "10", "100"), 0.6, 0.3, 0.1), "part")
    assert found is not None
    assert found.shares == pytest.approx((0.5, 1 / 3, 1 / 6))


def test_what_adds_up_to_more_than_1_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^2$"):
        shares_of(scored(("A", "B"), 1.0, 1.0), "unknown")
    assert shares_of(scored(("A", "B"), 0.505, 0.505), "unknown") is not None
    assert shares_of(scored(("A", "B"), 0.0, 0.0), "unknown") is None
