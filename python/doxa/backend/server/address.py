"""Where a server is and how it is paid: the address, the key, and their secrets."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

from doxa.errors import InvalidArgumentError, ModelError
from doxa.outside.extras import require
from doxa.outside.secrets import MASK, masked, without_secrets

if TYPE_CHECKING:
    import logging

    from httpx2 import URL

__all__ = ["DEFAULT_KEY", "Address"]

DEFAULT_KEY: Final = "OPENAI_API_KEY"
"""The environment variable of the key, if no other is named; it may be absent."""
_DEFAULT_ADDRESS: Final = "OPENAI_BASE_URL"
_TELLING: Final = 12
"""The length from which a secret does not stand in a text by chance."""


class Address:
    """A server's address and key.

    Parameters
    ----------
    server : str
        The address, such as ``"http://localhost:8080/v1"``; ``""`` for the one in the environment
        variable ``OPENAI_BASE_URL``. It may hold a user and a password, and a query; both are sent
        with each request and written nowhere.
    key_name : str
        The environment variable that holds the key. ``OPENAI_API_KEY`` may be absent; another
        must be set.

    Attributes
    ----------
    public : str
        The address without user, password and query, ending in a slash: the server's identity.
    key_name : str
        As given.

    Raises
    ------
    InvalidArgumentError
        There is no address, or it cannot be read.
    ModelError
        The variable is not set, or the key cannot be sent.
    MissingExtraError
        httpx2 is not installed.
    """

    def __init__(self, server: str = "", key_name: str = DEFAULT_KEY) -> None:
        self._url = url = _parsed(server or os.environ.get(_DEFAULT_ADDRESS, ""))
        path = url.path if url.path.endswith("/") else f"{url.path}/"
        bare = url.copy_with(username=None, password=None, query=None, fragment=None, path=path)
        self.public = str(bare)
        self.key_name = key_name
        self._key = _key(key_name)
        values = [value for _, value in url.params.multi_items()]
        self._secrets = [self._key, url.username, url.password, *values]

    def url(self, path: str) -> URL:
        """Return the address of one of the server's paths, with the secrets of its query.

        A path that begins with a slash lies beside the ``/v1`` of the address: what a program
        offers of its own is there.
        """
        base = self._url.path.rstrip("/")
        if path.startswith("/"):
            base = base.removesuffix("/v1")
        path = f"{base}/{path.removeprefix('/')}"
        return self._url.copy_with(path=path, username=None, password=None)

    def client(self, **options: Any) -> Any:
        """Return a client that sends the key, or the user and password, with each request."""
        import httpx2

        headers, user = {}, None
        if self._url.username or self._url.password:
            user = httpx2.BasicAuth(self._url.username, self._url.password)
        elif self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        return httpx2.AsyncClient(headers=headers, auth=user, **options)

    def masked(self, text: str) -> str:
        """Return a text without this address's secrets, and without those of any other."""
        return without_secrets(masked(text, self._secrets))

    def masked_reply(self, text: str) -> str:
        """Return a reply without secrets; short ones stay, for a reply may hold them by chance."""
        return masked(text, [secret for secret in self._secrets if len(secret) >= _TELLING])

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the secrets in a line for a log; the HTTP client's hold whole addresses."""
        record.msg, record.args = self.masked(record.getMessage()), ()
        return True


def _parsed(server: str) -> URL:
    """Read an address; what cannot be read is not shown, for it may hold a password."""
    require("httpx2")
    import httpx2

    server = server.strip()
    if not server:
        raise InvalidArgumentError(
            f"no server: give its address, or put it into the environment's {_DEFAULT_ADDRESS}"
        )
    try:
        url = httpx2.URL(server if server.isprintable() and " " not in server else "")
    except (httpx2.InvalidURL, ValueError):
        url = httpx2.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidArgumentError(
            "the server's address cannot be read: write it like http://localhost:8080/v1"
        )
    if MASK in str(url.copy_with(path="/")) or MASK in url.password:
        raise InvalidArgumentError(
            f"the server's address {without_secrets(server)} lacks its secrets, which doxa does "
            "not write down: give it whole"
        )
    return url


def _key(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise InvalidArgumentError(
            "api_key_env is not the name of an environment variable: put the key into one and "
            "give its name"
        )
    if name != DEFAULT_KEY and name not in os.environ:
        raise ModelError(f"the environment has no {name}: put the API key there")
    key = os.environ.get(name, "")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ModelError(
            f"the API key in {name} holds a line break, a space or another character that cannot "
            "be sent: correct it"
        )
    return key
