"""Secrets: what addresses hold of them is left out of everything that is written or shown.

An address may hold a user's name and password, and keys as the values of its query. Programs write
addresses to stores, files, pages and messages: all of them through `without_secrets`. A text of a
stranger, who may echo a secret, is shown through `masked`.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MASK", "masked", "without_secrets"]

MASK: Final = "***"
"""What stands in place of a secret."""

_ADDRESS: Final = re.compile(r"(?<![\w+.-])([a-z][\w+.-]*://)([^\s\"'<>`\\]+)", re.IGNORECASE)
_USER: Final = re.compile(r"^[^/?#]*@")
_QUERY: Final = re.compile(r"\?[^#]*")
_VALUE: Final = re.compile(r"=[^&;]*")
_FRAGMENT: Final = re.compile(r"#.+$")


def without_secrets(text: str) -> str:
    """Return a text whose addresses hold no user, no password and no value of a query.

    Parameters
    ----------
    text : str
        An address, or any text; addresses in it are found by their ``://``.

    Examples
    --------
    >>> without_secrets("http://me:hunter2@host:8080/v1?api_key=K&region=eu")
    'http://***@host:8080/v1?api_key=***&region=***'
    >>> without_secrets('server = "http://host/v1"')
    'server = "http://host/v1"'
    """
    return _ADDRESS.sub(lambda found: found[1] + _bare(found[2]), text)


def _bare(rest: str) -> str:
    rest = _FRAGMENT.sub(f"#{MASK}", _USER.sub(f"{MASK}@", rest))
    return _QUERY.sub(lambda query: _named(query[0]), rest)


def _named(query: str) -> str:
    """Keep the names in a query; a query without names is a value as a whole."""
    return _VALUE.sub(f"={MASK}", query) if "=" in query else f"?{MASK}"


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return a text in which secrets, as they are or encoded for the web, are masked.

    Parameters
    ----------
    text : str
        A text that somebody else wrote, such as the body of an error.
    secrets : iterable of str
        The secrets; empty ones are skipped.

    Examples
    --------
    >>> masked("bad key sk-1/2 (sk-1%2F2)", ["sk-1/2"])
    'bad key *** (***)'
    """
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, MASK)
    return text


def _forms(secret: str) -> set[str]:
    plain = {secret, unquote(secret), unquote_plus(secret)}
    coded = {base64.b64encode(form.encode()).decode() for form in plain}
    return plain | {code(form) for form in plain for code in (quote, quote_plus, _whole)} | coded


def _whole(text: str) -> str:
    return quote(text, safe="")
