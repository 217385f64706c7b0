from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.survey import read_survey
from doxa.survey.layout import Layout, Variable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item


def test_a_file_is_read_by_the_layout_that_is_given(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    pl.DataFrame({"v": ["yes", "7", "2"], "B_COUNTRY": 392}).write_csv(tmp_path / "a.csv")
    place = Variable("v", codes={1: 1, 2: 4}, missing={7: -2}, labels={"Yes": 1})
    some = {"Q1": items["Q1"]}
    layout = Layout("Mine", "M", 3, "", None, None, some, {"Q1": place}, fixed_country="NIR")
    counts = read_survey(tmp_path / "a.csv", some, layout=layout).microdata.counts()
    found = counts.filter(pl.col("n") > 0)
    assert found.select("survey", "wave", "country", "code", "n").rows() == [
        ("M", 3, "NIR", 1, 1), ("M", 3, "NIR", 4, 1), ("M", 3, "NIR", -2, 1),
    ]  # fmt: skip


def test_layouts_can_be_hashed(items: Mapping[str, Item]) -> None:
    layout = Layout("Mine", "M", 3, "c", None, None, items, {"Q1": Variable("v")})
    assert hash(layout) == hash(Layout("Mine", "M", 3, "c", None, None, {}, {}))
    assert layout.complete
