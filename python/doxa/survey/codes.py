"""From the cells of a survey file to compact codes of one byte.

The compact code of an answer is its index in `answer_codes`. That of a missing answer is its own
negative code modulo 256: 255 for -1, 254 for -2 and so on. A value that no table knows is
`UNKNOWN_VALUE`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.questionnaire.missing import MISSING_REASONS, UNKNOWN, UNKNOWN_LABEL
from doxa.survey.labels import label_key, label_table, plain
from doxa.survey.matching import WHOLE_NUMBER, match_label, missing_code, names_missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from doxa.questionnaire.item import Item
    from doxa.survey.layout import Variable
    from doxa.survey.statistical import Declared

__all__ = ["UNKNOWN_VALUE", "Encoded", "answer_codes", "encode"]

UNKNOWN_VALUE: Final = UNKNOWN_LABEL % 256
"""The compact code of a value that is neither an answer nor the code of a missing answer."""

# Codes outside this range become its nearest end, which is never an answer.
_LOWEST: Final = -128
_HIGHEST: Final = 127


@dataclass(frozen=True, slots=True)
class Encoded:
    """A column of answers as compact codes.

    Attributes
    ----------
    codes : numpy.ndarray
        Shape (n_rows,), uint8.
    unknown : mapping of str to int
        The values that no table knows, as the file has them, and how often.
    worded : mapping of str to tuple
        The labels that say in words of their own that an answer is missing: the code of the reason,
        and how often. Those that name the reason and no more are not listed.
    """

    codes: NDArray[np.uint8] = field(repr=False)
    unknown: Mapping[str, int]
    worded: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def answer_codes(item: Item) -> tuple[int, ...]:
    """List the codes of an item's answers: on the scale, off it, then volunteered.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> answer_codes(QuestionBank.load().items["Q119"])
    (1, 2, 3, 4, 0)
    """
    return item.known_codes


def encode(
    column: pl.Series,
    item: Item,
    place: Variable,
    *,
    labels: Mapping[str, int] | None = None,
    declared: Declared = (),
) -> Encoded:
    """Turn a column of a survey file into compact codes.

    Parameters
    ----------
    column : polars.Series
        Numbers, or text with codes or labels.
    item : Item
        The item whose answers the column holds.
    place : Variable
        The item's variable in the file, with the codes used there.
    labels : mapping of str to int, optional
        The user's own labels, as `doxa.survey.labels.label_key` makes them, and their codes. They
        go before doxa's.
    declared : Declared
        Values that the file declares missing. They count as missing for the reason that their
        label gives, unless they are answers or codes of missing answers already.
    """
    compact = _compact_table(item, place, labels or {})
    if column.dtype == pl.String:
        return _encode_text(column, item, place, labels or {}, compact)
    numbers = column if column.null_count() == 0 else column.fill_null(UNKNOWN)
    # The table has an entry for each byte: read as unsigned, negative codes come after the others.
    # Translating bytes is several times faster than looking them up with NumPy.
    codes = np.frombuffer(_bytes(numbers).tobytes().translate(compact.tobytes()), dtype=np.uint8)
    if declared:
        codes = _encode_declared(codes, numbers.to_numpy(), declared)
    left = pl.Series(codes == UNKNOWN_VALUE)
    unknown = dict(numbers.filter(left).value_counts(sort=True).iter_rows()) if left.any() else {}
    return Encoded(codes, {f"{value:g}": n for value, n in unknown.items()})


def _bytes(numbers: pl.Series) -> NDArray[np.int8]:
    """Give codes as bytes; one that fits none becomes the highest."""
    if numbers.dtype == pl.Int8:
        return numbers.to_numpy()
    if numbers.dtype.is_float():
        values = np.nan_to_num(numbers.to_numpy(), nan=float(UNKNOWN))
        whole = np.where(values == np.rint(values), values, float(_HIGHEST))
        return np.clip(whole, _LOWEST, _HIGHEST).astype(np.int8)
    return numbers.clip(_LOWEST, _HIGHEST).cast(pl.Int8).to_numpy()


def _encode_declared(
    encoded: NDArray[np.uint8], values: NDArray[Any], declared: Declared
) -> NDArray[np.uint8]:
    left = encoded == UNKNOWN_VALUE
    if not left.any():
        return encoded
    encoded = encoded.copy()
    for lowest, highest, label in declared:
        missing = left & (values >= lowest) & (values <= highest)
        encoded[missing] = 256 + (missing_code(label) or UNKNOWN)
        left &= ~missing
    return encoded


def _compact_table(item: Item, place: Variable, own: Mapping[str, int]) -> NDArray[np.uint8]:
    """Make a table from the codes in the file, modulo 256, to compact codes."""
    table = np.full(256, UNKNOWN_VALUE, dtype=np.uint8)
    for code in MISSING_REASONS:
        table[code] = 256 + code
    for code, reason in place.missing.items():
        table[_bounded(code)] = 256 + reason
    answers = answer_codes(item)
    there = place.codes or {code: code for code in answers}
    for code, here in there.items():
        table[code] = answers.index(here)
    for label, here in own.items():
        if label.lstrip("-").isdecimal():
            table[_bounded(int(label))] = 256 + here if here < 0 else answers.index(here)
    return table


def _bounded(code: int) -> int:
    return min(max(code, _LOWEST), _HIGHEST)


def _encode_text(
    column: pl.Series,
    item: Item,
    place: Variable,
    own: Mapping[str, int],
    compact: NDArray[np.uint8],
) -> Encoded:
    answers = answer_codes(item)
    known = {plain(label): code for label, code in place.labels.items()} or label_table(item)

    def read_code(number: int) -> int | None:
        code = int(compact[_bounded(number)])
        if code < len(answers):
            return answers[code]
        return None if code == UNKNOWN_VALUE else code - 256

    def read(text: str) -> int | None:
        if own and label_key(text) in own:
            return own[label_key(text)]
        if number := WHOLE_NUMBER.fullmatch(text):
            return read_code(int(number[1]))
        return match_label(text, known, read_code)

    found: dict[str, int] = {}
    unknown: dict[str, int] = {}
    worded: dict[str, tuple[int, int]] = {}
    for text, n in column.drop_nulls().value_counts(sort=True).iter_rows():
        code = read(text)
        if code is None:
            unknown[text] = n
        elif code < 0 and not (WHOLE_NUMBER.fullmatch(text) or names_missing(text)):
            worded[text] = code, n
        found[text] = (
            UNKNOWN_VALUE if code is None else 256 + code if code < 0 else answers.index(code)
        )
    codes = column.replace_strict(found, default=256 + UNKNOWN, return_dtype=pl.UInt8)
    return Encoded(codes.to_numpy().astype(np.uint8, copy=False), unknown, worded)
