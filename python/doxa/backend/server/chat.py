"""Asking a chat end point: the server fills its own template and begins the reply itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from doxa.backend.request import Turn
from doxa.backend.server.asking import Scores, Thoughts, Written, limit, share_limit
from doxa.backend.server.completion import (
    TOP,
    scores_of,
    text_of,
    thought_of,
    thought_tokens_of,
    tokens_of,
)
from doxa.backend.server.fault import FaultError
from doxa.backend.thinking import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.backend.request import Request
    from doxa.backend.server.asking import AfterThought
    from doxa.backend.server.capabilities import Capabilities
    from doxa.backend.server.connection import Connection

__all__ = ["Chat", "messages_of", "share_schema"]

_REFUSED: Final = (400, 404, 415, 422, 501)
"""The statuses with which servers refuse what they do not know."""
_UNKNOWN: Final = (400, 422)
"""Those with which they refuse a field that they do not know."""

_EFFORTS: Final = ((0, "none"), (1024, "low"), (8192, "medium"))
"""Budgets of tokens, and the word for up to so many; above them "high"."""


def share_schema(labels: Sequence[str]) -> dict[str, Any]:
    """Return the response format of an object that gives each label a whole number.

    Examples
    --------
    >>> share_schema(["1", "2"])["json_schema"]["schema"]["required"]
    ['1', '2']
    """
    number = {"type": "integer", "minimum": 0, "maximum": 100}
    schema = {
        "type": "object",
        "properties": dict.fromkeys(labels, number),
        "required": list(labels),
        "additionalProperties": False,
    }
    wanted = {"name": "shares", "schema": schema, "strict": True}
    return {"type": "json_schema", "json_schema": wanted}


def messages_of(turn: Turn) -> list[dict[str, str]]:
    """Return a turn as the messages of a chat; the server begins the reply itself."""
    messages = [{"role": "user", "content": f"{turn.user}\n\n{turn.ask}"}]
    if turn.system:
        messages.insert(0, {"role": "system", "content": turn.system})
    return messages


class Chat:
    """A chat end point and how it is asked.

    Parameters
    ----------
    connection : Connection
        The connection to it.
    capabilities : Capabilities
        What it is.
    model : str
        The model's name there.
    """

    def __init__(self, connection: Connection, capabilities: Capabilities, model: str) -> None:
        self._connection = connection
        self._model = model
        self._takes_schema = True
        self._taken: dict[bool, int] = {}
        self.capabilities = capabilities

    async def options(self, turn: Turn | AfterThought, labels: Sequence[str]) -> Scores:
        """Read the labels' probabilities from the likeliest first tokens, within bounds."""
        found = await self._send(turn, 1, 0.0, [{"logprobs": True, "top_logprobs": TOP}])
        _refuse_thought(found)
        tokens, scored, note = tokens_of(found)
        values, ceilings, unseen, odd = scores_of(found, labels)
        notes = "; ".join(filter(None, (note, odd)))
        return Scores(values, ceilings, unseen, notes, tokens, scored)

    async def shares(self, turn: Turn | AfterThought, request: Request) -> Written:
        """Have an object written, held to a JSON schema, or to JSON where the server has none."""
        formats = [share_schema(request.choices), {"type": "json_object"}][not self._takes_schema :]
        ways = [{"response_format": one} for one in formats]
        return await self._write(turn, request, share_limit(request.choices), ways)

    async def text(self, turn: Turn | AfterThought, request: Request) -> Written:
        """Have a text written."""
        return await self._write(turn, request, limit(request), [{}])

    async def _write(
        self,
        turn: Turn | AfterThought,
        request: Request,
        most: int,
        ways: Sequence[dict[str, Any]],
    ) -> Written:
        """Have a reply written; the server writes thought and reply at one temperature."""
        drawn = request.thought or request
        # servers take seeds of 31 bits
        seed = {"seed": drawn.seed % 2**31} if drawn.temperature > 0 else {}
        budget = request.thought.budget if request.thought else 0
        seeded = [way | seed for way in ways]
        found = await self._send(turn, most + budget, drawn.temperature, seeded, budget)
        if request.thought is None:
            _refuse_thought(found)
        text, finish = text_of(found)
        tokens, written, note = tokens_of(found)
        thought = None if request.thought is None else _thoughts(found, text, finish)
        return Written(text, finish, note, tokens, written, thought)

    async def _send(
        self,
        turn: Turn | AfterThought,
        most: int,
        temperature: float,
        ways: Sequence[dict[str, Any]],
        budget: int = 0,
    ) -> dict[str, Any]:
        """Send a turn in the first of some ways that the server does not refuse."""
        assert isinstance(turn, Turn)
        body = {
            "model": self._model,
            "messages": messages_of(turn),
            "max_tokens": most,
            "temperature": temperature,
        }
        switches, thinks = _switches(budget), budget > 0
        taken = self._taken.get(thinks)
        left = range(len(switches)) if taken is None else [taken]
        tries = [(way, switch) for switch in left for way in ways]
        for number, (way, switch) in enumerate(tries, 1):
            try:
                found = await self._connection.post(
                    "chat/completions", body | way | switches[switch]
                )
            except FaultError as fault:
                known = switch == left[-1] or fault.status in _UNKNOWN
                if number == len(tries) or fault.status not in _REFUSED or not known:
                    raise
                continue
            # a request that is refused in every way says nothing about any
            self._taken[thinks] = switch
            self._takes_schema = self._takes_schema and way is ways[0]
            return found
        raise AssertionError("there is a last try")


def _switches(budget: int) -> list[dict[str, Any]]:
    """Return the fields that tell a server how much its model thinks, most telling first.

    Some servers pass variables to the template, some take an effort, some leave out in silence
    what they do not know and others refuse it.
    """
    efforts = (effort for most, effort in _EFFORTS if budget <= most)
    effort = {"reasoning_effort": next(efforts, "high")}
    variables: dict[str, Any] = {"chat_template_kwargs": told(thinks=budget > 0)}
    return [variables | effort, variables, effort, {}]


def _refuse_thought(found: dict[str, Any]) -> None:
    """Raise if a model thinks although it was told not to: its answer is inside the thought."""
    if thought_of(found) is not None or thought_tokens_of(found):
        raise FaultError(
            "lets its model think, although it was asked not to: start it with thinking off "
            "(llama-server --reasoning-budget 0), or let it think first with --reasoning 512",
            "all",
        )


def _thoughts(found: dict[str, Any], text: str, finish: str) -> Thoughts:
    """Return what a model thought before a reply."""
    said = thought_of(found)
    if said is None:
        return Thoughts("", "unknown", None)
    cut = finish == "length" and not text.strip()
    return Thoughts(said, "cut" if cut else "closed", thought_tokens_of(found))
