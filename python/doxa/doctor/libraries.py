"""The libraries that doxa uses: which are here, in which versions."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final, NamedTuple

from packaging.requirements import Requirement

from doxa.outside.extras import LIBRARIES

__all__ = ["PURPOSES", "Installed", "libraries"]

PURPOSES: Final = {
    "llama": "asking model files (GGUF) on this machine",
    "server": "asking models behind servers",
    "hub": "models by their hf: names",
    "report": "figures as SVG, PDF and PNG files",
    "survey": "survey files of SPSS, Stata and Excel",
    "cluster": "asking and scoring on many machines",
}
"""What each extra is for."""


class Installed(NamedTuple):
    """A library that doxa or one of its extras uses.

    Attributes
    ----------
    name : str
        What its users install.
    extra : str
        The extra that brings it; ``""`` if doxa always needs it.
    wanted : str
        The versions that doxa works with, such as ``">=2"``.
    version : str
        The version here; ``""`` if it is not installed.
    fits : bool
        Whether it is one of those wanted; true if it is not installed.
    """

    name: str
    extra: str
    wanted: str
    version: str
    fits: bool


def libraries() -> list[Installed]:
    """List the libraries that the installed doxa declares, by extra and name.

    Extras that only its developers use are left out.
    """
    used = ["", *dict.fromkeys(library.extra for library in LIBRARIES.values())]
    found = []
    for text in requires("doxa") or ():
        wanted = Requirement(text)
        for extra in used:
            if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
                found.append(_installed(wanted, extra))
                break
    return sorted(found, key=lambda one: (used.index(one.extra), one.name))


def _installed(wanted: Requirement, extra: str) -> Installed:
    try:
        here = version(wanted.name)
    except PackageNotFoundError:
        here = ""
    fits = not here or wanted.specifier.contains(here, prereleases=True)
    return Installed(wanted.name, extra, str(wanted.specifier), here, fits)
