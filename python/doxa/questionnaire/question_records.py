"""Questions as records, which doxa exports to edit or for other programs, and reads back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from doxa.questionnaire.scale import ScaleKind

__all__ = ["FIELDS", "json_lines", "question_record"]

FIELDS: Final = ("id", "question", "choices", "choice_keys", "answer", "type")
"""The fields of a record, in order."""


def question_record(
    item: str, text: str, options: Iterable[tuple[int, str]], kind: ScaleKind
) -> dict[str, object]:
    """Write a question as a record.

    Parameters
    ----------
    item : str
        The item's id.
    text : str
        The question.
    options : iterable of (int, str)
        Code and label of each option, in the order listed.
    kind : {"ordinal", "nominal"}
        Whether the options have an order.

    Returns
    -------
    dict of str to object
        The keys are `FIELDS`. `choices` holds the labels and `choice_keys` the codes as text;
        `answer` is empty, for other programs to fill.

    Examples
    --------
    >>> record = question_record("Q57", "Trust people?", [(1, "Yes"), (2, "No")], "ordinal")
    >>> record["choices"], record["choice_keys"]
    (['Yes', 'No'], ['1', '2'])
    """
    listed = list(options)
    return {
        "id": item,
        "question": text,
        "choices": [label for _, label in listed],
        "choice_keys": [str(code) for code, _ in listed],
        "answer": "",
        "type": kind,
    }


def json_lines(records: Iterable[Mapping[str, object]]) -> str:
    r"""Write records as JSON Lines, one object per line.

    Examples
    --------
    >>> json_lines([{"id": "Q57"}, {"id": "Q58"}])
    '{"id": "Q57"}\n{"id": "Q58"}\n'
    """
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
