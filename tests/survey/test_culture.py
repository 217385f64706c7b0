from __future__ import annotations

import polars as pl

from doxa.survey.countries import known_countries
from doxa.survey.culture import published_map


def test_the_published_map_has_each_country_once_and_sweden_at_its_corner() -> None:
    table = published_map()
    assert table["country"].is_unique().all()
    assert set(table["country"]) <= known_countries()
    assert table["year"].is_between(2017, 2023).all()
    assert table.sort("self_expression")["country"][-1] == "SWE"
    assert table.sort("secular")["country"][-1] == "JPN"
    assert set(table.sort("self_expression")["country"].head(2)) == {"ZWE", "TUN"}
    assert table.select(pl.selectors.float().is_between(-3.2, 3.2).all()).row(0) == (True, True)
