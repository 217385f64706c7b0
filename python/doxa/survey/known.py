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
        Variables that identify the kind: a file of this kind has all of them.
    holds : callable, optional
        Tells whether a file with the marks is of this kind; takes what `layout` takes.
    """

    layout: Callable[[Source, Mapping[str, Item]], Layout]
    marks: tuple[str, ...]
    holds: Callable[[Source, Mapping[str, Item]], bool] | None = None


@dataclass(frozen=True, slots=True)
class ShareFile:
    """A kind of file with published shares of answers, without respondents.

    Parameters
    ----------
    read : callable
        Reads such a file; takes its path and `as_labelled`, whether to take its country names as
        they stand where they are known to be wrong.
    holds : callable
        Tells whether a file is of this kind.
    """

    read: Callable[..., PublishedShares]
    holds: Callable[[str | Path], bool]


RESPONDENT_FILES: Final = (
    RespondentFile(wvs.time_series_layout, ("S002VS",), wvs.holds_time_series),
    RespondentFile(wvs.joint_layout, ("cntry", "gwght")),
    RespondentFile(wvs.wave_layout, (), wvs.holds_wave),
)
"""Files with respondents. If a file is of two kinds, the first is used."""

SHARE_FILES: Final = (ShareFile(read_global_opinions, holds_global_opinions),)
"""Files with published shares."""


def recognise(source: Source, items: Mapping[str, Item], wave: int | None = None) -> Layout:
    """Recognise a file with respondents by the names of its variables.

    Parameters
    ----------
    source : Source
        The file.
    items : mapping of str to Item
        The items to look for, by their wave-7 names.
    wave : int, optional
        The wave, for a file of one wave that does not say which.

    Raises
    ------
    SurveyError
        The file is not of a kind in `RESPONDENT_FILES`, or `wave` is given for one of several
        waves.
    """
    for kind in RESPONDENT_FILES:
        marked = source.headers.keys() >= set(kind.marks)
        if not marked or not (kind.holds is None or kind.holds(source, items)):
            continue
        if wave is None:
            return kind.layout(source, items)
        if kind.layout is wvs.wave_layout:
            return wvs.wave_layout(source, items, wave)
        raise SurveyError(f"{source.name}: says itself of which waves it is: leave the wave out")
    shown = ", ".join(name[:40] for name in list(source.headers)[:4])
    raise SurveyError(
        f"{source.name}: not a survey file that doxa knows (its first variables are {shown}): "
        "describe it in a TOML file"
    )


def shares_reader(path: str | Path) -> Callable[..., PublishedShares] | None:
    """Find the reader of a file of published shares; None for any other file.

    Raises
    ------
    SurveyError
        The file cannot be read.
    """
    return next((kind.read for kind in SHARE_FILES if kind.holds(path)), None)
