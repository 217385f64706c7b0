"""Models behind an OpenAI-compatible server: llama-server, vLLM, Ollama, or a hosted one."""

from __future__ import annotations

import json
import math
import os
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from doxa.backend.request import Answer, ModelCard, Workload
from doxa.errors import InvalidArgumentError, MissingExtraError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from doxa.backend.request import Request

__all__ = ["OpenAIServer"]

_TOP: Final = 20
"""The number of most likely tokens to ask for; servers do not return more."""

_KEY: Final = "OPENAI_API_KEY"
_BYTES_PER_TOKEN: Final = 4
_SHARE_TOKENS: Final = 16
"""The most tokens that an option and its share need."""


class OpenAIServer:
    """A model on a server.

    A server applies its own chat template and the model begins its turn itself, so
    `Turn.reply_start` is not used. The results are less exact than those of
    `doxa.backend.llama_cpp`:

    - For ``"options"`` the 20 most likely first tokens are read. A label that is not among them has
      probability 0. If the server's tokenizer splits a label so that it looks like another one
      ("10" like "1"), the answer is an error: use letters as labels.
    - For ``"shares"`` the reply is a JSON object, but not always a distribution.

    Parameters
    ----------
    model : str
        The model's name on the server.
    server : str
        The server's address, such as ``"http://localhost:8080/v1"``; ``""`` for the address in the
        environment variable ``OPENAI_BASE_URL``.
    api_key_env : str
        The environment variable that holds the API key; the key is not written anywhere.
        ``OPENAI_API_KEY`` may be absent, because a local server needs no key; a variable of another
        name must be set.
    name : str, optional
        The name in tables. Default: `model`.
    parallel : int
        The number of requests under way at once.
    timeout : float
        Seconds to wait for a reply.
    tries : int
        The most times that a request is sent. It is sent again only after "too many requests",
        an error of the server or a time-out.
    pause : float
        Seconds before the second try, doubled for each further try; longer if the server asks for
        it.

    Raises
    ------
    MissingExtraError
        openai is not installed.
    ModelError
        The environment variable `api_key_env` is not set.
    InvalidArgumentError
        `parallel` or `tries` is below 1.
    """

    free = False

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        server: str = "",
        api_key_env: str = _KEY,
        name: str | None = None,
        parallel: int = 1,
        timeout: float = 120.0,
        tries: int = 5,
        pause: float = 1.0,
    ) -> None:
        try:
            import openai
        except ImportError:
            raise MissingExtraError("openai", "server") from None
        if parallel < 1 or tries < 1:
            raise InvalidArgumentError(f"parallel {parallel}, tries {tries}: give 1 or more")
        if api_key_env != _KEY and api_key_env not in os.environ:
            raise ModelError(f"the environment has no {api_key_env}: put the API key there")
        self._openai = openai
        self._key_name = api_key_env
        self._model = os.fspath(model)
        self._parallel, self._tries, self._pause = parallel, tries, pause
        self._client = openai.OpenAI(
            base_url=server or None,
            # the client requires a key even if the server needs none
            api_key=os.environ.get(api_key_env) or "none",
            timeout=timeout,
            max_retries=0,
        )
        self._address = str(self._client.base_url)
        self.card = ModelCard(
            backend="openai_server",
            model=name or self._model,
            fingerprint=f"{self._address} {self._model}",
            versions={"openai": version("openai")},
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

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

        Raises
        ------
        ModelError
            The server is down, refuses the key or the request, or gives no log-probabilities.
            The answers under way are yielded first.
        """
        pending = iter(requests)
        executor = ThreadPoolExecutor(self._parallel)
        running: dict[Future[Answer], Request] = {}
        failure: ModelError | None = None
        try:
            while True:
                if failure is None:
                    for request in islice(pending, self._parallel - len(running)):
                        running[executor.submit(self._answer, request)] = request
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    request = running.pop(future)
                    try:
                        answer = future.result()
                    except ModelError as error:
                        failure = failure or error
                    else:
                        yield request, answer
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
        if failure is not None:
            raise failure

    def _answer(self, request: Request) -> Answer:
        start = time.perf_counter()
        completion = self._send(request)
        choice = completion.choices[0]
        text, finish = choice.message.content or "", choice.finish_reason
        usage = completion.usage
        scores: tuple[float, ...] = ()
        baseline: tuple[float, ...] = ()
        if request.kind == "options":
            scores, problem = _scores(choice.logprobs, request.choices)
            if request.baseline is not None and not problem:
                blank = self._send(replace(request, turn=request.baseline, baseline=None))
                baseline, problem = _scores(blank.choices[0].logprobs, request.choices)
            if problem:
                text, finish = problem, "error"
            else:
                text, finish = request.choices[scores.index(max(scores))], "stop"
        return Answer(
            text=text,
            finish=finish if finish in ("length", "error") else "stop",
            log_probabilities=scores,
            baseline=baseline,
            prompt_tokens=usage.prompt_tokens if usage else 0,
            completion_tokens=usage.completion_tokens if usage else 0,
            seconds=time.perf_counter() - start,
        )

    def _send(self, request: Request) -> Any:
        """Send a request; after an error that may pass, wait and send it again."""
        openai = self._openai
        for attempt in range(1, self._tries + 1):
            try:
                completion = self._client.chat.completions.create(**self._body(request))
            except (openai.RateLimitError, openai.InternalServerError) as error:
                if attempt == self._tries:
                    raise self._failed(error) from None
                self._wait(attempt, error.response.headers.get("retry-after", ""))
            except openai.APITimeoutError as error:
                if attempt == self._tries:
                    raise self._failed(error) from None
                self._wait(attempt)
            except openai.OpenAIError as error:
                raise self._failed(error) from None
            else:
                if request.kind == "options" and not _has_scores(completion):
                    raise ModelError(
                        f"the server at {self._address} gives no log-probabilities: elicit "
                        "verbalized or sampling instead"
                    )
                return completion
        raise AssertionError("the last try returns or raises")

    def _body(self, request: Request) -> dict[str, Any]:
        turn = request.turn
        messages = [{"role": "user", "content": f"{turn.user}\n\n{turn.ask}"}]
        if turn.system:
            messages.insert(0, {"role": "system", "content": turn.system})
        body: dict[str, Any] = {
            "model": self._model,
            "messages": messages,
            "max_tokens": _limit(request),
            "temperature": request.temperature,
        }
        if request.kind == "options":
            body |= {"logprobs": True, "top_logprobs": _TOP}
        elif request.kind == "shares":
            body["response_format"] = {"type": "json_object"}
        if request.temperature > 0:
            # servers take seeds of 31 bits
            body["seed"] = request.seed % 2**31
        return body

    def _wait(self, attempt: int, told: str = "") -> None:
        seconds = self._pause * 2 ** (attempt - 1)
        with suppress(ValueError):
            seconds = max(seconds, float(told))
        time.sleep(seconds)

    def _failed(self, error: Exception) -> ModelError:
        openai = self._openai
        where = f"the server at {self._address}"
        if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
            return ModelError(f"{where} refuses the API key: correct {self._key_name}")
        if isinstance(error, openai.NotFoundError):
            return ModelError(f"{where} has no model {self._model!r}, or the address is wrong")
        if isinstance(error, openai.APITimeoutError):
            return ModelError(f"{where} did not reply in time, {self._tries} times")
        if isinstance(error, openai.APIConnectionError):
            return ModelError(f"{where} cannot be reached: start it, or correct the address")
        reason = _first_line(error)
        if isinstance(error, openai.RateLimitError | openai.InternalServerError):
            return ModelError(f"{where} failed {self._tries} times: {reason}")
        return ModelError(f"{where} refuses the request: {reason}")


def _limit(request: Request) -> int:
    """Return the longest reply to ask for, in tokens."""
    if request.kind == "options":
        return 1
    return request.max_tokens or _SHARE_TOKENS * (1 + len(request.choices))


def _has_scores(completion: Any) -> bool:
    found = completion.choices[0].logprobs
    return bool(found and found.content and found.content[0].top_logprobs)


def _scores(found: Any, labels: Sequence[str]) -> tuple[tuple[float, ...], str]:
    """Return the labels' log-probabilities, or the reason why they cannot be read."""
    mass: dict[str, float] = {}
    for entry in found.content[0].top_logprobs:
        token = entry.token.strip()
        mass[token] = mass.get(token, 0.0) + math.exp(entry.logprob)
    for label in labels:
        shorter = [other for other in labels if other != label and label.startswith(other)]
        if label not in mass and any(other in mass for other in shorter):
            problem = f"option {label} cannot be told from {shorter[0]}: use letters as labels"
            return (), problem
    if not any(label in mass for label in labels):
        return (), f"no option is among the {_TOP} most likely first tokens"
    return tuple(math.log(mass[label]) if label in mass else -math.inf for label in labels), ""


def _first_line(error: Exception) -> str:
    """Return the server's message in one line, shortened."""
    body = getattr(error, "body", None)
    said = body.get("message") if isinstance(body, dict) else body
    text = said if isinstance(said, str) else json.dumps(said) if said else str(error)
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:200]}…"
