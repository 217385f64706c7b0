"""Libraries that doxa can do without, the extra that brings each, and the one check for them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final, NamedTuple

from doxa.errors import MissingExtraError

__all__ = ["LIBRARIES", "Library", "is_there", "require"]


class Library(NamedTuple):
    """A library that an extra brings.

    Attributes
    ----------
    name : str
        What its users install.
    extra : str
        The extra of doxa.
    """

    name: str
    extra: str


LIBRARIES: Final[dict[str, Library]] = {
    "llama_cpp": Library("llama-cpp-python", "llama"),
    "httpx2": Library("httpx2", "server"),
    "huggingface_hub": Library("huggingface_hub", "hub"),
    "vl_convert": Library("vl-convert-python", "report"),
    "fastexcel": Library("fastexcel", "survey"),
    "pyreadstat": Library("pyreadstat", "survey"),
    "xlsxwriter": Library("xlsxwriter", "survey"),
    "ray": Library("ray", "cluster"),
}
"""By the name of the module; nothing else names an extra."""


def is_there(module: str) -> bool:
    """Tell whether a library is installed, without importing it.

    Parameters
    ----------
    module : str
        A key of `LIBRARIES`.
    """
    return find_spec(module) is not None


def require(module: str) -> None:
    """Check that a library is installed, before any work that needs it; it is not imported.

    Parameters
    ----------
    module : str
        A key of `LIBRARIES`.

    Raises
    ------
    MissingExtraError
        It is not installed.

    Examples
    --------
    >>> require("pyreadstat")
    """
    if not is_there(module):
        raise MissingExtraError(*LIBRARIES[module])
