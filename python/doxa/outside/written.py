"""Values and names as people and files take them: TOML, and lists that end with "and 3 more"."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["some_of", "toml_key", "toml_value"]

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def some_of(names: Sequence[object], most: int = 5) -> str:
    """List the first names, and say how many more there are.

    Examples
    --------
    >>> some_of(["JPN", "USA", "COL"], 2)
    'JPN, USA and 1 more'
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(str, names[:most])) + more


def toml_value(value: object) -> str:
    """Write text, a number, true or false, or a list or tuple of them as TOML.

    Examples
    --------
    >>> toml_value(("a", "ü")), toml_value(True)
    ('["a", "ü"]', 'true')
    """
    # these are the same in JSON
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def toml_key(name: str) -> str:
    """Write a key of a TOML table, quoted where it must be.

    Examples
    --------
    >>> toml_key("zh-Hant"), toml_key("my item")
    ('zh-Hant', '"my item"')
    """
    return name if _BARE.fullmatch(name) else toml_value(name)
