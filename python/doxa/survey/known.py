"""The survey files that doxa recognises: two tables, one row for each kind of file.

To add a survey, write a reader in a file of its own and give it a row: in `RESPONDENT_FILES` a
function that returns the `Layout` of the file, in `SHARE_FILES` one that returns its
`PublishedShares`. A survey that a user describes in TOML needs neither: see
`doxa.survey.described`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from doxa.errors import SurveyError
from doxa.survey import wvs
from doxa.survey.opinions import holds_global_opinions, read_global_opinions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey.layout import Layout
    from doxa.survey.published import PublishedShares
    from doxa.survey.source import Source

__all__ = ["RESPONDENT_FILES", "SHARE_FILES", "RespondentFile", "ShareFile", "recognise",
           "shares_reader"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RespondentFile:
    """A kind of file with one row per respondent.

    Parameters
    ----------
    layout : callable
        Returns the layout of such a file; takes the `Source` and the items to look for.
    marks : tuple of str
        Variables that identify the kind: a file that has all of them is of this kind.
    """

    layout: Callable[[Source, Mapping[str, Item]], Layout]
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShareFile:
    """A kind of file with published shares of answers, without respondents.

    Parameters
    ----------
    read : callable
        Reads such a file.
    holds : callable
        Tells whether a file is of this kind.
    """

    read: Callable[[str | Path], PublishedShares]
    holds: Callable[[str | Path], bool]


RESPONDENT_FILES: Final = (
    RespondentFile(wvs.wave_7_layout, ("B_COUNTRY",)),
    RespondentFile(wvs.wave_7_layout, ("B_COUNTRY_ALPHA",)),
    RespondentFile(wvs.time_series_layout, ("S002VS",)),
    RespondentFile(wvs.joint_layout, ("cntry", "gwght")),
    RespondentFile(wvs.waves_5_and_6_layout, ("V2", "V4")),
)
"""Files with respondents. If a file has the marks of two kinds, the first kind is used."""

SHARE_FILES: Final = (ShareFile(read_global_opinions, holds_global_opinions),)
"""Files with published shares."""


def recognise(source: Source, items: Mapping[str, Item]) -> Layout:
    """Recognise a file with respondents by the names of its variables.

    Parameters
    ----------
    source : Source
        The file.
    items : mapping of str to Item
        The items to look for, by their wave-7 names.

    Raises
    ------
    SurveyError
        The file is not of a kind in `RESPONDENT_FILES`.
    """
    for kind in RESPONDENT_FILES:
        if source.headers.keys() >= set(kind.marks):
            return kind.layout(source, items)
    shown = ", ".join(list(source.headers)[:4])
    raise SurveyError(
        f"{source.name}: not a survey file that doxa knows (its first variables are {shown}): "
        "describe it in a TOML file"
    )


def shares_reader(path: str | Path) -> Callable[[str | Path], PublishedShares] | None:
    """Find the reader of a file of published shares; None for any other file.

    Raises
    ------
    SurveyError
        The file cannot be read.
    """
    return next((kind.read for kind in SHARE_FILES if kind.holds(path)), None)
