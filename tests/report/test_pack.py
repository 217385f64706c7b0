from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from doxa.report.pack import pack_json, pack_numbers, shares_per_mille, unpack


@given(st.text() | st.sampled_from(["</script>", "<!--", "]]>", "\u2028", "&amp;"]))
def test_a_block_holds_no_markup_and_loses_nothing(text: str) -> None:
    block = pack_json({"text": text})
    assert not set("<>&\u2028\u2029") & set(block)
    assert json.loads(unpack(block)) == {"text": text}


def test_a_lone_surrogate_does_not_stop_the_report() -> None:
    assert json.loads(unpack(pack_json("a\ud800b"))) == "a?b"


def test_text_that_is_not_json_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        pack_json(float("nan"))


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1))
def test_numbers_come_back(numbers: list[int]) -> None:
    planes = np.frombuffer(unpack(pack_numbers([np.array(numbers)])), np.uint8).reshape(4, -1)
    assert (planes.T.copy().view("<u4").ravel() == numbers).all()


@given(
    arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(2, 11)), elements=st.floats(0, 1))
)
def test_thousandths_keep_sums_and_running_sums(weights: np.ndarray) -> None:
    weights[:, 0] += 1e-3
    shares = weights / weights.sum(axis=1, keepdims=True)
    rounded = shares_per_mille(shares)
    assert (rounded >= 0).all()
    assert (rounded.sum(axis=1) == 1000).all()
    error = np.cumsum(rounded, axis=1) - 1000 * np.cumsum(shares, axis=1)
    assert np.abs(error).max() <= 0.5 + 1e-9
