"""Which workers may answer: those with this process's versions, and with the same model."""

from __future__ import annotations

import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final, NamedTuple

from doxa.errors import ModelError

if TYPE_CHECKING:
    from doxa.backend import ModelCard

__all__ = ["Greeting", "Handshake", "versions"]

_LIBRARY: Final = {"llama_cpp": "llama_cpp_python", "openai_server": "httpx2"}
"""The library of each backend that asks a model."""


class Greeting(NamedTuple):
    """What a worker says of itself.

    Attributes
    ----------
    host : str
        The name of its machine.
    process : int
        The number of its process.
    versions : dict of str to str
        The versions of doxa and of the backends' libraries there.
    """

    host: str
    process: int
    versions: dict[str, str]


def versions() -> dict[str, str]:
    """Return the versions, in this process, of what decides a reply."""
    found = {}
    for package in ("doxa", *_LIBRARY.values()):
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


class Handshake:
    """What every worker is compared with.

    Parameters
    ----------
    backend : str
        The backend that the workers load.
    mixed : bool
        Whether versions may differ.

    Attributes
    ----------
    cards : dict of str to ModelCard
        The card of each model that was loaded, from the first worker that did.
    """

    def __init__(self, backend: str, *, mixed: bool) -> None:
        here = versions()
        self._mixed = mixed
        names = ("doxa", _LIBRARY[backend])
        self._wanted = {name: (here[name], platform.node()) for name in names if name in here}
        self._names = names
        self.cards: dict[str, ModelCard] = {}

    def greeted(self, greeting: Greeting) -> None:
        """Check a worker's versions.

        Raises
        ------
        ModelError
            They are others than here, or, where a library is missing here, than on the first node.
        """
        for name in self._names:
            has = greeting.versions.get(name)
            if has is None:
                raise ModelError(f"node {greeting.host}: {name} is not installed there")
            wanted, where = self._wanted.setdefault(name, (has, greeting.host))
            if has != wanted and not self._mixed:
                raise ModelError(
                    f"node {greeting.host} has {name} {has}, {where} has {wanted}: install the "
                    "same version everywhere, or accept both with --mixed"
                )

    def opened(self, model: str, host: str, card: ModelCard) -> None:
        """Check the model that a worker has loaded against the first one's.

        Raises
        ------
        ModelError
            It is another file, or would be evaluated in another way.
        """
        first = self.cards.setdefault(model, card)
        if (card.fingerprint, card.template) != (first.fingerprint, first.template):
            raise ModelError(
                f"node {host} has another model under the name {card.model}: put the same file "
                "on each node"
            )
        for name, value in first.layout.items():
            if card.layout.get(name) != value:
                raise ModelError(
                    f"node {host} evaluates {card.model} with {name} {card.layout.get(name)}, "
                    f"another node with {value}: set it for all, as with "
                    f"--{name.replace('_', '-')} {value}"
                )
