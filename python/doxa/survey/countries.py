"""Countries by code or name: ISO 3166-1, and the survey's own additions."""

from __future__ import annotations

import csv
import functools
from importlib.resources import files

__all__ = ["alpha_3", "known_countries", "numeric_code"]


def alpha_3(value: str | int) -> str | None:
    """Find the alpha-3 code of a country.

    Parameters
    ----------
    value : str or int
        An ISO 3166-1 code (alpha-3, alpha-2 or numeric), an English name, or a code that only the
        survey has, such as NIR and 909 for Northern Ireland.

    Returns
    -------
    str or None
        The code; None if `value` does not name a country.

    Examples
    --------
    >>> [alpha_3(value) for value in ("JPN", 392, "840", "Russia", "nir", "Atlantis")]
    ['JPN', 'JPN', 'USA', 'RUS', 'NIR', None]
    """
    text = str(value).strip().casefold()
    return _by_any_name().get(text.lstrip("0") if text.isdecimal() else text)


def known_countries() -> frozenset[str]:
    """Give the alpha-3 codes of all countries.

    Examples
    --------
    >>> "NIR" in known_countries(), "ZZZ" in known_countries()
    (True, False)
    """
    return frozenset(_by_any_name().values())


def numeric_code(country: str) -> int:
    """Give the numeric code of a country by its alpha-3 code.

    Raises
    ------
    KeyError
        No country has this code.

    Examples
    --------
    >>> numeric_code("JPN")
    392
    """
    return next(int(row["numeric"]) for row in _rows() if row["alpha_3"] == country)


@functools.cache
def _by_any_name() -> dict[str, str]:
    found = {}
    for row in _rows():
        code = row["alpha_3"]
        for name in (code, row["alpha_2"], row["numeric"].lstrip("0"), *row["names"].split("|")):
            if name:
                found[name.casefold()] = code
    return found


@functools.cache
def _rows() -> tuple[dict[str, str], ...]:
    text = files("doxa.survey").joinpath("countries.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
