from __future__ import annotations

import pytest

from doxa.survey.countries import known_countries
from doxa.survey.shifted_labels import POOLED, UNKNOWN_LABEL, country_of

WVS = frozenset({"AND", "ARG", "AUS", "BGD", "ARM", "BOL", "DEU"})
BOTH = WVS | {"ALB", "AZE", "AUT", "SWE"}


@pytest.mark.parametrize(
    ("label", "country"),
    [
        ("ARG", "AND"),
        ("AUS", "ARG"),
        ("BGD", "AUS"),
        ("ARM", "BGD"),
        ("BOL", "BOL"),
        ("DEU", "DEU"),
    ],
)
def test_items_of_the_world_values_survey_alone(label: str, country: str) -> None:
    assert country_of(label, WVS) == (country, None)


@pytest.mark.parametrize(("label", "country"), [("AZE", "AND"), ("AUS", "ARG"), ("SWE", "SWE")])
def test_items_of_both_surveys(label: str, country: str) -> None:
    assert country_of(label, BOTH) == (country, None)


@pytest.mark.parametrize("label", ["ALB", "AND", "ARG", "AUT", "BGD", "ARM"])
def test_names_whose_country_was_not_found_out(label: str) -> None:
    assert country_of(label, BOTH) == (None, UNKNOWN_LABEL)


def test_no_country_is_held_by_two_names() -> None:
    for labels in (WVS, BOTH):
        found = [country for label in labels if (country := country_of(label, labels)[0])]
        assert len(set(found)) == len(found)
        assert set(found) <= known_countries()


def test_pooled_cells() -> None:
    assert country_of("DEU", BOTH) == (None, POOLED)
