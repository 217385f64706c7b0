"""The names of conditions in published tables: making and reading them.

A name joins the prompt's language, the steering, the group of people, the elicitation and the
reasoning by "_". The defaults (English, "none", "", "verbalized", "off") are left out; if all are
defaults, the name is "none".
The language is "language" if the prompt is in the language of the country that it steers towards,
and the language's code otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from doxa.prompt import OFF

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

__all__ = ["NamedCondition", "condition_name", "parse_condition", "with_condition"]

_KEYS: Final = ("elicitation", "language", "steering", "target", "reasoning", "group")


class NamedCondition(NamedTuple):
    """The language and steering of a condition."""

    language: str
    steering: str


def parse_condition(name: str, target: str, bank: QuestionBank) -> NamedCondition:
    """Read a condition's name.

    Parameters
    ----------
    name : str
        A name such as ``"language_persona"``. One that doxa does not have, such as the study's
        ``"sensitivity-order"``, is taken for a steering of its own, so that it stays apart.
    target : str
        Alpha-3 code of the country steered towards, or "".
    bank : QuestionBank
        The questionnaire, with the languages of each country.

    Raises
    ------
    KeyError
        The prompt is in the language of a country that the bank does not know.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> parse_condition("language_persona", "JPN", QuestionBank.load())
    NamedCondition(language='ja', steering='persona')
    """
    first, _, rest = name.partition("_")
    if first != "language":
        return NamedCondition("en", name)
    return NamedCondition(bank.countries[target].main_language, rest or "none")


def condition_name(
    elicitation: str,
    language: str,
    steering: str,
    target: str,
    reasoning: str = OFF,
    group: str = "",
    *,
    bank: QuestionBank,
) -> str:
    """Give the name of a condition.

    Parameters
    ----------
    elicitation, language, steering, target, reasoning, group : str
        Values of the columns of the replies.
    bank : QuestionBank
        The questionnaire, with the languages of each country.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> bank = QuestionBank.load()
    >>> condition_name("verbalized", "ja", "persona", "JPN", bank=bank)
    'language_persona'
    >>> condition_name("logprobs", "ja", "none", "", bank=bank)
    'ja_logprobs'
    """
    country = bank.countries.get(target)
    own = country is not None and language == country.main_language
    parts = (
        "" if language == "en" else "language" if own else language,
        "" if steering == "none" else steering,
        group,
        "" if elicitation == "verbalized" else elicitation,
        "" if reasoning == OFF else f"thinking-{reasoning}",
    )
    return "_".join(part for part in parts if part) or "none"


def with_condition(frame: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    """Add the names of conditions to a frame.

    Parameters
    ----------
    frame : polars.DataFrame
        A frame with the columns `elicitation, language, steering, target, reasoning, group`.
    bank : QuestionBank
        The questionnaire, with the languages of each country.

    Returns
    -------
    polars.DataFrame
        The same rows with the column `condition`, String.
    """
    ways = frame.select(_KEYS).unique()
    names = [condition_name(*way, bank=bank) for way in ways.iter_rows()]
    named = ways.with_columns(condition=pl.Series(names, dtype=pl.String))
    return frame.join(named, on=_KEYS, how="left", maintain_order="left")
