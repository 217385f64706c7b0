from __future__ import annotations

from typing import TYPE_CHECKING

from doxa.report.figures.parts import Shown
from doxa.report.figures.replies import reply_figures
from report.invented import evaluation_of

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl


def test_statuses_are_named(written: dict[str, Path]) -> None:
    counted = written["reliability-tiny-model-verbalized.svg"].read_text(encoding="utf-8")
    assert "refused" in counted


def test_shares_of_a_way_add_to_one(one: dict[str, pl.DataFrame]) -> None:
    [(_, figure)] = reply_figures(Shown(evaluation_of(one)))
    assert figure["title"]["subtitle"] == f"stated percentages; {one['replies'].height} replies"
    shares: dict[str, float] = {}
    for row in figure["data"]["values"]:
        shares[row["name"]] = shares.get(row["name"], 0) + row["share"]
    assert len(shares) == 7
    assert all(abs(share - 1) < 1e-12 for share in shares.values())
