"""The body of a chat completion, read as an answer.

Nothing in it is believed before it was looked at: a body may lack anything, and hold anything.
"""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from doxa.backend.server.fault import FaultError
from doxa.backend.thinking import split
from doxa.outside.numbers import MOST_TOKENS, BadNumberError, log_probability, whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "TOP",
    "Listed",
    "scores_of",
    "text_of",
    "thought_of",
    "thought_tokens_of",
    "tokens_of",
]

TOP: Final = 20
"""The number of most likely tokens to ask for; servers do not return more."""

_TOO_SMALL: Final = -9999.0
"""What servers write for a probability that is too small to report."""
_ABOVE_ONE: Final = 1e-3

_THOUGHTS: Final = ("reasoning_content", "reasoning", "thinking")
"""The fields of a message that servers put a thought into."""


class Listed(NamedTuple):
    """What the most likely first tokens say of the labels.

    Attributes
    ----------
    values : tuple of float
        Their natural log-probabilities; minus infinity for one that is not listed.
    ceilings : tuple of float
        The most that each may be; empty if all are listed.
    unseen : float
        The most probability that the tokens that are not listed have together.
    note : str
        What was odd about them.
    """

    values: tuple[float, ...]
    ceilings: tuple[float, ...]
    unseen: float
    note: str


def text_of(found: Mapping[str, Any]) -> tuple[str, Literal["stop", "length"]]:
    """Return the text of a completion and why it ended, ``"stop"`` or ``"length"``.

    Raises
    ------
    FaultError
        There is no text where it should be.

    Examples
    --------
    >>> text_of({"choices": [{"message": {"content": "2"}, "finish_reason": "length"}]})
    ('2', 'length')
    """
    choice = _choice(found)
    message = choice.get("message")
    if message is None and isinstance(choice.get("text"), str):
        # a completion that is no chat
        message = {"content": choice["text"]}
    if not isinstance(message, dict):
        raise FaultError(f"sent a completion without a message: message is {_kind(message)}")
    content = message.get("content")
    if content is None:
        # a refusal has a field of its own
        content = message.get("refusal") or ""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        texts = [part for part in parts if isinstance(part, str)]
        content = "".join(texts) if len(texts) == len(content) else content
    if not isinstance(content, str):
        raise FaultError(f"sent a message without text: content is {_kind(content)}")
    if (both := split(content)) is not None:
        content = both[1]  # a thought is no answer
    return content, "length" if choice.get("finish_reason") == "length" else "stop"


def thought_of(found: Mapping[str, Any]) -> str | None:
    """Return what a model thought before its reply; None if there is no sign of a thought.

    Servers put it into a field of its own, under several names, or leave it in the text; where only
    the first token was asked for, that token may open it.

    Examples
    --------
    >>> message = {"content": "2", "reasoning_content": "One or two?"}
    >>> thought_of({"choices": [{"message": message}]})
    'One or two?'
    """
    choice = _choice(found)
    message = choice.get("message")
    if not isinstance(message, dict):
        return None
    for name in _THOUGHTS:
        if isinstance(message.get(name), str) and message[name].strip():
            return str(message[name])
    content = message.get("content")
    both = split(content) if isinstance(content, str) else None
    if both is None and isinstance(first := _first_token(choice), str):
        both = split(first)
    return both[0] if both is not None else None


def thought_tokens_of(found: Mapping[str, Any]) -> int | None:
    """Return the tokens of the thought, None if the server does not tell."""
    value: Any = found.get("usage")
    for name in ("completion_tokens_details", "reasoning_tokens"):
        value = value.get(name) if isinstance(value, dict) else None
    try:
        return None if value is None else whole(value, "reasoning_tokens", most=MOST_TOKENS)
    except BadNumberError:
        return None


def _first_token(choice: Mapping[str, Any]) -> object:
    """Return the token that a reply begins with, where its probabilities were asked for."""
    inner: Any = choice.get("logprobs")
    with suppress(TypeError, KeyError, IndexError):
        return inner["content"][0]["token"]
    return None


def scores_of(found: Mapping[str, Any], labels: Sequence[str]) -> Listed:
    """Return the labels' log-probabilities among those of the most likely first tokens.

    A label that is not among them is at most as likely as the least likely of them, and all that
    is not among them has together at most what they leave.

    Raises
    ------
    FaultError
        There are none, they cannot be probabilities, or they do not tell the labels apart.

    Examples
    --------
    >>> top = [{"token": "1", "logprob": -0.5}, {"token": " 2", "logprob": -1.5}]
    >>> body = {"choices": [{"logprobs": {"content": [{"top_logprobs": top}]}}]}
    >>> scores_of(body, ["1", "2"]).values
    (-0.5, -1.5)
    """
    logs, notes = _logs(_top(found))
    total = math.fsum(map(math.exp, logs.values()))
    if total > 1 + _ABOVE_ONE:
        raise FaultError(f"gives probabilities of the first token that add up to {total:.6g}")
    for label in labels:
        shorter = [other for other in labels if other != label and label.startswith(other)]
        if label not in logs and any(other in logs for other in shorter):
            raise FaultError(
                f"does not tell option {label} from {shorter[0]}: use letters as labels"
            )
    missing = [label for label in labels if label not in logs]
    if len(missing) == len(labels):
        raise FaultError(f"lists no option among the {TOP} most likely first tokens")
    values = tuple(logs.get(label, -math.inf) for label in labels)
    if not missing:
        return Listed(values, (), 0.0, "; ".join(notes))
    unseen = max(0.0, 1 - total)
    most = min(unseen, *map(math.exp, logs.values()))
    notes.append(
        f"not among the most likely first tokens, so from 0 to {most:.2g}: {', '.join(missing)}"
    )
    ceiling = math.log(most) if most > 0 else -math.inf
    ceilings = tuple(logs.get(label, ceiling) for label in labels)
    return Listed(values, ceilings, unseen, "; ".join(notes))


def tokens_of(found: Mapping[str, Any]) -> tuple[int | None, int | None, str]:
    """Return the tokens of the prompt and of the reply, None if unknown, and what was odd.

    Examples
    --------
    >>> tokens_of({"usage": {"prompt_tokens": 9, "completion_tokens": "x"}})
    (9, None, "not counted: completion_tokens is 'x': not a whole number")
    """
    usage = found.get("usage")
    if not isinstance(usage, dict):
        return None, None, "" if usage is None else f"not counted: usage is {_kind(usage)}"
    counts: list[int | None] = []
    notes = []
    for name in ("prompt_tokens", "completion_tokens"):
        value = usage.get(name)
        try:
            counts.append(None if value is None else whole(value, name, most=MOST_TOKENS))
        except BadNumberError as error:
            counts.append(None)
            notes.append(f"not counted: {error}")
    return counts[0], counts[1], "; ".join(notes)


def _choice(found: Mapping[str, Any]) -> dict[str, Any]:
    choices = found.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise FaultError(f"sent a completion without a reply: choices is {_kind(choices)}")
    return choices[0]


def _top(found: Mapping[str, Any]) -> list[Any]:
    """Return the list of the most likely first tokens."""
    inner: Any = _choice(found).get("logprobs")
    for step in ("content", 0, "top_logprobs"):
        if inner in (None, [], {}):
            raise FaultError("gives no log-probabilities: elicit verbalized or sampling", "server")
        try:
            inner = inner[step]
        except (TypeError, KeyError, IndexError):
            raise FaultError(f"sent log-probabilities of an odd form: {_kind(inner)}") from None
    if not inner:
        raise FaultError("gives no log-probabilities: elicit verbalized or sampling", "server")
    if not isinstance(inner, list):
        raise FaultError(f"sent log-probabilities of an odd form: {_kind(inner)}")
    return inner


def _logs(entries: Sequence[Any]) -> tuple[dict[str, float], list[str]]:
    """Return the log-probability of each token, spaces around it ignored, and what was odd."""
    seen: dict[str, list[float]] = {}
    logs: dict[str, float] = {}
    repeated = []
    for entry in entries:
        token = entry.get("token") if isinstance(entry, dict) else None
        if not isinstance(token, str):
            raise FaultError(f"sent log-probabilities of an odd form: a token is {_kind(token)}")
        try:
            value = log_probability(entry.get("logprob"), f"the log-probability of {token[:20]!r}")
        except BadNumberError as error:
            raise FaultError(f"sent an impossible number: {error}") from None
        if value <= _TOO_SMALL:
            continue
        before = seen.setdefault(token, [])
        if before:
            repeated.append(token)
        if value in before:
            continue
        before.append(value)
        label = token.strip()
        logs[label] = _sum(logs[label], value) if label in logs else value
    notes = []
    if repeated:
        named = ", ".join(map(repr, dict.fromkeys(repeated)))
        notes.append(f"listed more than once, different values added up: {named[:80]}")
    return logs, notes


def _sum(one: float, other: float) -> float:
    """Return the logarithm of the sum of two probabilities; it does not underflow."""
    high, low = max(one, other), min(one, other)
    return high + math.log1p(math.exp(low - high))


def _kind(value: object) -> str:
    """Name what came in place of what was wanted."""
    names = {dict: "an object", list: "a list", str: "a text", type(None): "null"}
    if value in ([], {}, ""):
        return "empty"
    return names.get(type(value), "a number or a truth value")
