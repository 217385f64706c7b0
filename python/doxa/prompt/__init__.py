"""From an item of the questionnaire and a condition to the text that a model gets.

============  ==================================================================================
`condition`   `Condition`: the language, the steering, the order of options and so on
`steering`    `PARTS`: the parts of a steering; a new one is a row there
`order`       the order in which options are shown, and their labels
`texts`       a language's prompt texts, checked
`block`       an item as a prompt shows it, with its options and an example's answers
`example`     the items that a prompt shows with answers; scores leave these items out
`render`      `render`: from an item and a condition to a `Prompt`
`forms`       the forms in which an item is asked, drawn in a balanced design
`surface`     changes to how a question is written
`exchange`    the questionnaire of a language, written to and read from JSON Lines or CSV
============  ==================================================================================

The same item, condition, bank and examples always give the same text.
"""

from doxa.prompt.block import REPLY_FORMS
from doxa.prompt.condition import FORM, LABELS, OFF, PEOPLE_SHOWN, Condition
from doxa.prompt.example import (
    FORMAT_SEED,
    Example,
    choose_examples,
    example_order,
    examples_for,
    excluded_items,
    format_examples,
)
from doxa.prompt.exchange import ImportedQuestions, export_questions, import_questions
from doxa.prompt.forms import Allowed, Form, allowed_in, draw_forms, every_form, form_of, in_form
from doxa.prompt.order import option_labels, ordered_codes
from doxa.prompt.render import Prompt, render, shown_prompt
from doxa.prompt.steering import PARTS, WAVE_YEARS, parse_steering
from doxa.prompt.surface import PLAIN, SURFACES

__all__ = [
    "FORM",
    "FORMAT_SEED",
    "LABELS",
    "OFF",
    "PARTS",
    "PEOPLE_SHOWN",
    "PLAIN",
    "REPLY_FORMS",
    "SURFACES",
    "WAVE_YEARS",
    "Allowed",
    "Condition",
    "Example",
    "Form",
    "ImportedQuestions",
    "Prompt",
    "allowed_in",
    "choose_examples",
    "draw_forms",
    "every_form",
    "example_order",
    "examples_for",
    "excluded_items",
    "export_questions",
    "form_of",
    "format_examples",
    "import_questions",
    "in_form",
    "option_labels",
    "ordered_codes",
    "parse_steering",
    "render",
    "shown_prompt",
]
