"""The header of a GGUF file: its metadata, and how many parameters its tensors have.

Only the header is read, and of a vocabulary only where it ends: hundreds of files are read in a
second or two.
"""

from __future__ import annotations

import mmap
import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from doxa.errors import ModelError
from doxa.files import reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Header", "HeaderError", "read_header"]

_MAGIC: Final = b"GGUF"
_VERSIONS: Final = (2, 3)
_STRING: Final = 8
_ARRAY: Final = 9
_NUMBERS: Final = dict(zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), "BbHhIif?Qqd", strict=True))
"""The kinds of single values, as the format numbers them, by their letters of `struct`."""

_MOST_ENTRIES: Final = 100_000
"""The most values, and the most tensors, of a header; real ones have some dozens, and thousands."""
_MOST_STRINGS: Final = 2_000_000
"""The most strings of all lists together that are walked one by one."""
_MOST_DIMENSIONS: Final = 4
_LONGEST_KEY: Final = 65_535
_SHORT: Final = "it ends too early"

_AFTER: Final = tuple(
    b"\0\0\0\0\0\0\0" + room for room in (b"tokenizer.", b"general.", b"quantize.", b"split.")
)
"""How the key after a list of strings begins, with the end of its length before it."""

_KINDS: Final = dict(
    enumerate(
        re.findall(
            r"\S+",
            "F32 F16 Q4_0 Q4_1 - - - Q8_0 Q5_0 Q5_1 Q2_K Q3_K_S Q3_K_M Q3_K_L Q4_K_S Q4_K_M Q5_K_S "
            "Q5_K_M Q6_K IQ2_XXS IQ2_XS Q2_K_S IQ3_XS IQ3_XXS IQ1_S IQ4_NL IQ3_S IQ3_M IQ2_S IQ2_M "
            "IQ4_XS IQ1_M BF16 - - - TQ1_0 TQ2_0 MXFP4 NVFP4 Q1_0",
        )
    )
)
"""The quantisations, by the number that ``general.file_type`` has for them."""


class HeaderError(ModelError):
    """The header of a model file is damaged, or of another format.

    Parameters
    ----------
    file : pathlib.Path
        The file.
    why : str
        What is wrong, and what to do.
    """

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"model {file} cannot be loaded: {why}")
        self.why = why


class _DamagedError(Exception):
    """What was read is not what the format has there; the text says what."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF file says of itself.

    Parameters
    ----------
    values : Mapping of str to object
        Its metadata without lists.
    tensors : int
        The number of its tensors.
    parameters : int
        The numbers in all tensors together.
    """

    values: Mapping[str, Any]
    tensors: int
    parameters: int

    @property
    def architecture(self) -> str:
        """The architecture, such as ``"llama"``; ``""`` if the file names none."""
        return self._text("general.architecture")

    @property
    def context_length(self) -> int | None:
        """The number of tokens that the model was trained to read at once, if the file tells."""
        found = self.values.get(f"{self.architecture}.context_length")
        return found if isinstance(found, int) else None

    @property
    def chat_template(self) -> str:
        """The Jinja source of the chat template, ``""`` for none."""
        return self._text("tokenizer.chat_template")

    @property
    def quantization(self) -> str:
        """The quantisation of most of its tensors, such as ``"Q4_K_M"``, ``""`` if unknown."""
        kind = self.values.get("general.file_type")
        return _KINDS.get(kind, "").strip("-") if isinstance(kind, int) else ""

    def _text(self, key: str) -> str:
        found = self.values.get(key)
        return found if isinstance(found, str) else ""


def read_header(file: Path) -> Header:
    """Read the header of a GGUF file.

    Parameters
    ----------
    file : pathlib.Path
        The file.

    Raises
    ------
    HeaderError
        It is no GGUF file, damaged, or of a version that llama.cpp no longer reads.
    ModelError
        It cannot be read.
    """
    try:
        return _read(file)
    except OSError as error:
        raise ModelError(f"model {file} cannot be read: {reason(error)}") from None


def _read(file: Path) -> Header:
    with file.open("rb") as stream:
        start = stream.read(8)
        if not start.startswith(_MAGIC):
            raise HeaderError(file, f"it is not a GGUF file (it begins with {start[:4]!r})")
        version = int.from_bytes(start[4:], "little")
        if version not in _VERSIONS:
            turned = int.from_bytes(start[4:], "big") in _VERSIONS
            why = "big-endian numbers" if turned else f"version {version}"
            raise HeaderError(
                file, f"its header is damaged, or not of today's format ({why}); download it again"
            )
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            # what comes after a vocabulary is looked for; if the header makes no sense so, the
            # vocabulary is walked through
            why = ""
            for walked in (False, True):
                try:
                    return _Reader(data, walked=walked).header()
                except (_DamagedError, struct.error) as error:
                    why = str(error) if isinstance(error, _DamagedError) else _SHORT
    raise HeaderError(file, f"its header is damaged ({why}); download it again")


class _Reader:
    """Reads a header from its start to its end."""

    def __init__(self, data: mmap.mmap, *, walked: bool) -> None:
        self._data = data
        self._at = 8
        self._walked = walked
        self._strings = 0

    def header(self) -> Header:
        tensors, entries = self._number("Q"), self._number("Q")
        self._walked |= not tensors  # tensors tell whether a jump led to the right place
        if max(tensors, entries) > _MOST_ENTRIES:
            raise _DamagedError(f"{entries} values, {tensors} tensors")
        values = {}
        for _ in range(entries):
            key = self._string(_LONGEST_KEY).decode("utf-8", "replace")
            kind = self._number("I")
            if kind == _ARRAY:
                self._skip_list()
            else:
                values[key] = self._value(kind)
        parameters = furthest = 0
        for _ in range(tensors):
            numbers, offset = self._tensor()
            parameters += numbers
            furthest = max(furthest, offset)
        if tensors and self._at + furthest >= len(self._data):
            raise _DamagedError(_SHORT)
        return Header(values, tensors, parameters)

    def _number(self, letter: str) -> Any:
        [found] = struct.unpack_from(f"<{letter}", self._data, self._at)
        self._at += struct.calcsize(f"<{letter}")
        return found

    def _string(self, longest: int) -> bytes:
        length = self._number("Q")
        if length > longest or self._at + length > len(self._data):
            raise _DamagedError(_SHORT)
        self._at += length
        return self._data[self._at - length : self._at]

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string(len(self._data)).decode("utf-8", "replace")
        if kind not in _NUMBERS:
            raise _DamagedError(f"a value of the unknown kind {kind}")
        return self._number(_NUMBERS[kind])

    def _skip_list(self) -> None:
        kind, length = self._number("I"), self._number("Q")
        if kind not in (_STRING, *_NUMBERS):
            raise _DamagedError(f"a list of the unknown kind {kind}")
        least = 8 if kind == _STRING else struct.calcsize(f"<{_NUMBERS[kind]}")
        if self._at + length * least > len(self._data):
            raise _DamagedError(_SHORT)
        if kind != _STRING:
            self._at += length * least
        elif self._walked or not self._jump(length):
            self._walk(length)

    def _jump(self, length: int) -> bool:
        """Go to the key after a list of strings, if there is one where it may be."""
        start = self._at + 8 * length
        end = min(len(self._data), start + 64 * length + 64)
        place = -1
        for room in _AFTER:
            found = self._data.find(room, start, end)
            if found >= 0:
                place = end = found
        if place < 0:
            return False
        self._at = place - 1
        return True

    def _walk(self, length: int) -> None:
        """Go through a list of strings, one by one."""
        self._strings += length
        if self._strings > _MOST_STRINGS:
            raise _DamagedError(f"{self._strings} words")
        data, at, size = self._data, self._at, struct.Struct("<Q").unpack_from
        for _ in range(length):
            at += 8 + size(data, at)[0]
            if at > len(data):
                raise _DamagedError(_SHORT)
        self._at = at

    def _tensor(self) -> tuple[int, int]:
        """Return how many numbers a tensor has, and where it begins after the header."""
        name = self._string(_LONGEST_KEY)
        dimensions = self._number("I")
        if not re.fullmatch(rb"[\x20-\x7e]+", name) or not 1 <= dimensions <= _MOST_DIMENSIONS:
            raise _DamagedError(f"a tensor {name!r} of {dimensions} dimensions")
        numbers = 1
        for _ in range(dimensions):
            numbers *= self._number("Q")
        self._number("I")
        return numbers, self._number("Q")
