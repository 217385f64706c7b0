"""Models behind an OpenAI-compatible server: llama-server, vLLM, Ollama, or a hosted one."""

from __future__ import annotations

import os
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from doxa.backend.request import Answer, ModelCard, Workload
from doxa.backend.server.address import DEFAULT_KEY, Address
from doxa.backend.server.completion import TOP, scores_of, text_of, tokens_of
from doxa.backend.server.connection import Connection
from doxa.backend.server.fault import FaultError
from doxa.backend.server.streak import Streak
from doxa.errors import InvalidArgumentError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from doxa.backend.request import Request, RequestKind, Turn

__all__ = ["OpenAIServer"]

_BYTES_PER_TOKEN: Final = 4
_SHARE_TOKENS: Final = 16
"""The most tokens that an option and its share need."""
_TICK: Final = 0.1
"""Seconds after which a wait looks whether Ctrl-C was pressed: a wait without end would not."""


class OpenAIServer:
    """A model on a server.

    A server applies its own chat template and the model begins its turn itself, so
    `Turn.reply_start` is not used. The results are less exact than those of
    `doxa.backend.llama_cpp`:

    - For ``"options"`` the 20 most likely first tokens are read. A label that is not among them has
      probability 0; a note says how large it may be. If the server's tokenizer splits a label so
      that it looks like another one ("10" like "1"), the answer is an error: use letters as labels.
    - For ``"shares"`` the reply is a JSON object, but not always a distribution.

    Parameters
    ----------
    model : str
        The model's name on the server.
    server : str
        The server's address, such as ``"http://localhost:8080/v1"``; ``""`` for the address in the
        environment variable ``OPENAI_BASE_URL``. A user, a password and a query in it are sent,
        written nowhere, and part of no key.
    api_key_env : str
        The environment variable that holds the API key; the key is not written anywhere.
        ``OPENAI_API_KEY`` may be absent, because a local server needs no key; a variable of another
        name must be set.
    name : str, optional
        The name in tables. Default: `model`.
    parallel : int
        The number of requests under way at once.
    timeout : float
        The most seconds from sending a request to the end of its reply.
    tries : int
        The most times that a request is sent. It is sent again only after "too many requests", an
        error of the server, a broken connection or a time-out.
    pause : float
        Seconds before the second try, doubled for each further try; longer if the server asks for
        it, up to a minute.

    Raises
    ------
    MissingExtraError
        httpx2 is not installed.
    ModelError
        The environment variable `api_key_env` is not set, or its key cannot be sent.
    InvalidArgumentError
        `parallel` or `tries` is below 1, or there is no readable address.
    """

    free = False

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        server: str = "",
        api_key_env: str = DEFAULT_KEY,
        name: str | None = None,
        parallel: int = 1,
        timeout: float = 120.0,
        tries: int = 5,
        pause: float = 1.0,
    ) -> None:
        if parallel < 1 or tries < 1:
            raise InvalidArgumentError(f"parallel {parallel}, tries {tries}: give 1 or more")
        self._address = Address(server, api_key_env)
        self._model = os.fspath(model)
        self._parallel = parallel
        self._connection = Connection(
            self._address, parallel=parallel, timeout=timeout, tries=tries, pause=pause
        )
        self._answered: set[RequestKind] = set()
        self.card = ModelCard(
            backend="openai_server",
            model=name or self._model,
            fingerprint=f"{self._address.public} {self._model}",
            versions={"httpx2": version("httpx2")},
        )

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def prepare(self, requests: Sequence[Request]) -> Workload:
        """Estimate the tokens of the requests, at four bytes each; a server does not tell."""
        lengths = [
            sum(len(part.encode()) for part in self.card.text(request.turn)) // _BYTES_PER_TOKEN
            for request in requests
        ]
        return Workload(
            requests=len(requests),
            prompt_tokens=sum(lengths),
            evaluated_tokens=sum(lengths),
            completion_tokens=sum(map(_limit, requests)),
            longest_prompt=max(lengths, default=0),
        )

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        """Yield each request with its answer as it arrives; `parallel` are under way at once.

        A request without a usable reply gets an answer of the kind error; `doxa.backend.server`
        says in `streak` when that ends the run instead.

        Raises
        ------
        ModelError
            The server is down, refuses the key, gives no log-probabilities, or answers nothing for
            long. The good answers under way are yielded first.
        """
        pending = iter(requests)
        streak = Streak(f"the server at {self._address.public}", self._answered)
        running: dict[Future[Answer], Request] = {}
        failure: ModelError | None = None
        try:
            while True:
                if failure is None:
                    for request in islice(pending, self._parallel - len(running)):
                        running[self._connection.submit(self._answer(request))] = request
                if not running:
                    break
                for future in wait(running, timeout=_TICK, return_when=FIRST_COMPLETED).done:
                    request = running.pop(future)
                    try:
                        answer = future.result()
                    except FaultError as fault:
                        try:
                            yield from streak.bad(request, fault)
                        except ModelError as error:
                            failure = failure or error
                            self._connection.hurry()
                    else:
                        yield from streak.good(request)
                        yield request, answer
            if failure is not None:
                raise failure
            yield from streak.end()
        finally:
            for future in running:
                future.cancel()

    async def _answer(self, request: Request) -> Answer:
        start = time.perf_counter()
        found = await self._send(request, request.turn)
        scores: tuple[float, ...] = ()
        baseline: tuple[float, ...] = ()
        *tokens, note = tokens_of(found)
        notes = [note]
        if request.kind == "options":
            scores, note = scores_of(found, request.choices)
            notes.append(note)
            text, finish = request.choices[scores.index(max(scores))], "stop"
            if request.baseline is not None:
                blank = await self._send(request, request.baseline)
                baseline, note = scores_of(blank, request.choices)
                notes.append(f"in the prompt without content: {note}" if note else "")
        else:
            said, finish = text_of(found)
            text = self._address.masked_reply(said)
            notes.append("a secret in it was masked" if text != said else "")
        return Answer(
            text=text,
            finish="length" if finish == "length" else "stop",
            log_probabilities=scores,
            baseline=baseline,
            prompt_tokens=tokens[0],
            completion_tokens=tokens[1],
            seconds=time.perf_counter() - start,
            note="; ".join(filter(None, notes)),
        )

    async def _send(self, request: Request, turn: Turn) -> dict[str, Any]:
        body = _body(self._model, request, turn)
        return await self._connection.post("chat/completions", body)


def _body(model: str, request: Request, turn: Turn) -> dict[str, Any]:
    """Return what is sent to ask a request with one of its turns."""
    messages = [{"role": "user", "content": f"{turn.user}\n\n{turn.ask}"}]
    if turn.system:
        messages.insert(0, {"role": "system", "content": turn.system})
    body: dict[str, Any] = {
        "model": model,
        "messages": messages,
        "max_tokens": _limit(request),
        "temperature": request.temperature,
    }
    if request.kind == "options":
        body |= {"logprobs": True, "top_logprobs": TOP}
    elif request.kind == "shares":
        body["response_format"] = {"type": "json_object"}
    if request.temperature > 0:
        # servers take seeds of 31 bits
        body["seed"] = request.seed % 2**31
    return body


def _limit(request: Request) -> int:
    """Return the longest reply to ask for, in tokens."""
    if request.kind == "options":
        return 1
    return request.max_tokens or _SHARE_TOKENS * (1 + len(request.choices))
