"""Cells and replies, and how they are written to rows and read back."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import polars as pl

from doxa.backend.request import Answer
from doxa.outside.documents import json_of
from doxa.outside.numbers import MOST_TOKENS, BadNumberError, whole
from doxa.store.seal import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from polars import DataType
    from polars.datatypes import DataTypeClass

    from doxa.backend.request import ModelCard
    from doxa.elicit import Reading
    from doxa.store.seal import Row

__all__ = [
    "CELL_TABLE",
    "REPLY_COLUMNS",
    "THOUGHT_ENDS",
    "Cell",
    "Reply",
    "answer_of",
    "frame_of",
    "row_of",
]


CELL_TABLE: Final = """
CREATE TABLE cells (
    position INTEGER PRIMARY KEY,
    model TEXT NOT NULL, question TEXT NOT NULL, language TEXT NOT NULL,
    steering TEXT NOT NULL, target TEXT NOT NULL, "group" TEXT NOT NULL,
    wording TEXT NOT NULL, surface TEXT NOT NULL, template TEXT NOT NULL,
    option_order TEXT NOT NULL, label_style TEXT NOT NULL, reasoning TEXT NOT NULL,
    draw INTEGER NOT NULL, elicitation TEXT NOT NULL,
    request_key TEXT NOT NULL, attempt INTEGER NOT NULL, checksum INTEGER NOT NULL,
    UNIQUE (
        model, language, steering, target, "group", wording, surface, template, option_order,
        label_style, reasoning, question, elicitation, draw
    )
)
"""


class Cell(NamedTuple):
    """One item, asked of one model in one way, for one draw; each reply belongs to a cell.

    Attributes
    ----------
    model : str
        The model's name, as on its card.
    question : str
        The item's id.
    language, steering, target, group, wording, surface, template, option_order, label_style, \
reasoning : str
        The condition, as `doxa.prompt.Condition` names it.
    draw : int
        Which of the repeated replies, from 0.
    elicitation : str
        A key of `doxa.elicit.ELICITATIONS`.
    """

    model: str
    question: str
    language: str
    steering: str
    target: str
    group: str
    wording: str
    surface: str
    template: str
    option_order: str
    label_style: str
    reasoning: str
    draw: int
    elicitation: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer and how it was read.

    Parameters
    ----------
    request_key : str
        From `doxa.backend.request_key`.
    reading : Reading
        The distribution, or the named failure.
    codes : tuple of int
        The item's codes: on the scale in its order, then off it.
    answer : Answer
        The whole answer of the backend.
    """

    request_key: str
    reading: Reading
    codes: tuple[int, ...]
    answer: Answer


REPLY_COLUMNS: dict[str, DataType | DataTypeClass] = {
    "request_key": pl.String,
    "model": pl.String,
    "backend": pl.String,
    "question": pl.String,
    "language": pl.String,
    "steering": pl.String,
    "target": pl.String,
    "group": pl.String,
    "wording": pl.String,
    "surface": pl.String,
    "template": pl.String,
    "option_order": pl.String,
    "label_style": pl.String,
    "reasoning": pl.String,
    "draw": pl.Int64,
    "elicitation": pl.String,
    "status": pl.String,
    "codes": pl.List(pl.Int64),
    "probabilities": pl.List(pl.Float64),
    "lower": pl.List(pl.Float64),
    "upper": pl.List(pl.Float64),
    "off_option_mass": pl.Float64,
    "text": pl.String,
    "prompt_tokens": pl.Int64,
    "completion_tokens": pl.Int64,
    "seconds": pl.Float64,
    "n_draws": pl.Int64,
    "reason": pl.String,
    "thought": pl.String,
    "thought_status": pl.String,
    "thought_tokens": pl.Int64,
    "server": pl.String,
}
"""The columns of the replies' frame, in order."""

THOUGHT_ENDS: Final = ("closed", "cut", "left")
"""The values of `thought_status` where there is a thought."""

_NO_THOUGHT: Final = {"thought": "", "thought_status": "none", "thought_tokens": 0}
"""What the answers of older versions lack."""

_TOKENS = ("prompt_tokens", "completion_tokens", "thought_tokens")


def row_of(card: ModelCard, reply: Reply) -> Row:
    """Return a reply as a row of the table `replies`."""
    reading = reply.reading
    probabilities = None
    if reading.status == "ok":
        probabilities = json.dumps([reading.probabilities[code] for code in reply.codes])
    mass = reading.off_option_mass
    return (
        reply.request_key,
        reading.status,
        reading.reason,
        json.dumps(reply.codes),
        probabilities,
        None if mass is None else float(mass),
        json.dumps(asdict(reply.answer) | _bounds_of(reply), ensure_ascii=False),
        card.backend,
        json.dumps(dict(card.versions), sort_keys=True),
        reading.n_draws,
    )


def _bounds_of(reply: Reply) -> dict[str, list[float]]:
    """Return between what the shares lie, in the order of the codes; nothing if they are exact."""
    reading = reply.reading
    bounds = {"lower": reading.lower, "upper": reading.upper}
    return {
        name: [values[code] for code in reply.codes if code in values]
        for name, values in bounds.items()
        if values
    }


def frame_of(cells: Iterable[Row], replies: Mapping[str, Row]) -> pl.DataFrame:
    """Return the replies' frame.

    Parameters
    ----------
    cells : iterable of tuple
        Rows of the table `cells`, in the order of the frame.
    replies : Mapping
        Rows of the table `replies` by their key.
    """
    columns: dict[str, list[Any]] = {name: [] for name in REPLY_COLUMNS}
    for cell in cells:
        found: dict[str, Any] = dict(zip(TABLES["cells"].columns, cell, strict=True))
        row = replies.get(found["request_key"])
        if row is None:
            continue
        found.update(zip(TABLES["replies"].columns, row, strict=True))
        answer = _NO_THOUGHT | json_of(found["answer"])
        for name in ("text", "seconds", "thought", "thought_status"):
            found[name] = answer[name]
        for name in _TOKENS:
            found[name] = _tokens(answer[name])
        found["server"] = answer.get("server", "")
        found |= {name: answer.get(name) for name in ("lower", "upper")}
        for name in ("codes", "probabilities"):
            found[name] = None if found[name] is None else json_of(found[name])
        for name, values in columns.items():
            values.append(found[name])
    return pl.DataFrame(columns, schema=REPLY_COLUMNS)


def _tokens(value: object) -> int | None:
    """Return a number of tokens; None if an older version kept what a server made up."""
    with suppress(BadNumberError):
        return whole(value, "tokens", most=MOST_TOKENS)
    return None


def answer_of(text: str) -> Answer:
    """Return the answer that a row holds; a row of an older version may lack fields."""
    names = {field.name for field in fields(Answer)}
    values = {name: value for name, value in json_of(text).items() if name in names}
    for name in _TOKENS[:2]:
        values[name] = _tokens(values.get(name))
    for name in ("log_probabilities", "baseline", "ceilings"):
        values[name] = tuple(values.get(name, ()))
    return Answer(**values)
