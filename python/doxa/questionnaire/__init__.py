"""What is asked: items and their scales, the wording of a language, one TOML file a language.

==============  ==================================================================
`bank`          `QuestionBank`, the questionnaire as a whole
`item`          items, questions, languages and countries
`scale`         options and the distances between them
`strict_toml`   TOML files read key by key, where a wrong key is an error
==============  ==================================================================

Beside them lie ``items.toml`` (the items), ``countries.toml`` (which languages a country was
interviewed in) and one ``<language>.toml`` for each language.
"""

from doxa.questionnaire.bank import QuestionBank
from doxa.questionnaire.item import Country, CountryName, Item, Language, Question
from doxa.questionnaire.scale import Scale, ScaleKind

__all__ = [
    "Country",
    "CountryName",
    "Item",
    "Language",
    "Question",
    "QuestionBank",
    "Scale",
    "ScaleKind",
]
