"""An item as a prompt shows it: the question with its options, and for an example its answers.

People's answers stand in the lines of the options: they are something to know, whatever reply is
asked for. An example of the form of a reply ends in a reply of the form that the elicitation asks
for.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Final

from doxa.prompt.order import option_labels, ordered_codes
from doxa.prompt.texts import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.prompt.condition import Condition
    from doxa.prompt.example import Example
    from doxa.prompt.texts import Texts
    from doxa.questionnaire import Question, QuestionBank

__all__ = ["REPLY_FORMS", "block", "openings", "with_shares"]

REPLY_FORMS: Final[Mapping[str, str]] = {
    "logprobs": "label",
    "verbalized": "shares",
    "sampling": "label",
    "sequence": "labels",
}
"""The form of the reply that is asked for, by elicitation: one label, shares, or several labels."""


def block(
    question: Question,
    words: Texts,
    codes: tuple[int, ...],
    labels: tuple[str, ...],
    percentages: Mapping[int, int] | None = None,
) -> str:
    """Write a question with its options, one per line.

    Parameters
    ----------
    question : Question
        The question in a language.
    words : Texts
        The prompt texts of that language.
    codes : tuple of int
        The options' codes, in the order shown.
    labels : tuple of str
        Their labels.
    percentages : mapping of int to int, optional
        How many percent of people chose each code; written after the option.
    """
    word_of = dict(zip(question.item.scale.all_codes, question.labels, strict=True))
    lines = [words.question.format(question=question.text), words.options]
    for label, code in zip(labels, codes, strict=True):
        word = word_of[code]
        line = words.option.format(label=label, option=word) if word else label
        chose = "" if percentages is None else f" ({percentages.get(code, 0)}%)"
        lines.append(line + chose)
    if question.item.has_bare_steps:
        lines.append(words.between)
    return "\n".join(lines)


def with_shares(example: Example, condition: Condition, bank: QuestionBank) -> str:
    """Write an example with the share of people beside each option."""
    question, codes, labels = _shown(example, condition, bank)
    words = texts(bank, condition.language)
    return block(question, words, codes, labels, example.percentages())


@functools.lru_cache(maxsize=1024)
def openings(
    system: str,
    condition: Condition,
    examples: tuple[Example, ...],
    bank: QuestionBank,
    draws: int,
) -> Mapping[str, str]:
    """Write examples of the form of a reply after a text, by elicitation.

    Parameters
    ----------
    system : str
        The text.
    condition : Condition
        Its language, order of options and label style are used.
    examples : tuple of Example
        The examples: at least one.
    bank : QuestionBank
        The question bank.
    draws : int
        The number of answers in a sequence.

    Returns
    -------
    mapping of str to str
        The text with all examples, for each key of `REPLY_FORMS`.
    """
    words = texts(bank, condition.language)
    written: dict[str, list[str]] = {}
    for example in examples:
        question, codes, labels = _shown(example, condition, bank)
        asked = block(question, words, codes, labels)
        label_of = dict(zip(codes, labels, strict=True))
        percentages = example.percentages()
        answers = [label_of[code] for code in example.answers(draws)]
        replies = {
            "label": answers[0],
            "shares": json.dumps({label_of[code]: percentages.get(code, 0) for code in codes}),
            "labels": ", ".join(answers),
        }
        for form, reply in replies.items():
            written.setdefault(form, [system, words.examples_format])
            written[form].append(f"{asked}\n{words.answer}{reply}")
    whole = {form: "\n\n".join(paragraphs) for form, paragraphs in written.items()}
    return {name: whole[form] for name, form in REPLY_FORMS.items()}


def _shown(
    example: Example, condition: Condition, bank: QuestionBank
) -> tuple[Question, tuple[int, ...], tuple[str, ...]]:
    """Return an example's question, and its codes and labels as the condition shows options."""
    question = bank.question(example.item, condition.language)
    codes = ordered_codes(question.item, condition.option_order)
    return question, codes, option_labels(len(codes), condition.label_style)
