"""Models behind servers: llama-server, vLLM, and whatever has an OpenAI-compatible end point."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from doxa.backend.request import ModelCard, Workload
from doxa.backend.server.address import DEFAULT_KEY, Address
from doxa.backend.server.asking import limit
from doxa.backend.server.member import Member
from doxa.backend.server.pool import Pool
from doxa.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from doxa.backend.request import Answer, Request
    from doxa.backend.server.capabilities import Capabilities

__all__ = ["OpenAIServer"]

_BYTES_PER_TOKEN: Final = 4


class OpenAIServer:
    """A model on one server, or on several that serve the same one.

    On connecting, doxa finds out what a server is and asks it in the best way that it offers. Where
    it can fill the chat template itself and get the probability of any token (llama-server, vLLM),
    options are scored as they are in process. A chat end point lists only its 20 most likely first
    tokens: an option that is not among them is given within bounds, and if those leave open more
    than 1 % of the options' probability, `allow_bounds` is needed.

    Parameters
    ----------
    model : str
        The model's name on the server.
    server : str or tuple of str
        The address, such as ``"http://localhost:8080/v1"``, or several, which are asked together;
        ``""`` for the address in the environment variable ``OPENAI_BASE_URL``. A user, a password
        and a query in it are sent, written nowhere, and part of no key.
    api_key_env : str
        The environment variable that holds the API key; the key is not written anywhere.
        ``OPENAI_API_KEY`` may be absent, because a local server needs no key; a variable of another
        name must be set.
    name : str, optional
        The name in tables. Default: `model`.
    parallel : int
        The most requests under way at once on each server; fewer while it is busy.
    allow_bounds : bool
        Whether more than 1 % of the options' probability may be unseen.
    timeout : float
        The most seconds from sending a request to the end of its reply.
    tries : int
        The most times that a request is sent. It is sent again only after "too many requests", an
        error of the server, a broken connection or a time-out; twice if there are other servers.
    pause : float
        Seconds before the second try, doubled for each further try; longer if the server asks for
        it, up to a minute.

    Raises
    ------
    MissingExtraError
        httpx2 is not installed.
    ModelError
        The environment variable `api_key_env` is not set, or its key cannot be sent. No server can
        be reached, or they do not serve the same model.
    InvalidArgumentError
        `parallel` or `tries` is below 1, or there is no readable address.
    """

    free = False

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        server: str | tuple[str, ...] = "",
        api_key_env: str = DEFAULT_KEY,
        name: str | None = None,
        parallel: int = 1,
        allow_bounds: bool = False,
        timeout: float = 120.0,
        tries: int = 5,
        pause: float = 1.0,
    ) -> None:
        if parallel < 1 or tries < 1:
            raise InvalidArgumentError(f"parallel {parallel}, tries {tries}: give 1 or more")
        named = (server,) if isinstance(server, str) else tuple(server)
        addresses = [Address(one, api_key_env) for one in named]
        self._model = os.fspath(model)
        self._members = [
            Member(
                address,
                self._model,
                most=parallel,
                bounds=allow_bounds,
                alone=len(addresses) == 1,
                timeout=timeout,
                tries=tries,
                pause=pause,
            )
            for address in addresses
        ]
        self._pool = Pool(self._members)
        try:
            found = self._pool.connect().capabilities
        except BaseException:
            self.close()
            raise
        self.card = ModelCard(
            backend="openai_server",
            model=name or self._model,
            fingerprint=_fingerprint(found, self._model, addresses),
            template=found.template,
            versions=_versions(found),
            origin={"server": found.line},
        )

    def close(self) -> None:
        """Close the connections."""
        for member in self._members:
            member.close()

    def prepare(self, requests: Sequence[Request]) -> Workload:
        """Estimate the tokens of the requests, at four bytes each."""
        lengths = [
            sum(map(len, map(str.encode, self.card.text(request.turn, thinks=_thinks(request)))))
            // _BYTES_PER_TOKEN
            for request in requests
        ]
        thoughts = sum(request.thought.budget for request in requests if request.thought)
        return Workload(
            requests=len(requests),
            prompt_tokens=sum(lengths),
            evaluated_tokens=sum(lengths),
            completion_tokens=sum(map(limit, requests)) + thoughts,
            longest_prompt=max(lengths, default=0),
            thought_tokens=thoughts,
        )

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        """Yield each request with its answer as it arrives; several are under way at once.

        A request without a usable reply gets an answer of the kind error; `doxa.backend.server`
        says in `streak` when a server is asked no more.

        Raises
        ------
        ModelError
            No server is left that works. The good answers under way are yielded first.
        """
        return self._pool.ask(requests)


def _thinks(request: Request) -> bool:
    return request.thought is not None


def _fingerprint(found: Capabilities, model: str, addresses: Sequence[Address]) -> str:
    """Return what tells the model from another one, whichever server answers.

    A chat end point says no more than a name, and another server may mean another model by it: so
    its address is part of the identity, unless several are said to serve the same.
    """
    if found.scoring != "top":
        return f"{found.identity}; {model}" if found.program != "llama-server" else found.identity
    return f"{addresses[0].public} {model}" if len(addresses) == 1 else model


def _versions(found: Capabilities) -> dict[str, str]:
    versions = {"httpx2": version("httpx2")}
    if found.program:
        versions[found.program] = found.version or "unknown"
    return versions
