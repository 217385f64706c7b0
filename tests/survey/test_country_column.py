from __future__ import annotations

import polars as pl
import pytest

from doxa.errors import SurveyError
from doxa.survey.countries import known_countries
from doxa.survey.country_column import choose_country, country_named


@pytest.mark.parametrize(
    ("value", "variable", "country"),
    [
        ("Japan", "V2", "JPN"),
        ("392", "V2", "JPN"),
        (840.0, "B_COUNTRY", "USA"),
        ("United States of America", "COW", "USA"),
        ("Taiwan ROC", "V2", "TWN"),
        ("Hong Kong SAR PRC", "V2", "HKG"),
        ("Korea, South", "V2", "KOR"),
        ("Macedonia, Republic of", "V2", "MKD"),
        ("Iran (Islamic Republic of)", "S003", "IRN"),
        ("Great Britain", "V2A", "GBR"),
        ("China", "V2", "CHN"),
        ("AUS", "B_COUNTRY_ALPHA", "AUS"),
        ("AUS", "C_COW_ALPHA", "AUT"),
        ("BNG", "C_COW_ALPHA", "BGD"),
        ("740", "C_COW_NUM", "JPN"),
        ("-4", "B_COUNTRY_ALPHA", None),
        ("Missing; Unknown", "V2", None),
        ("NA", "V2", None),
        ("", "V2", None),
        (None, "V2", None),
        ("(" * 10**6, "V2", None),
        ("Atlantis", "V2", None),
    ],
)
def test_countries_by_name_and_code(value: object, variable: str, country: str | None) -> None:
    assert country_named(value, variable) == country


def test_the_first_column_that_names_the_country_is_taken() -> None:
    head = pl.DataFrame(
        {"B_COUNTRY_ALPHA": ["-4", "-4"], "V2": ["Japan"] * 2, "COW": ["Japan"] * 2}
    )
    assert choose_country(head, "f") == ("V2", [])
    differing = head.with_columns(COW=pl.lit("Colombia"))
    chosen, notes = choose_country(differing, "f")
    assert chosen == "V2"
    assert notes == ["the country is JPN, from V2; COW says COL"]
    with pytest.raises(
        SurveyError, match=r"^f: no column names the country \(B_COUNTRY_ALPHA '-4'"
    ):
        choose_country(head.select("B_COUNTRY_ALPHA"), "f")


def test_codes_of_the_correlates_of_war_are_of_known_countries() -> None:
    from doxa.survey.country_column import _cow

    assert set(_cow().values()) <= known_countries()
    assert len(_cow()) > 200


def test_a_long_cell_is_not_shown_whole() -> None:
    with pytest.raises(SurveyError) as told:
        choose_country(pl.DataFrame({"V2": ["x" * 30_000]}), "f")
    assert len(str(told.value)) < 200
