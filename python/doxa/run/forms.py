"""The forms of an experiment's items: as conditions, and as an experiment file writes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from doxa.errors import ExperimentError
from doxa.prompt import Form, allowed_in, draw_forms, every_form, in_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from doxa.prompt import Allowed, Condition
    from doxa.questionnaire import QuestionBank

    Drawn = tuple[tuple[Form, ...], ...]

__all__ = ["drawn_forms", "drawn_lines", "expand_forms"]


def expand_forms(
    ways: Sequence[Condition],
    items: Sequence[str],
    forms: int | None,
    allowed: Allowed,
    *,
    bank: QuestionBank,
    seed: int = 0,
) -> tuple[tuple[Condition, ...], Drawn]:
    """Put each way of asking in the forms that are asked.

    Parameters
    ----------
    ways : sequence of Condition
        The ways, each in one form.
    items : sequence of str
        The items.
    forms : int or None
        How many forms are drawn for each item; None for every combination of what was named.
    allowed : Allowed
        The levels that were named.
    bank : QuestionBank
        The questionnaire.
    seed : int
        The seed of the draw.

    Returns
    -------
    conditions : tuple of Condition
        Every way in every form that occurs; those with the same instruction follow each other.
    drawn : tuple of tuple of Form
        The forms of each item; empty if it is asked in all of them.

    Raises
    ------
    ExperimentError
        A language lacks what was named, or an item has too few forms.
    """
    complete = allowed_in([way.language for way in ways], allowed, bank)
    drawn: Drawn = ()
    if forms is None:
        every = every_form(allowed)
    else:
        drawn = tuple(draw_forms(items, forms, complete, bank=bank, seed=seed).values())
        every = tuple(sorted({form for own in drawn for form in own}, key=_place))
        if all(set(own) == set(every) for own in drawn):
            drawn = ()
    return tuple(in_form(way, form) for way in ways for form in every), drawn


def _place(form: Form) -> tuple[str, ...]:
    """Sort by what stands first in a prompt, so that what prompts share is evaluated once."""
    return form.template, form.label_style, form.option_order, form.wording, form.surface


def drawn_forms(table: Mapping[str, Any], items: Sequence[str]) -> Drawn:
    """Read the table `drawn` of an experiment file.

    Parameters
    ----------
    table : mapping of str to list of str
        For each item its forms: their fields, in the order of `doxa.prompt.Form`, with blanks.
    items : sequence of str
        The items that are asked.

    Raises
    ------
    ExperimentError
        An item is missing, or a form has other fields.

    Examples
    --------
    >>> drawn_forms({"Q1": ["a plain a reversed numbers"]}, ["Q1"])[0][0].option_order
    'reversed'
    """
    if not table:
        return ()
    for item in items:
        if item not in table:
            raise ExperimentError(f"drawn has no forms of {item}: add them, or leave out drawn")
    found = []
    for item in items:
        forms = [str(text).split(" ") for text in table[item]]
        if not forms or any(len(fields) != len(Form._fields) for fields in forms):
            raise ExperimentError(
                f"drawn: {item} = {table[item]}: write its forms as {', '.join(Form._fields)}"
            )
        found.append(tuple(Form(*fields) for fields in forms))
    return tuple(found)


def drawn_lines(items: Sequence[str], drawn: Drawn) -> Iterator[str]:
    """Yield the lines of the table that `drawn_forms` reads."""
    for item, forms in zip(items, drawn, strict=True):
        yield f"{item} = {json.dumps([' '.join(form) for form in forms])}"
