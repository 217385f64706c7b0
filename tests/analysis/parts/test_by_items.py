from __future__ import annotations

import numpy as np

from doxa.analysis.parts.by_items import by_items, combined

VALUES = np.array([[1.0, np.nan, 2.0], [3.0, np.nan, 4.0], [5.0, 6.0, 7.0], [np.nan] * 3])


def test_rows_come_with_those_that_have_the_same_items() -> None:
    found = [(rows.tolist(), mask.tolist()) for rows, mask in by_items(VALUES)]
    assert found == [([0, 1], [True, False, True]), ([2], [True, True, True])]


def test_a_contrast_lacks_what_one_of_its_groups_lacks() -> None:
    found = combined([{2: 1.0, 0: -1.0}, {1: 2.0}], VALUES)
    np.testing.assert_array_equal(found, [[4.0, np.nan, 5.0], [6.0, np.nan, 8.0]])
