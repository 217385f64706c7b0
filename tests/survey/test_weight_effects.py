from __future__ import annotations

import polars as pl
import pytest

from doxa.survey import check_counts, weight_effects

CELL = {"wave": 7, "country": "JPN", "question": "Q1"}


def test_counts_and_published_shares_are_compared_alike() -> None:
    rows = [
        CELL | {"code": 1, "n": 50.0, "weighted_n": 60.0},
        CELL | {"code": 2, "n": 50.0, "weighted_n": 40.0},
        CELL | {"code": -1, "n": 900.0, "weighted_n": 1.0},
        CELL | {"country": "USA", "code": 1, "share": 0.2, "share_unweighted": 0.3},
        CELL | {"country": "USA", "code": 2, "share": 0.6, "share_unweighted": 0.5},
    ]
    counted = pl.DataFrame(rows).with_columns(weighted=True)
    found = weight_effects(check_counts(counted, "made", survey="S"))
    assert found.select("country", "compared_items").rows() == [("JPN", 1), ("USA", 1)]
    assert found["largest_change"].to_list() == pytest.approx([0.1, 0.125])
    assert found["mean_change"].to_list() == pytest.approx([0.1, 0.125])


def test_a_country_without_both_kinds_has_no_row() -> None:
    rows = [CELL | {"code": code, "share": 0.5, "weighted": True} for code in (1, 2)]
    assert weight_effects(check_counts(pl.DataFrame(rows), "made")).is_empty()
