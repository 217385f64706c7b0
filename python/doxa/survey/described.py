"""Surveys that a user describes in a small TOML file.

::

    survey = "ANES"                 # its name in the counts
    title = "American National Election Study 1996"
    wave = 1                        # a number, or { column = "round" }
    country = "USA"                 # an alpha-3 code, or { column = "cntry" }
    weight = { column = "w" }       # may be left out: every respondent counts once
    respondent = { column = "id" }  # may be left out: repeated respondents are then not found

    [missing]                       # for each code of a missing answer in the file, its reason:
    8 = -1                          # -1 "don't know", -2 "no answer", -3 "not applicable",
    9 = -2                          # -4 "not asked", -5 "missing or unknown". What SPSS and Stata
                                    # files declare missing need not be named here

    [items.left_right]
    column = "selfLR"
    scale = "ordinal"               # or "nominal"
    codes = [1, 2, 3, 4, 5, 6, 7]   # in the order of the scale
    off_scale = [0]                 # may be left out
    positions = [1, 2, 3, 4, 5, 6, 7]   # may be left out
    labels = ["extremely liberal", …]   # one for each code, those off the scale last; may be
                                        # left out
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from doxa.errors import QuestionnaireError, SurveyError
from doxa.questionnaire.item import Item
from doxa.questionnaire.missing import MISSING_REASONS
from doxa.questionnaire.scale import Scale, ScaleKind
from doxa.questionnaire.strict_toml import read_toml
from doxa.survey.countries import alpha_3
from doxa.survey.layout import Layout, Variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire.strict_toml import TomlTable

__all__ = ["DescribedSurvey", "describe_survey"]


@dataclass(frozen=True, slots=True)
class DescribedSurvey:
    """A survey that its user described: a layout, and the items with their scales.

    Functions that read scales from a `QuestionBank`, such as
    `doxa.distribution.human_distributions`, accept this as well.
    """

    layout: Layout

    @property
    def items(self) -> Mapping[str, Item]:
        """The items, in the file's order."""
        return self.layout.items


def describe_survey(path: str | Path) -> DescribedSurvey:
    """Read the description of a survey.

    Parameters
    ----------
    path : str or Path
        A TOML file as shown at the top of this module.

    Raises
    ------
    SurveyError
        The file cannot be read, or a key is missing, unknown or wrong.
    """
    try:
        return _describe(Path(path))
    except QuestionnaireError as error:
        raise SurveyError(str(error)) from None


def _describe(path: Path) -> DescribedSurvey:
    file = read_toml(path)
    survey = file.take("survey", str)
    title = file.take("title", str)
    wave = file.take("wave", int) if file.holds("wave", int) else _column(file, "wave")
    country, fixed = "", ""
    if file.holds("country", str):
        fixed = file.take("country", str)
        if alpha_3(fixed) != fixed:
            raise file.error(f"is {fixed!r}, not an alpha-3 code such as USA", "country")
    else:
        country = _column(file, "country")
    weight = _column(file, "weight") if file.holds("weight", dict) else None
    respondent = _column(file, "respondent") if file.holds("respondent", dict) else None
    missing = _missing(file.optional_table("missing"))
    items: dict[str, Item] = {}
    variables: dict[str, Variable] = {}
    tables = file.table("items")
    for name in tables.remaining():
        items[name], variables[name] = _item(name, tables.table(name), missing)
    if not items:
        raise tables.error("is empty: describe an item")
    file.finish()
    return DescribedSurvey(
        Layout(title, survey, wave, country, weight, respondent, items, variables, fixed)
    )


def _column(file: TomlTable, key: str) -> str:
    table = file.table(key)
    name = table.take("column", str)
    table.finish()
    return name


def _missing(table: TomlTable) -> dict[int, int]:
    codes = {}
    for key in table.remaining():
        reason = table.take(key, int)
        if not key.lstrip("-").isdecimal() or reason not in MISSING_REASONS:
            reasons = f"{max(MISSING_REASONS)} to {min(MISSING_REASONS)}"
            raise table.error(f"is {reason}: write a code, and {reasons} for the reason", key)
        codes[int(key)] = reason
    return codes


def _item(name: str, table: TomlTable, missing: Mapping[int, int]) -> tuple[Item, Variable]:
    column = table.take("column", str)
    kind = table.take("scale", str)
    codes = table.list_of("codes", int)
    off_scale = table.list_of("off_scale", int, optional=True)
    labels = table.list_of("labels", str, optional=True)
    try:
        scale = Scale(cast("ScaleKind", kind), codes, table.numbers("positions"), off_scale)
    except QuestionnaireError as error:
        raise table.error(str(error)) from None
    table.finish()
    if labels and len(labels) != len(scale.all_codes):
        raise table.error(
            f"{len(labels)} labels for {len(scale.all_codes)} codes: give one each", "labels"
        )
    if any(not 0 <= code < 127 for code in scale.all_codes):
        raise table.error("holds a code that is not between 0 and 126", "codes")
    words = dict(zip(labels, scale.all_codes, strict=True)) if labels else {}
    own = {code: code for code in scale.all_codes}
    # A code of [missing] may be an answer to this item.
    others = {code: reason for code, reason in missing.items() if code not in own}
    return Item(name, "", "", scale, {}), Variable(column, own, others, words)
