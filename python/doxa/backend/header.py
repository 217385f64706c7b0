"""The header of a GGUF file: its metadata, read without loading the model."""

from __future__ import annotations

import mmap
import struct
from typing import TYPE_CHECKING, Final

from doxa.errors import ModelError
from doxa.files import reason

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_header"]

_SCALARS: Final = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q",
    12: "<d",
}  # fmt: skip
_STRING: Final = 8
_ARRAY: Final = 9
_VERSIONS: Final = (2, 3)


class _DamagedError(Exception):
    """The header is not what the format says."""


def read_header(file: Path) -> dict[str, object]:
    """Read the metadata of a model file.

    Parameters
    ----------
    file : pathlib.Path
        A GGUF file; of several, the first.

    Returns
    -------
    dict of str to object
        Numbers, truth values and texts by their keys. Lists are left out.

    Raises
    ------
    ModelError
        The file cannot be read, or its header is damaged or of a version that llama.cpp no longer
        reads.
    """
    try:
        with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as m:
            return _Reader(m).metadata()
    except (_DamagedError, struct.error, ValueError) as error:
        raise ModelError(
            f"model {file} cannot be loaded: its header is damaged ({error}); download it again"
        ) from None
    except OSError as error:
        raise ModelError(f"model {file} cannot be read: {reason(error)}") from None


class _Reader:
    """A place in the bytes of a file, which moves on with what is read."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._place = 4  # after the letters GGUF

    def metadata(self) -> dict[str, object]:
        version = self._number("<I")
        if version not in _VERSIONS:
            raise _DamagedError(f"version {version}")
        self._number("<Q")  # of tensors
        found: dict[str, object] = {}
        for _ in range(self._count(13)):
            key = self._text()
            kind = self._number("<I")
            if kind == _ARRAY:
                self._skip_list()
            else:
                found[key] = self._text() if kind == _STRING else self._number(_form(kind))
        return found

    def _skip_list(self) -> None:
        kind = self._number("<I")
        if kind == _STRING:
            for _ in range(self._count(8)):
                self._take(self._count(1))
        else:
            size = struct.calcsize(_form(kind))
            self._take(self._count(size) * size)

    def _count(self, size: int) -> int:
        """Return a number of things of at least `size` bytes each that follow."""
        count: int = self._number("<Q")
        if count * size > len(self._data) - self._place:
            raise _DamagedError("it ends too early")
        return count

    def _text(self) -> str:
        start = self._take(self._count(1))
        return self._data[start : self._place].decode("utf-8", "replace")

    def _number(self, form: str) -> int:
        (value,) = struct.unpack_from(form, self._data, self._take(struct.calcsize(form)))
        return value  # type: ignore[no-any-return]

    def _take(self, size: int) -> int:
        """Move on, and return where that began."""
        start = self._place
        self._place += size
        return start


def _form(kind: int) -> str:
    if kind not in _SCALARS:
        raise _DamagedError(f"a value of the unknown kind {kind}")
    return _SCALARS[kind]
