"""Asking a chat end point: the server fills its own template and begins the reply itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from doxa.backend.server.asking import Scores, Written, limit, share_limit
from doxa.backend.server.completion import TOP, scores_of, text_of, tokens_of
from doxa.backend.server.fault import FaultError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.backend.request import Request, Turn
    from doxa.backend.server.capabilities import Capabilities
    from doxa.backend.server.connection import Connection

__all__ = ["Chat", "messages_of", "share_schema"]

_REFUSED: Final = (400, 404, 415, 422, 501)
"""The statuses with which servers refuse what they do not know."""


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
        self.capabilities = capabilities

    async def options(self, turn: Turn, labels: Sequence[str]) -> Scores:
        """Read the labels' probabilities from the likeliest first tokens, within bounds."""
        found = await self._send(turn, 1, 0.0, logprobs=True, top_logprobs=TOP)
        tokens, scored, note = tokens_of(found)
        values, ceilings, unseen, odd = scores_of(found, labels)
        notes = "; ".join(filter(None, (note, odd)))
        return Scores(values, ceilings, unseen, notes, tokens, scored)

    async def shares(self, turn: Turn, labels: Sequence[str]) -> Written:
        """Have an object written, held to a JSON schema, or to JSON where the server has none."""
        tokens = share_limit(labels)
        if self._takes_schema:
            try:
                wanted = share_schema(labels)
                return self._written(await self._send(turn, tokens, 0.0, response_format=wanted))
            except FaultError as fault:
                if fault.status not in _REFUSED:
                    raise
        found = await self._send(turn, tokens, 0.0, response_format={"type": "json_object"})
        # a request that both refuse says nothing about schemas
        self._takes_schema = False
        return self._written(found)

    async def text(self, request: Request) -> Written:
        """Have a text written."""
        more = {}
        if request.temperature > 0:
            # servers take seeds of 31 bits
            more["seed"] = request.seed % 2**31
        turn, temperature = request.turn, request.temperature
        return self._written(await self._send(turn, limit(request), temperature, **more))

    async def _send(self, turn: Turn, most: int, temperature: float, **more: Any) -> dict[str, Any]:
        body = {
            "model": self._model,
            "messages": messages_of(turn),
            "max_tokens": most,
            "temperature": temperature,
        }
        return await self._connection.post("chat/completions", body | more)

    @staticmethod
    def _written(found: dict[str, Any]) -> Written:
        text, finish = text_of(found)
        tokens, written, note = tokens_of(found)
        return Written(text, finish, note, tokens, written)
