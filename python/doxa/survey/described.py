"""Surveys that a user describes in a small TOML file.

::

    survey = "ANES"                 # its name in the counts
    title = "American National Election Study 1996"
    wave = 1                        # a number, or { column = "round" }
    country = "USA"                 # an alpha-3 code, or { column = "cntry" }
    weight = { column = "w" }       # may be left out: every respondent counts once
    respondent = { column = "id" }  # may be left out: repeated respondents are then not found
    cluster = { column = "psu" }    # may be left out: the primary sampling unit,
    stratum = { column = "strat" }  # and its stratum; they decide the effective sample size

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

For a questionnaire of one's own, an item needs no more than its column; its scale and its labels
are the questionnaire's::

    [items.home]
    column = "v12"
    recode = { 5 = 1, 4 = 2 }       # where the file has other codes: the item's code for each
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from doxa.errors import QuestionnaireError, SurveyError
from doxa.questionnaire.item import Item
from doxa.questionnaire.missing import MISSING_REASONS
from doxa.questionnaire.own import HIGHEST_CODE
from doxa.questionnaire.scale import Scale, ScaleKind
from doxa.questionnaire.strict_toml import read_toml
from doxa.survey.countries import alpha_3
from doxa.survey.layout import Layout, Variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire import QuestionBank
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


def describe_survey(path: str | Path, questionnaire: QuestionBank | None = None) -> DescribedSurvey:
    """Read the description of a survey.

    Parameters
    ----------
    path : str or Path
        A TOML file as shown at the top of this module.
    questionnaire : QuestionBank, optional
        The questionnaire whose items the file holds.

    Raises
    ------
    SurveyError
        The file cannot be read, or a key is missing, unknown or wrong.
    """
    try:
        return _describe(Path(path), questionnaire)
    except QuestionnaireError as error:
        raise SurveyError(str(error)) from None


def _describe(path: Path, questionnaire: QuestionBank | None) -> DescribedSurvey:
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
    weight, respondent, cluster, stratum = (
        _column(file, key) if file.holds(key, dict) else None
        for key in ("weight", "respondent", "cluster", "stratum")
    )
    missing = _missing(file.optional_table("missing"))
    items: dict[str, Item] = {}
    variables: dict[str, Variable] = {}
    tables = file.table("items")
    for name in tables.remaining():
        table = tables.table(name)
        items[name], variables[name] = (
            _item(name, table, missing)
            if questionnaire is None
            else _known_item(name, table, missing, questionnaire)
        )
    if not items:
        raise tables.error("is empty: describe an item")
    file.finish()
    return DescribedSurvey(
        Layout(title, survey, wave, country, weight, respondent, items, variables, fixed,
               cluster=cluster, stratum=stratum)
    )  # fmt: skip


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
    if any(not 0 <= code <= HIGHEST_CODE for code in scale.all_codes):
        raise table.error(f"holds a code that is not between 0 and {HIGHEST_CODE}", "codes")
    words = dict(zip(labels, scale.all_codes, strict=True)) if labels else {}
    own = {code: code for code in scale.all_codes}
    # A code of [missing] may be an answer to this item.
    others = {code: reason for code, reason in missing.items() if code not in own}
    return Item(name, "", "", scale, {}), Variable(column, own, others, words)


def _known_item(
    name: str, table: TomlTable, missing: Mapping[int, int], bank: QuestionBank
) -> tuple[Item, Variable]:
    """Find an item of a questionnaire in the file."""
    item = bank.items.get(name)
    if item is None:
        raise table.error(f"is not an item of {bank.path}: there are {', '.join(bank.items)}")
    column = table.take("column", str)
    codes = {code: code for code in item.known_codes}
    given = table.optional_table("recode")
    if [*given.remaining()]:
        codes = {}
        for key in given.remaining():
            code = given.take(key, int)
            if not key.isdecimal() or int(key) > HIGHEST_CODE or code not in item.known_codes:
                known = ", ".join(map(str, item.known_codes))
                raise given.error(f"is {code}: write a code of the file, and one of {known}", key)
            codes[int(key)] = code
    table.finish()
    others = {code: reason for code, reason in missing.items() if code not in codes}
    words = {
        word: code
        for language in bank.languages
        if name in bank.language(language).questions
        for code in item.labelled
        for word in [bank.question(name, language).label(code)]
    }
    return item, Variable(column, codes, others, words)
