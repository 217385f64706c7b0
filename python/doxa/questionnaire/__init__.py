"""What is asked: items on their scales, and their wording in each language.

==================  =========================================================================
`bank`              `QuestionBank`: the questionnaire as a whole
`item`              `Item`: what is asked, apart from any wording
`scale`             `Scale`: an item's options and the distances between them
`language`          `Language`, `Question`: the wording in one language
`group`             groups of people: their variables, categories and texts
`group_words`       the words of a language for them
`group_rows`        the counts of their answers
`country`           `Country`, and the reading of ``countries.toml``
`items_file`        the reading of ``items.toml``
`language_file`     the reading of ``<language>.toml``
`own`               a questionnaire of one's own, in one TOML file
`own_table`         the same as a CSV file
`own_text`          any questionnaire written as such a file
`template`          what a new one begins with
`checks`            what one holds and lacks
`strict_toml`       TOML read key by key; a key that is missing, unknown or wrong is an error
`read_only`         read-only mappings that can be pickled
`missing`           the codes of missing answers, and the reason that each stands for
`question_records`  questions as records for JSON Lines, as doxa exports and imports them
==================  =========================================================================

The folder also holds ``items.toml``, ``countries.toml`` (each country's waves and languages of
interview) and one ``<language>.toml`` for each language. To add a language, add such a file.
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
