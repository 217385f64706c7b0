"""Which country a name stands for in the WVS part of GlobalOpinionQA.

The names of the first countries of its list, in the order of their numeric ISO codes, are shifted.
On items that only the World Values Survey asked, "Argentina" holds Andorra, "Australia" Argentina,
"Bangladesh" Australia, and "Armenia" Bangladesh. On items that the European Values Study asked too,
"Azerbaijan" holds Andorra and "Australia" Argentina. Andorra and Bangladesh were compared with
exact tabulations, Argentina with the survey's official tables. What the names between them hold was
not found out, so these cells are left out.

An item that both surveys asked is known by countries that only the European one visited. There the
countries of both surveys have one cell made of both samples, which differ by up to 0.29.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["POOLED", "UNKNOWN_LABEL", "country_of"]

POOLED: Final = "cell that pools the World Values Survey with the European Values Study"
UNKNOWN_LABEL: Final = "shifted country name of which the country is not known"

_WVS_ALONE: Final[Mapping[str, str | None]] = {
    "AND": None, "ARG": "AND", "AUS": "ARG", "BGD": "AUS", "ARM": "BGD",
}  # fmt: skip
_BOTH: Final[Mapping[str, str | None]] = {
    "ALB": None, "AND": None, "AZE": "AND", "ARG": None, "AUS": "ARG", "AUT": None, "BGD": None,
    "ARM": None,
}  # fmt: skip
_EUROPEAN_ALONE: Final = frozenset(
    {
        "BGR", "BIH", "BLR", "CHE", "DNK", "ESP", "EST", "FIN", "FRA", "GEO", "HRV", "HUN", "ISL",
        "ITA", "LTU", "LVA", "MKD", "MNE", "NOR", "POL", "PRT", "SVN", "SWE",
    }
)  # fmt: skip
_VISITED_BY_BOTH: Final = frozenset(
    {"ARM", "CZE", "DEU", "GBR", "NLD", "ROU", "RUS", "SRB", "SVK", "UKR"}
)


def country_of(label: str, labels: Collection[str | None]) -> tuple[str | None, str | None]:
    """Find the country whose answers a cell holds.

    Parameters
    ----------
    label : str
        The alpha-3 code of the country that names the cell.
    labels : collection of str or None
        Those of all cells of the question.

    Returns
    -------
    country : str or None
        Its alpha-3 code; None if it is not known, or not one country's answers in one survey.
    reason : str or None
        Why it is None.

    Examples
    --------
    >>> country_of("ARG", {"ARG", "AUS", "JPN"}), country_of("ARG", {"ARG", "JPN", "SWE"})[0]
    (('AND', None), None)
    >>> country_of("JPN", {"ARG", "JPN"})
    ('JPN', None)
    """
    both = not _EUROPEAN_ALONE.isdisjoint(labels)
    country = (_BOTH if both else _WVS_ALONE).get(label, label)
    if country is None:
        return None, UNKNOWN_LABEL
    if both and label in _VISITED_BY_BOTH:
        return None, POOLED
    return country, None
