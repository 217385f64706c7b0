"""Asking a completions end point that tells the probabilities of a prompt's tokens, as vLLM does.

Each label is scored as it is in process: the prompt is sent with the label at its end, and the
probabilities of the label's tokens are read from those of the prompt.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from doxa.backend.labels import before_labels, spelling
from doxa.backend.server.asking import Scores, Thoughts, Written, limit, prompt_of, share_limit
from doxa.backend.server.chat import share_schema
from doxa.backend.server.completion import text_of, tokens_of
from doxa.backend.server.echoed import Scored, echoed, from_prompt_logprobs
from doxa.backend.server.fault import FaultError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.backend.labels import Tail
    from doxa.backend.request import Request, Thought, ThoughtStatus, Turn
    from doxa.backend.server.asking import AfterThought
    from doxa.backend.server.capabilities import Capabilities
    from doxa.backend.server.connection import Connection

__all__ = ["Completions"]

_MOST: Final = 2**25
"""The largest reply, in bytes: it repeats the prompt for each label, token by token."""
_PLAIN: Final = {"top_p": 1.0, "top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0}
"""The model's own distribution: vLLM would take what the model's makers recommend otherwise."""


class Completions:
    """A completions end point and how it is asked.

    Parameters
    ----------
    connection : Connection
        The connection to it.
    capabilities : Capabilities
        What it is; its `template` is filled here.
    model : str
        The model's name there.
    """

    def __init__(self, connection: Connection, capabilities: Capabilities, model: str) -> None:
        self._connection = connection
        self._model = model
        self.capabilities = capabilities

    async def options(self, turn: Turn | AfterThought, labels: Sequence[str]) -> Scores:
        """Score the whole token sequence of each label."""
        text = prompt_of(self.capabilities, turn)
        texts = [before_labels(text), *(text + label for label in labels)]
        if self.capabilities.tokenizes:
            prompts: list[Any] = list(await asyncio.gather(*map(self.tokens, texts)))
            scored = await self.score(prompts[1:])
            whole: Sequence[Any] = prompts[0]
        else:
            first, *scored = await self.score(texts)
            whole = first.tokens
        cut = spelling(whole, [one.tokens for one in scored])
        after: dict[Tail, dict[Any, float]] = {}
        for one, tail in zip(scored, cut.tails, strict=True):
            for depth, token in enumerate(tail):
                value = one.logs[cut.start + depth]
                if value is None:
                    raise FaultError("gives no log-probabilities of a prompt's tokens", "server")
                after.setdefault(tail[:depth], {})[token] = value
        values = cut.scores(after)
        if max(values) == float("-inf"):
            raise FaultError("gives every option the probability 0")
        return Scores(values, tokens=cut.start + cut.lead, scored=cut.scored)

    async def shares(self, turn: Turn | AfterThought, request: Request) -> Written:
        """Have an object written, held to a JSON schema."""
        labels = request.choices
        text = prompt_of(self.capabilities, turn, begun=False)
        return await self._write(
            text,
            max_tokens=share_limit(labels),
            temperature=0,
            response_format=share_schema(labels),
        )

    async def text(self, turn: Turn | AfterThought, request: Request) -> Written:
        """Have a text written, from the model's own distribution."""
        more: dict[str, Any] = {}
        if request.temperature > 0:
            more = {"seed": request.seed % 2**31}
        found = await self._write(
            prompt_of(self.capabilities, turn),
            max_tokens=limit(request),
            temperature=request.temperature,
            **more,
        )
        head, stop, _ = found.text.partition(request.stop) if request.stop else (found.text, "", "")
        return found._replace(text=head + stop, finish="stop" if stop else found.finish)

    async def think(self, text: str, thought: Thought) -> Thoughts:
        """Have a thought written, from the model's own distribution."""
        more: dict[str, Any] = {"stop": [thought.end]}
        if thought.temperature > 0:
            more["seed"] = thought.seed % 2**31
        if self.capabilities.program == "vLLM":
            # what closes a thought may be a token without a text of its own
            more |= {"skip_special_tokens": False, "include_stop_str_in_output": True}
        found = await self._write(
            text, max_tokens=thought.budget, temperature=thought.temperature, **more
        )
        said, end, _ = found.text.partition(thought.end)
        status: ThoughtStatus = "cut" if found.finish == "length" else "left"
        if end or (found.finish == "stop" and self.capabilities.program != "vLLM"):
            status = "closed"
        return Thoughts(said, status, found.written)

    async def tokens(self, text: str) -> list[int]:
        """Return the tokens of a prompt; the template of a chat model writes the first itself."""
        body = {"model": self._model, "prompt": text, "add_special_tokens": self._plain}
        found = (await self._connection.post("/tokenize", body)).get("tokens")
        if not isinstance(found, list) or not all(type(token) is int for token in found):
            raise FaultError("sent something else than tokens for a text")
        return found

    async def score(
        self, prompts: Sequence[str | list[int]], *, trial: bool = False
    ) -> list[Scored]:
        """Return the tokens of prompts, and the probability of each after those before it."""
        body: dict[str, Any] = {
            "model": self._model,
            "prompt": list(prompts),
            "max_tokens": 1,
            "temperature": 0,
        }
        if self.capabilities.scoring == "prompt_logprobs":
            body["prompt_logprobs"] = 0
        else:
            body |= {"echo": True, "logprobs": 1, "add_special_tokens": self._plain}
        found = await self._connection.post("completions", body, _MOST, trial=trial)
        if self.capabilities.scoring == "prompt_logprobs":
            return from_prompt_logprobs(found, prompts)
        return echoed(found, prompts)

    @property
    def _plain(self) -> bool:
        template = self.capabilities.template
        return template is None or not template.source

    async def _write(self, text: str, **options: Any) -> Written:
        prompt = await self.tokens(text) if self.capabilities.tokenizes else text
        body = {"model": self._model, "prompt": prompt, **options}
        if self.capabilities.program == "vLLM":
            body |= _PLAIN
        found = await self._connection.post("completions", body)
        said, finish = text_of(found)
        tokens, written, note = tokens_of(found)
        return Written(said, finish, note, tokens, written)
