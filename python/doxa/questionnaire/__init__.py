"""What is asked: items on their scales, and their wording in each language.

==================  ==========================================================================
`bank`              `QuestionBank`: the questionnaire as a whole
`item`              `Item`: what is asked, in no language
`scale`             `Scale`: an item's options and the distances between them
`language`          `Language`, `Question`: the wording in one language
`country`           `Country`, and the reading of ``countries.toml``
`items_file`        the reading of ``items.toml``
`language_file`     the reading of ``<language>.toml``
`strict_toml`       TOML read key by key; a key that is missing, unknown or wrong is an error
`missing`           the codes of missing answers, and the reason that each stands for
`question_records`  questions as records for JSON Lines, as doxa exports and imports them
==================  ==========================================================================

Beside them lie ``items.toml``, ``countries.toml`` (who took part when, interviewed in which
languages) and one ``<language>.toml`` for each language: a new file there is a new language.
"""

from doxa.questionnaire.bank import QuestionBank
from doxa.questionnaire.country import Country
from doxa.questionnaire.item import Item
from doxa.questionnaire.language import CountryName, Language, Question
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
