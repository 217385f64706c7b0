"""From the cells of a survey file to compact codes of one byte.

The compact code of an answer is its index in `answer_codes`. That of a missing answer is its own
negative code modulo 256: 255 for -1, 254 for -2 and so on. Any other value is `IMPOSSIBLE`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa._core import FIRST_MISSING
from doxa.errors import SurveyError
from doxa.questionnaire.missing import MISSING_REASONS, UNKNOWN
from doxa.survey.labels import label_table, missing_code, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from doxa.questionnaire.item import Item
    from doxa.survey.layout import Variable
    from doxa.survey.statistical import Declared

__all__ = ["IMPOSSIBLE", "answer_codes", "encode"]

IMPOSSIBLE: Final = FIRST_MISSING
"""The compact code of a value that is neither an answer nor the code of a missing answer."""

# Codes outside this range become its nearest end, which is never an answer.
_LOWEST: Final = -128
_HIGHEST: Final = 127
_WHOLE_NUMBER: Final = re.compile(r"-?\d+(\.0+)?")


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
    column: pl.Series, item: Item, place: Variable, source: str, declared: Declared = ()
) -> NDArray[np.uint8]:
    """Turn a column of a survey file into compact codes.

    Parameters
    ----------
    column : polars.Series
        Numbers, or text with codes or labels.
    item : Item
        The item whose answers the column holds.
    place : Variable
        The item's variable in the file, with the codes used there.
    source : str
        The file, for messages.
    declared : Declared
        Values that the file declares missing. They count as missing for the reason that their
        label gives, unless they are answers or codes of missing answers already.

    Returns
    -------
    numpy.ndarray
        Shape (n_rows,), uint8.

    Raises
    ------
    SurveyError
        A label has no code.
    """
    compact = _compact_table(item, place)
    if column.dtype == pl.String:
        own = {plain(label): code for label, code in place.labels.items()}
        return _encode_text(column, item, own or label_table(item), compact, source)
    column = column if column.null_count() == 0 else column.fill_null(UNKNOWN)
    if column.dtype == pl.Int8:
        numbers = column.to_numpy()
    elif column.dtype.is_float():
        values = np.nan_to_num(column.to_numpy(), nan=float(UNKNOWN))
        whole = np.where(values == np.rint(values), values, float(_HIGHEST))
        numbers = np.clip(whole, _LOWEST, _HIGHEST).astype(np.int8)
    else:
        numbers = column.clip(_LOWEST, _HIGHEST).cast(pl.Int8).to_numpy()
    # The table has an entry for each byte: read as unsigned, negative codes come after the others.
    # Translating bytes is several times faster than looking them up with NumPy.
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
        encoded[missing] = 256 + (missing_code(plain(label)) or UNKNOWN)
        left &= ~missing
    return encoded


def _compact_table(item: Item, place: Variable) -> NDArray[np.uint8]:
    """Make a table from the codes in the file, modulo 256, to compact codes."""
    table = np.full(256, IMPOSSIBLE, dtype=np.uint8)
    for code in MISSING_REASONS:
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
        label = plain(text)
        if _WHOLE_NUMBER.fullmatch(label):
            found[text] = int(compact[_bounded(int(float(label)))])
        elif label in labels:  # the label names the answer; the file's code for it does not matter
            found[text] = answers.index(labels[label])
        elif (code := missing_code(label)) is not None:
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
    codes = column.replace_strict(found, default=256 + UNKNOWN, return_dtype=pl.UInt8)
    return codes.to_numpy().astype(np.uint8, copy=False)
