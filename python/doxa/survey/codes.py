"""From cells of a survey file to compact codes of one byte.

A compact code is the index of the answer among `answer_codes`. Missing answers, coded -1 to -5
in the files, become 255 to 251; a value that is neither becomes `IMPOSSIBLE`.
"""

from __future__ import annotations

import functools
import re
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.errors import SurveyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from doxa.questionnaire.item import Item
    from doxa.survey.layout import Variable
    from doxa.survey.statistical import Declared

__all__ = ["IMPOSSIBLE", "MISSING", "answer_codes", "encode", "first_labels", "label_table"]

IMPOSSIBLE: Final = 250
"""The compact code of a value that is no answer and no missing code."""

MISSING: Final[dict[int, str]] = {
    -1: "don't know",
    -2: "no answer",
    -3: "not applicable",
    -4: "not asked",
    -5: "missing or unknown",
}
"""What the survey's missing codes stand for."""

# Codes beyond these are told apart no more: 127 stands for any value that cannot be.
_LOWEST: Final = -128
_HIGHEST: Final = 127
_WHOLE_NUMBER: Final = re.compile(r"-?\d+(\.0+)?")
_COUNTRY_NOTE: Final = re.compile(r"[a-z]{2}: ")


def answer_codes(item: Item) -> tuple[int, ...]:
    """List the codes that count as answers: on the scale, off it, and volunteered.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> answer_codes(QuestionBank.load().items["Q119"])
    (1, 2, 3, 4, 0)
    """
    return item.scale.all_codes + item.spontaneous


def encode(
    column: pl.Series, item: Item, place: Variable, source: str, declared: Declared = ()
) -> NDArray[np.uint8]:
    """Turn a column of a survey file into compact codes.

    Parameters
    ----------
    column : polars.Series
        Numbers, or text with codes or labels.
    item : Item
        The item it answers.
    place : Variable
        Where the file keeps it, with its codes there.
    source : str
        The file, for messages.
    declared : Declared
        Values that the file declares missing; they are so unless they are answers or known
        missing codes. The reason is read from their labels.

    Returns
    -------
    numpy.ndarray
        Shape (n_rows,), uint8.

    Raises
    ------
    SurveyError
        A label is unknown.
    """
    compact = _compact_table(item, place)
    if column.dtype == pl.String:
        own = {_normal(label): code for label, code in place.labels.items()}
        return _encode_text(column, item, own or label_table(item), compact, source)
    column = column if column.null_count() == 0 else column.fill_null(-5)
    if column.dtype == pl.Int8:
        numbers = column.to_numpy()
    elif column.dtype.is_float():
        values = np.nan_to_num(column.to_numpy(), nan=-5.0)
        whole = np.where(values == np.rint(values), values, float(_HIGHEST))
        numbers = np.clip(whole, _LOWEST, _HIGHEST).astype(np.int8)
    else:
        numbers = column.clip(_LOWEST, _HIGHEST).cast(pl.Int8).to_numpy()
    # Seen as unsigned, negative codes follow the others: the table is laid out that way. Bytes
    # are translated by it several times faster than NumPy looks them up.
    encoded = np.frombuffer(numbers.tobytes().translate(compact.tobytes()), dtype=np.uint8)
    return _encode_declared(encoded, column.to_numpy(), declared) if declared else encoded


def _encode_declared(
    encoded: NDArray[np.uint8], values: NDArray[Any], declared: Declared
) -> NDArray[np.uint8]:
    left = encoded == IMPOSSIBLE
    if not left.any():
        return encoded
    encoded = encoded.copy()
    for lowest, highest, label in declared:
        missing = left & (values >= lowest) & (values <= highest)
        encoded[missing] = 256 + (_missing_code(_normal(label)) or -5)
        left &= ~missing
    return encoded


def _compact_table(item: Item, place: Variable) -> NDArray[np.uint8]:
    """Look-up table from codes in the file, modulo 256, to compact codes."""
    table = np.full(256, IMPOSSIBLE, dtype=np.uint8)
    for code in MISSING:
        table[code] = 256 + code
    for code, reason in place.missing.items():
        table[_bounded(code)] = 256 + reason
    answers = answer_codes(item)
    there = place.codes or {code: code for code in answers}
    for code, own in there.items():
        table[code] = answers.index(own)
    return table


def _bounded(code: int) -> int:
    return min(max(code, _LOWEST), _HIGHEST)


def _encode_text(
    column: pl.Series,
    item: Item,
    labels: Mapping[str, int],
    compact: NDArray[np.uint8],
    source: str,
) -> NDArray[np.uint8]:
    answers = answer_codes(item)
    found: dict[str, int] = {}
    unknown: list[str] = []
    for text in column.unique(maintain_order=True).drop_nulls():
        plain = _normal(text)
        if _WHOLE_NUMBER.fullmatch(plain):
            found[text] = int(compact[_bounded(int(float(plain)))])
        elif plain in labels:  # says the answer itself, whatever its code in this file
            found[text] = answers.index(labels[plain])
        elif (code := _missing_code(plain)) is not None:
            found[text] = 256 + code
        else:
            unknown.append(text)
    if unknown:
        shown = "; ".join(repr(text) for text in unknown[:5])
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        known = "; ".join(dict.fromkeys(labels)) or "none"
        raise SurveyError(
            f"{source}, {item.id}: {shown}{more}: labels without a code; known are: {known}"
        )
    codes = column.replace_strict(found, default=256 - 5, return_dtype=pl.UInt8)
    return codes.to_numpy().astype(np.uint8, copy=False)


def _missing_code(plain: str) -> int | None:
    """Find the code of one of the many words for missing."""
    if not plain:
        return -5
    for code, beginnings in _missing_words().items():
        if beginnings.match(plain):
            return code
    # Notes about single countries, "HT: Dropped out survey; RU: …", explain why nothing is there.
    return -5 if _COUNTRY_NOTE.match(plain) else None


def _normal(text: str) -> str:
    text = re.sub(r"\{[^{}]*\}\s*$", "", text)
    return " ".join(text.replace("\u2019", "'").replace("\u00b4", "'").split()).casefold()


def label_table(item: Item) -> dict[str, int]:
    """Give the labels of an item's answers, normalised, with their codes.

    Raises
    ------
    SurveyError
        An answer has no label, though the item's set is listed.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> items = QuestionBank.load().items
    >>> label_table(items["Q142"])["a great deal"], label_table(items["Q65"])["a great deal"]
    (2, 1)
    """
    return {_normal(label): code for code, words in _words(item).items() for label in words}


def first_labels(item: Item) -> dict[int, str]:
    """Give the label of each answer that has words, as files write it.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> first_labels(QuestionBank.load().items["Q57"])
    {1: 'Most people can be trusted', 2: 'Need to be very careful'}
    """
    return {code: words[0] for code, words in _words(item).items()}


def _words(item: Item) -> dict[int, list[str]]:
    tables = _labels()
    entry = tables.get("items", {}).get(item.id) or tables["answers"].get(item.answers, {})
    words = {int(code): labels for code, labels in entry.items()}
    lacking = sorted((set(item.labelled) | set(item.spontaneous)) - words.keys())
    if words and lacking:
        raise SurveyError(f"labels.toml: {item.answers} has no labels for the codes {lacking}")
    return words


@functools.cache
def _labels() -> dict[str, Any]:
    text = files("doxa.survey").joinpath("labels.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@functools.cache
def _missing_words() -> dict[int, re.Pattern[str]]:
    words: dict[str, list[str]] = _labels()["missing"]
    return {
        int(code): re.compile(rf"({'|'.join(re.escape(_normal(one)) for one in some)})\b")
        for code, some in words.items()
    }
