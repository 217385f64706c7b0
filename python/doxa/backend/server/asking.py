"""From a request to an answer: what every kind of server is asked, and what is made of it."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol, runtime_checkable

from doxa.backend.request import Answer, Turn
from doxa.backend.server.fault import FaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from doxa.backend.request import Request, Thought, ThoughtStatus
    from doxa.backend.server.capabilities import Capabilities

__all__ = [
    "AfterThought",
    "Endpoint",
    "Scores",
    "TextEndpoint",
    "Thoughts",
    "Written",
    "answer",
    "limit",
    "prompt_of",
    "share_limit",
]

_SHARE_TOKENS: Final = 16
"""The most tokens that an option and its share need."""
_ALLOWED: Final = 0.01
"""The most of the options' probability that may be unseen unless bounds are allowed."""


class Scores(NamedTuple):
    """The labels' natural log-probabilities.

    Attributes
    ----------
    values : tuple of float
        One for each label; minus infinity for one that the server did not list.
    ceilings : tuple of float
        The most that each may be; empty if all are exact.
    unseen : float
        The most probability that all that was not listed has together.
    note : str
        What was odd.
    tokens : int or None
        The tokens of the prompt, None if the server does not tell.
    scored : int or None
        The tokens written or scored.
    """

    values: tuple[float, ...]
    ceilings: tuple[float, ...] = ()
    unseen: float = 0.0
    note: str = ""
    tokens: int | None = None
    scored: int | None = None


class Written(NamedTuple):
    """A text that a server wrote, and what its model thought first."""

    text: str
    finish: Literal["stop", "length"]
    note: str = ""
    tokens: int | None = None
    written: int | None = None
    thought: Thoughts | None = None


class Thoughts(NamedTuple):
    """What a model thought: the text, how it ended as `Answer.thought_status` says, its tokens."""

    text: str
    status: ThoughtStatus
    tokens: int | None = None


class AfterThought(NamedTuple):
    """A prompt whose thought is written and closed, and the text that begins the reply."""

    text: str
    reply_start: str


class Endpoint(Protocol):
    """A way of asking a server; each of its methods may raise a `FaultError`."""

    @property
    def capabilities(self) -> Capabilities:
        """What the server is and can do."""
        ...

    async def options(self, turn: Turn | AfterThought, labels: Sequence[str]) -> Scores:
        """Return the labels' probabilities as the continuation of a turn."""
        ...

    async def shares(self, turn: Turn | AfterThought, request: Request) -> Written:
        """Have an object written that gives each of the request's labels a share."""
        ...

    async def text(self, turn: Turn | AfterThought, request: Request) -> Written:
        """Have a text written."""
        ...


@runtime_checkable
class TextEndpoint(Endpoint, Protocol):
    """A way of asking a server that takes a whole prompt: doxa fills the chat template itself."""

    async def think(self, text: str, thought: Thought) -> Thoughts:
        """Have a thought written that a text has just opened."""
        ...


async def answer(
    endpoint: Endpoint, request: Request, *, masked: Callable[[str], str], bounds: bool, server: str
) -> Answer:
    """Ask a server, and return its answer.

    Parameters
    ----------
    endpoint : Endpoint
        How the server is asked.
    request : Request
        What is asked.
    masked : callable
        Masks the secrets in a reply.
    bounds : bool
        Whether more than 1 % of the options' probability may be unseen.
    server : str
        The address, without secrets, for the answer.

    Raises
    ------
    FaultError
        There is no usable reply, or too much of it is unseen.
    """
    start = time.perf_counter()
    turn, thought = await _prompt(endpoint, request)
    if request.kind == "options":
        made = await _options(endpoint, turn, request, bounds)
    else:
        write = endpoint.shares if request.kind == "shares" else endpoint.text
        found = await write(turn, request)
        thought = thought or found.thought
        text = masked(found.text)
        notes = [found.note, "a secret in it was masked" if text != found.text else ""]
        made = Answer(
            text,
            found.finish,
            prompt_tokens=found.tokens,
            completion_tokens=found.written,
            note="; ".join(filter(None, notes)),
            begun=endpoint.capabilities.template is not None,
        )
    if thought is not None:
        written = made.completion_tokens
        known = written is not None and thought.tokens is not None and turn is not request.turn
        made = replace(
            made,
            thought=masked(thought.text.strip()),
            thought_status=thought.status,
            thought_tokens=thought.tokens,
            completion_tokens=(written or 0) + (thought.tokens or 0) if known else written,
        )
    return replace(made, seconds=time.perf_counter() - start, server=server)


async def _prompt(
    endpoint: Endpoint, request: Request
) -> tuple[Turn | AfterThought, Thoughts | None]:
    """Return what to ask, after the thought where doxa fills the template itself."""
    template = endpoint.capabilities.template
    if request.thought is not None and template is None and request.kind == "options":
        raise FaultError(
            "lists the likeliest first tokens alone, and with --reasoning these are a thought's: "
            "elicit verbalized or sampling, or serve the model with llama-server or vLLM",
            "all",
        )
    if request.thought is None or template is None:
        return request.turn, None
    thinking = template.thinking
    assert thinking is not None
    assert isinstance(endpoint, TextEndpoint)
    turn = request.turn
    *parts, after = template.render(turn.system, turn.user, turn.ask, thinks=True)
    text = "".join(parts)
    thought = await endpoint.think(text, replace(request.thought, end=thinking.end))
    if thought.status == "closed" or thought.text.endswith("\n"):
        after = after.lstrip("\n")  # it stands where the model put it
    return AfterThought(text + thought.text + after, turn.reply_start), thought


async def _options(
    endpoint: Endpoint, turn: Turn | AfterThought, request: Request, bounds: bool
) -> Answer:
    scores = await endpoint.options(turn, request.choices)
    _refuse_bounds(scores, request.choices, bounds)
    notes = [scores.note]
    baseline: tuple[float, ...] = ()
    if request.baseline is not None:
        blank = await endpoint.options(_blank(endpoint, request, request.baseline), request.choices)
        baseline = blank.values
        notes.append(f"in the prompt without content: {blank.note}" if blank.note else "")
    return Answer(
        text=request.choices[scores.values.index(max(scores.values))],
        log_probabilities=scores.values,
        ceilings=scores.ceilings,
        unseen=scores.unseen,
        baseline=baseline,
        prompt_tokens=scores.tokens,
        completion_tokens=scores.scored,
        note="; ".join(filter(None, notes)),
    )


def _refuse_bounds(scores: Scores, labels: Sequence[str], allowed: bool) -> None:
    """Raise if options that the server did not list may hold too much, unless that is allowed."""
    if not scores.ceilings or allowed:
        return
    hidden = [index for index, value in enumerate(scores.values) if value != scores.ceilings[index]]
    most = min(scores.unseen, math.fsum(math.exp(scores.ceilings[index]) for index in hidden))
    seen = math.fsum(math.exp(value) for value in scores.values)
    share = most / (seen + most) if most > 0 else 0.0
    if share > _ALLOWED:
        named = ", ".join(labels[index] for index in hidden)
        raise FaultError(
            f"does not list option {named} among its likeliest first tokens, which may hold "
            f"{share:.1%} of the options' probability: serve the model with llama-server or vLLM "
            "for exact ones, or take bounds with --allow-bounds",
            "all",
        )


def _blank(endpoint: Endpoint, request: Request, turn: Turn) -> Turn | AfterThought:
    """Return a turn without content; after an empty thought where the request has one."""
    template = endpoint.capabilities.template
    if request.thought is None or template is None:
        return turn
    parts = template.render(turn.system, turn.user, turn.ask, thinks=True)
    return AfterThought("".join(parts), turn.reply_start)


def prompt_of(capabilities: Capabilities, turn: Turn | AfterThought, *, begun: bool = True) -> str:
    """Return the exact text of a turn where doxa fills the chat template.

    Without `begun` it ends before the text that begins the reply.
    """
    if isinstance(turn, AfterThought):
        return turn.text + (turn.reply_start if begun else "")
    if not begun:
        turn = replace(turn, reply_start="")
    assert capabilities.template is not None
    parts = capabilities.template.render(turn.system, turn.user, turn.ask, turn.reply_start)
    return "".join(parts)


def limit(request: Request) -> int:
    """Return the longest reply to ask for, in tokens."""
    if request.kind == "options":
        return 1
    return request.max_tokens or share_limit(request.choices)


def share_limit(labels: Sequence[str]) -> int:
    """Return the most tokens that an object with a share for each label needs."""
    return _SHARE_TOKENS * (1 + len(labels))
