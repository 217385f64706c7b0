"""Where the Inglehart–Welzel cultural map puts countries, as published."""

from __future__ import annotations

import functools
from importlib.resources import files

import polars as pl

__all__ = ["published_map"]


@functools.cache
def published_map() -> pl.DataFrame:
    """Give the coordinates of countries on the cultural map of the seventh wave.

    They are factor scores of ten items, of the World Values Survey and the European Values Study of
    2017 to 2023; ``data/world/README.md`` says where they come from.

    Returns
    -------
    polars.DataFrame
        `country` (alpha-3), `year` of the survey, `secular` (Float64, traditional to
        secular-rational values) and `self_expression` (Float64, survival to self-expression
        values), sorted by country.

    Examples
    --------
    >>> published_map().filter(country="SWE").row(0)
    ('SWE', 2017, 1.209, 3.11)
    """
    text = files("doxa.survey").joinpath("cultural_map.csv").read_bytes()
    return pl.read_csv(text).sort("country")
