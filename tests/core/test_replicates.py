"""Replicates against a twin that draws item by item."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doxa import _core
from doxa.errors import InvalidArgumentError


@settings(max_examples=40, deadline=None)
@given(
    data=st.data(),
    n_groups=st.integers(1, 9),
    n_items=st.integers(2, 20),
    n_resamples=st.integers(2, 70),
)
def test_replicates_with_missing_and_repeated_items(
    data: st.DataObject, n_groups: int, n_items: int, n_resamples: int
) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    n_rows = data.draw(st.integers(n_groups, 4 * n_groups * n_items))
    groups = rng.integers(0, n_groups, n_rows).astype(np.uint32)
    items = rng.integers(0, n_items, n_rows).astype(np.uint32)
    values = rng.random(n_rows)
    replicates = _core.item_replicates(
        values, (groups, items, n_groups, n_items), n_resamples=n_resamples, seed=8
    )
    weights = np.zeros((n_resamples, n_items))
    for replicate in range(n_resamples):
        words = _core.stream(8, replicate, n_items)
        np.add.at(weights[replicate], [int(word) * n_items >> 64 for word in words], 1)
    for group in range(n_groups):
        rows = groups == group
        drawn = weights[:, items[rows]]
        with np.errstate(invalid="ignore"):
            expected = (drawn * values[rows]).sum(axis=1) / drawn.sum(axis=1)
        assert replicates[group] == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_labels_beyond_their_number_are_refused() -> None:
    zero, beyond = np.zeros(1, np.uint32), np.array([2**32 - 1], np.uint32)
    with pytest.raises(InvalidArgumentError, match="item label 4294967295 is not below 1"):
        _core.group_means(np.ones(1), (zero, beyond, 1, 1))
    # As a group it stands for none.
    assert _core.group_means(np.ones(1), (beyond, zero, 1, 1))[0, 0] == 0
