"""The sections of the page, in its order."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["SECTIONS", "PageSection"]


class PageSection(NamedTuple):
    """A section of the page.

    Attributes
    ----------
    id : str
        Its address within the page, and the name of its file in ``assets/sections``.
    name : str
        What the list of contents calls it.
    title : str
        The question that it answers.
    """

    id: str
    name: str
    title: str


SECTIONS: Final = (
    PageSection("summary", "What stands out", "What stands out"),
    PageSection("countries", "Countries", "How close does it come to each country?"),
    PageSection("models", "Models", "Which model comes closest, and where?"),
    PageSection("grid", "Languages", "What does the prompt’s language change?"),
    PageSection("steering", "Steering", "Is steering worth it?"),
    PageSection("time", "Time", "Which years’ people does it answer like?"),
    PageSection("neighbours", "Neighbours", "Asked as one country, like which does it answer?"),
    PageSection("culture", "Culture map", "Where does it lie on the map of cultures?"),
    PageSection("items", "Items", "What did it say, item by item?"),
    PageSection("reliability", "Replies", "Can the replies be trusted?"),
    PageSection("further", "Further measures", "What else do the answers depend on?"),
    PageSection("methods", "Methods", "How was this measured?"),
)
