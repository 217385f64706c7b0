"""Names that are near one that is not there."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LISTED", "hint", "near"]

LISTED: Final = "doxa models lists what is on this machine"
_MOST: Final = 3


def near(name: str, known: Iterable[str]) -> list[str]:
    """Return up to three names that look like a name, or contain it.

    Examples
    --------
    >>> near("Lama3", ["llama3:8b", "llama3:latest", "gemma3:1b"])
    ['llama3:8b', 'llama3:latest']
    """
    by_fold = {one.casefold(): one for one in known}
    folded = name.casefold()
    alike = get_close_matches(folded, by_fold, _MOST, cutoff=0.5)
    alike += [one for one in by_fold if folded in one and one not in alike]
    return [by_fold[one] for one in alike[:_MOST]]


def hint(name: str, known: Iterable[str]) -> str:
    """Say which names are near a name that is not there, and what lists them all.

    Examples
    --------
    >>> hint("gema3", ["gemma3:1b"])
    'near it is gemma3:1b; doxa models lists what is on this machine'
    """
    alike = near(name, known)
    verb = "are" if len(alike) > 1 else "is"
    return f"near it {verb} {', '.join(alike)}; {LISTED}" if alike else LISTED
