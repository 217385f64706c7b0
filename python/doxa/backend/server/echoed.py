"""The probabilities of a prompt's tokens, as completions end points tell them.

Two forms are documented: vLLM's ``prompt_logprobs``, and OpenAI's ``echo`` with ``logprobs``. Some
servers take either word and leave the numbers out, or give those of the written tokens alone; what
does not cover the whole prompt is refused.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from doxa.backend.server.fault import FaultError
from doxa.outside.numbers import BadNumberError, log_probability

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Scored", "echoed", "from_prompt_logprobs"]

_TOO_SMALL: Final = -9999.0
"""What servers write for a probability that is too small to report."""
_NONE: Final = "gives no log-probabilities of a prompt's tokens: elicit verbalized or sampling"


class Scored(NamedTuple):
    """A prompt's tokens, as numbers or texts, and their log-probabilities; None for the first."""

    tokens: tuple[Any, ...]
    logs: tuple[float | None, ...]


def from_prompt_logprobs(found: Mapping[str, Any], prompts: Sequence[Any]) -> list[Scored]:
    """Read ``prompt_logprobs``: for each token of a prompt, an object of tokens by number.

    Parameters
    ----------
    found : Mapping
        The body of a completion.
    prompts : sequence of list of int
        The prompts that were sent, in tokens.

    Raises
    ------
    FaultError
        They do not cover a prompt, or are no probabilities.

    Examples
    --------
    >>> entries = [None, {"7": {"logprob": -0.5, "rank": 1, "decoded_token": " 1"}}]
    >>> body = {"choices": [{"index": 0, "prompt_logprobs": entries}]}
    >>> from_prompt_logprobs(body, [[1, 7]])
    [Scored(tokens=(1, 7), logs=(None, -0.5))]
    """
    scored = []
    for choice, prompt in zip(_choices(found, len(prompts)), prompts, strict=True):
        entries = choice.get("prompt_logprobs")
        if not isinstance(entries, list) or len(entries) != len(prompt):
            raise FaultError(_NONE, "server")
        logs: list[float | None] = [None]
        for token, entry in zip(prompt[1:], entries[1:], strict=True):
            one = entry.get(str(token)) if isinstance(entry, dict) else None
            if not isinstance(one, dict):
                raise FaultError(_NONE, "server")
            logs.append(_log(one.get("logprob")))
        scored.append(Scored(tuple(prompt), tuple(logs)))
    return scored


def echoed(found: Mapping[str, Any], prompts: Sequence[Any]) -> list[Scored]:
    """Read the log-probabilities of an echoed prompt, whose tokens are texts.

    Parameters
    ----------
    found : Mapping
        The body of a completion.
    prompts : sequence of str or list of int
        The prompts that were sent; the tokens of one sent as numbers keep them.

    Raises
    ------
    FaultError
        They do not cover a prompt, or are no probabilities.

    Examples
    --------
    >>> logs = {"tokens": ["a", " 1", "!"], "token_logprobs": [None, -0.5, -2.0]}
    >>> body = {"choices": [{"text": "a 1!", "logprobs": logs}]}
    >>> echoed(body, ["a 1"])
    [Scored(tokens=('a', ' 1'), logs=(None, -0.5))]
    """
    scored = []
    for choice, prompt in zip(_choices(found, len(prompts)), prompts, strict=True):
        logs = choice.get("logprobs")
        if not isinstance(logs, dict):
            raise FaultError(_NONE, "server")
        tokens, values = logs.get("tokens"), logs.get("token_logprobs")
        if not isinstance(tokens, list) or not isinstance(values, list):
            raise FaultError(_NONE, "server")
        count = _within(prompt, tokens) if isinstance(prompt, str) else len(prompt)
        if len(values) < count or len(tokens) < count or count < 2 or values[1] is None:
            raise FaultError(_NONE, "server")
        kept = tuple(tokens[:count]) if isinstance(prompt, str) else tuple(prompt)
        found_logs = (None if value is None else _log(value) for value in values[:count])
        scored.append(Scored(kept, tuple(found_logs)))
    return scored


def _within(prompt: str, tokens: Sequence[Any]) -> int:
    """Return how many of the tokens spell a prompt; one that was written after it is left out.

    A server may put a token in front that begins a text, and may spell other letters than those
    of English by halves, so the end of the prompt is looked for.
    """
    end = prompt
    while not end.isascii():
        end = end[1:]
    for count in (len(tokens) - 1, len(tokens)):
        spelled = "".join(token for token in tokens[:count] if isinstance(token, str))
        if end and spelled.endswith(end):
            return count
    raise FaultError("echoes another text than the prompt", "server")


def _choices(found: Mapping[str, Any], n: int) -> list[dict[str, Any]]:
    choices = found.get("choices")
    if not isinstance(choices, list) or not all(isinstance(one, dict) for one in choices):
        raise FaultError("sent a completion without a reply")
    if len(choices) != n:
        raise FaultError(f"sent {len(choices)} replies to {n} prompts")
    places = [choice.get("index", place) for place, choice in enumerate(choices)]
    if sorted(map(str, places)) != sorted(map(str, range(n))):
        raise FaultError("numbers its replies oddly")
    return [
        choice for _, choice in sorted(zip(places, choices, strict=True), key=lambda one: one[0])
    ]


def _log(value: object) -> float:
    try:
        found = log_probability(value, "the log-probability of a prompt's token")
    except BadNumberError as error:
        raise FaultError(f"sent an impossible number: {error}") from None
    return found if found > _TOO_SMALL else -math.inf
