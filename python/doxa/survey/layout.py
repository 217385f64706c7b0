"""Layouts: which variables of a survey's file hold the country, the weight and each item."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire.item import Item

__all__ = ["Layout", "Variable"]


@dataclass(frozen=True, slots=True)
class Variable:
    """The variable of a file that holds an item.

    Parameters
    ----------
    name : str
        The variable.
    codes : mapping of int to int
        From the codes of answers in the file to the item's own; empty where they are the same.
    missing : mapping of int to int
        From codes of missing answers in the file to those of `doxa.questionnaire.missing`, for
        files that use others.
    labels : mapping of str to int
        From the labels in the file's cells to the item's codes, for labels that doxa's own table
        lacks.
    """

    name: str
    codes: Mapping[int, int] = field(default_factory=dict, hash=False)
    missing: Mapping[int, int] = field(default_factory=dict, hash=False)
    labels: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Layout:
    """The variables in which a survey's file keeps the country, the weight and each item.

    Parameters
    ----------
    title : str
        The name of the survey and wave, for people.
    survey : str
        The survey's name in the counts.
    wave : int or str
        The wave, or the variable that holds it.
    country : str
        The variable that holds the country, as a code or a name.
    weight : str or None
        The variable that holds the weight; None for a file without weights.
    respondent : str or None
        The variable that holds the respondent's number.
    items : mapping of str to Item
        The items to look for.
    variables : mapping of str to Variable
        The variable of each item.
    fixed_country : str
        The alpha-3 code, for a survey of one country; `country` is then "".
    complete : bool
        Whether every complete file of this kind, with several countries, has all of `variables`.
    wave_variable : str
        The variable that states the wave on each row, where `wave` is a number; "" without one.
    wrong_headers : mapping of str to str
        What is wrong with the header of an item's variable, by item. These are not read.
    kind : str
        The kind of file, by which ``subpopulations.toml`` names variables: "wave_4" to "wave_7",
        "time_series", "joint"; "" for other surveys.
    cluster, stratum : str or None
        The variables of the primary sampling unit and of the stratum.
    notes : tuple of str
        How the wave and the country were found, and what speaks against them.
    """

    title: str
    survey: str
    wave: int | str
    country: str
    weight: str | None
    respondent: str | None
    items: Mapping[str, Item] = field(hash=False)
    variables: Mapping[str, Variable] = field(hash=False)
    fixed_country: str = ""
    complete: bool = True
    wave_variable: str = ""
    wrong_headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    kind: str = ""
    notes: tuple[str, ...] = ()
    cluster: str | None = None
    stratum: str | None = None
