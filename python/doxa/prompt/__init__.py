"""From the questionnaire and a condition to prompts: pure functions, texts in language files."""

from doxa.prompt.condition import Condition
from doxa.prompt.design import balanced_design, latin_orders
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
from doxa.prompt.order import option_labels, ordered_codes
from doxa.prompt.render import Prompt, render, shown_prompt
from doxa.prompt.steering import PARTS, WAVE_YEARS, parse_steering

__all__ = [
    "FORMAT_SEED",
    "PARTS",
    "WAVE_YEARS",
    "Condition",
    "Example",
    "ImportedQuestions",
    "Prompt",
    "balanced_design",
    "choose_examples",
    "example_order",
    "examples_for",
    "excluded_items",
    "export_questions",
    "format_examples",
    "import_questions",
    "latin_orders",
    "option_labels",
    "ordered_codes",
    "parse_steering",
    "render",
    "shown_prompt",
]
