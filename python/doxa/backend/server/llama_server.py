"""Asking llama-server: doxa fills the chat template, and gets the probability of any token.

The server tells the probabilities of the likeliest next tokens, before any sampling; and that of
the token that it writes, which a bias on the scores can make any token. So labels are scored as
they are in process, by whole sequences of tokens.
"""

from __future__ import annotations

import asyncio
import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from doxa.backend.labels import before_labels, spelling
from doxa.backend.server.asking import Scores, Thoughts, Written, limit, prompt_of
from doxa.backend.server.fault import FaultError
from doxa.outside.numbers import BadNumberError, log_probability

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.backend.labels import Tail
    from doxa.backend.request import Request, Thought, ThoughtStatus, Turn
    from doxa.backend.server.asking import AfterThought
    from doxa.backend.server.capabilities import Capabilities
    from doxa.backend.server.connection import Connection

__all__ = ["LlamaServer"]

_LISTED: Final = 256
"""The likeliest tokens to ask for; a label that is not among them is asked for by itself."""
_TOTAL: Final = 100
"""The sum of shares."""
_FORCE: Final = 1e6
"""What is added to a token's score so that it is written."""
_PLAIN: Final = {
    # the model's own distribution: nothing is cut off or penalised
    "samplers": ["temperature"],
    "repeat_penalty": 1.0,
    "cache_prompt": True,
    "post_sampling_probs": False,
}
_TOO_SMALL: Final = -9999.0


class LlamaServer:
    """A llama-server and how it is asked.

    Parameters
    ----------
    connection : Connection
        The connection to it.
    capabilities : Capabilities
        What it is; its `template` is filled here.
    """

    def __init__(self, connection: Connection, capabilities: Capabilities) -> None:
        self._connection = connection
        self.capabilities = capabilities

    async def options(self, turn: Turn | AfterThought, labels: Sequence[str]) -> Scores:
        """Score the whole token sequence of each label."""
        text = prompt_of(self.capabilities, turn)
        texts = [before_labels(text), *(text + label for label in labels)]
        whole, *spelled = await asyncio.gather(*map(self._tokens, texts))
        cut = spelling(whole, spelled)
        after: dict[Tail, Mapping[int, float]] = {}
        for prefix in cut.inner:
            depth = len(prefix)
            wanted = {
                tail[depth] for tail in cut.tails if len(tail) > depth and tail[:depth] == prefix
            }
            after[prefix] = await self._next([*whole[: cut.start], *prefix], wanted)
        values = cut.scores(after)
        if not any(map(math.isfinite, values)):
            raise FaultError("gives every option the probability 0")
        return Scores(values, tokens=cut.start + cut.lead, scored=cut.scored)

    async def shares(self, turn: Turn | AfterThought, request: Request) -> Written:
        """Have the number of each label but the last written, none larger than what remains."""
        labels = request.choices
        text = prompt_of(self.capabilities, turn)
        begun = text.rstrip().endswith("{")
        lead, left, shares, written = f'{"" if begun else "{"}"{labels[0]}":', _TOTAL, [], 0
        tokens = None
        for _, following in pairwise(labels):
            prompt = await self._tokens(text + lead)
            tokens = tokens or len(prompt)
            numbers = " | ".join(f'"{number}"' for number in range(left + 1))
            found = await self._complete(
                prompt, grammar=f'root ::= " " ({numbers}) ","', n_predict=8, temperature=0
            )
            said = _content(found).strip().removesuffix(",")
            if not said.isdecimal() or int(said) > left:
                raise FaultError(f"wrote {said[:20]!r} where its grammar allows 0 to {left}")
            share = int(said)
            shares.append(share)
            left -= share
            lead += f' {share}, "{following}":'
            written += _count(found, "tokens_predicted")
        shares.append(left)
        pairs = zip(labels, shares, strict=True)
        whole = "{" + ", ".join(f'"{label}": {share}' for label, share in pairs) + "}"
        return Written(whole, "stop", tokens=tokens, written=written)

    async def text(self, turn: Turn | AfterThought, request: Request) -> Written:
        """Have a text written, from the model's own distribution."""
        prompt = await self._tokens(prompt_of(self.capabilities, turn))
        found = await self._complete(
            prompt,
            n_predict=limit(request),
            temperature=request.temperature,
            # a seed is a whole number of 32 bits, the largest of which stands for chance
            seed=request.seed % 2**31,
            stop=[request.stop] if request.stop else [],
        )
        text = _content(found)
        if found.get("stop_type") == "word":
            text += request.stop
        return Written(
            text,
            "length" if found.get("stop_type") == "limit" else "stop",
            tokens=len(prompt),
            written=_count(found, "tokens_predicted"),
        )

    async def think(self, text: str, thought: Thought) -> Thoughts:
        """Have a thought written, from the model's own distribution."""
        found = await self._complete(
            await self._tokens(text),
            n_predict=thought.budget,
            temperature=thought.temperature,
            seed=thought.seed % 2**31,
            stop=[thought.end],
            return_tokens=True,
        )
        # what closes a thought may be a token without a text of its own
        told = await self._connection.post("/detokenize", {"tokens": found.get("tokens")})
        said, end, _ = _content(told).partition(thought.end)
        ended = found.get("stop_type")
        status: ThoughtStatus = "cut" if ended == "limit" else "left"
        if end or ended == "word":
            status = "closed"
        return Thoughts(said, status, _count(found, "tokens_predicted"))

    async def _tokens(self, text: str) -> list[int]:
        """Return the tokens of a prompt, with the one that begins a text if it lacks it."""
        template = self.capabilities.template
        assert template is not None
        begun = bool(template.bos) and text.startswith(template.bos)
        body = {"content": text, "add_special": not begun, "parse_special": True}
        found = (await self._connection.post("/tokenize", body)).get("tokens")
        if not isinstance(found, list) or not all(type(token) is int for token in found):
            raise FaultError("sent something else than tokens for a text")
        return found

    async def _next(self, prompt: list[int], wanted: set[int]) -> dict[int, float]:
        """Return the natural log-probabilities of some tokens as the next one."""
        logs: dict[int, float] = {}
        for token in sorted(wanted):
            if token in logs:
                continue
            # left to itself the server may write a token without text, and then tells nothing
            found = await self._complete(
                prompt,
                n_predict=1,
                temperature=0,
                n_probs=1 if logs else _LISTED,
                logit_bias=[[token, _FORCE]],
            )
            first = _first(found)
            if first.get("id") != token:
                raise FaultError("does not write the token that it is made to write")
            logs |= _listed(first) | {token: _log(first)}
        return logs

    async def _complete(self, prompt: list[int], **options: Any) -> dict[str, Any]:
        body = {"prompt": prompt, **_PLAIN, **options}
        found = await self._connection.post("/completion", body)
        evaluated = _count(found, "tokens_evaluated")
        if evaluated != len(prompt) or found.get("truncated"):
            raise FaultError(
                f"evaluated {evaluated} tokens of a prompt of {len(prompt)}: start it with a "
                "larger context"
            )
        return found


def _content(found: Mapping[str, Any]) -> str:
    content = found.get("content")
    if not isinstance(content, str):
        raise FaultError("sent a completion without text")
    return content


def _count(found: Mapping[str, Any], name: str) -> int:
    value = found.get(name)
    if type(value) is not int or value < 0:
        raise FaultError(f"sent a completion whose {name} is no number of tokens")
    return value


def _first(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the probabilities of the first token that was written."""
    listed = found.get("completion_probabilities")
    if not isinstance(listed, list) or not listed or not isinstance(listed[0], dict):
        raise FaultError("gives no log-probabilities: elicit verbalized or sampling", "server")
    return listed[0]


def _listed(first: Mapping[str, Any]) -> dict[int, float]:
    entries = first.get("top_logprobs")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise FaultError("sent log-probabilities of an odd form")
    logs = {entry.get("id"): _log(entry) for entry in entries}
    if not all(type(token) is int for token in logs):
        raise FaultError("sent log-probabilities of an odd form: a token has no number")
    total = math.fsum(map(math.exp, logs.values()))
    if total > 1 + 1e-3:
        raise FaultError(f"gives probabilities of the next token that add up to {total:.6g}")
    return logs


def _log(entry: Mapping[str, Any]) -> float:
    try:
        value = log_probability(entry.get("logprob"), "a log-probability")
    except BadNumberError as error:
        raise FaultError(f"sent an impossible number: {error}") from None
    return value if value > _TOO_SMALL else -math.inf
