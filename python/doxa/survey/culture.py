"""Where the Inglehart–Welzel cultural map puts countries, as published."""

from __future__ import annotations

import functools
from importlib.resources import as_file, files

import polars as pl

from doxa.files.tables import read_csv

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
    types = {"year": pl.Int64, "secular": pl.Float64, "self_expression": pl.Float64}
    with as_file(files("doxa.survey").joinpath("cultural_map.csv")) as path:
        return read_csv(path, types=types).sort("country")
