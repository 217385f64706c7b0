"""Plans: how options are scored, shares chosen and texts written.

Each kind of request has a generator. It yields the next step to evaluate, receives the logits after
that step, and returns the outcome. It does not depend on what is evaluated side by side with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from doxa.backend.decoder import PromptTokens, Step
from doxa.backend.drawing import draw, log_softmax
from doxa.backend.labels import Spelling, before_labels, common_prefix, spelling
from doxa.backend.thought import write_thought
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from numpy.typing import NDArray

    from doxa.backend.decoder import Logits
    from doxa.backend.request import Request
    from doxa.backend.thought import WrittenThought
    from doxa.backend.vocabulary import Tokens, Vocabulary

__all__ = ["Outcome", "Plan", "plan"]

_TOTAL: Final = 100
"""The sum of shares."""

_SPARE: Final = 8
"""Room for tokens where the end of a thought is cut into tokens anew."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a request.

    Parameters
    ----------
    text : str
        The reply; for scored options, the most likely label.
    finished : bool
        Whether the reply ended by itself; False if it reached its limit.
    tokens : int
        Tokens written or scored.
    log_probabilities : tuple of float
        Natural logarithms, one for each option; empty if options were not scored.
    thought : WrittenThought or None
        What was thought first; its tokens are in `tokens`.
    """

    text: str
    finished: bool
    tokens: int
    log_probabilities: tuple[float, ...] = ()
    thought: WrittenThought | None = None


if TYPE_CHECKING:
    Steps = Generator[Step, Logits, Outcome]


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan for a request: its prompt is evaluated first, then step after step.

    Parameters
    ----------
    prompt : PromptTokens
        The prompt, as `doxa.backend.decoder.Decoder.enter` takes it.
    max_reply_tokens : int
        The most tokens that the steps evaluate after the prompt.
    steps : callable
        Takes what `doxa.backend.decoder.Decoder.enter` returns for the prompt, and returns a
        generator of steps.
    """

    prompt: PromptTokens
    max_reply_tokens: int
    steps: Callable[[Logits], Steps]


def plan(request: Request, parts: Sequence[str], vocabulary: Vocabulary) -> Plan:
    """Return the plan that answers a request.

    The whole text is cut into tokens at once, because the model was trained on such tokens. If a
    token spans two parts, evaluation is split before it.

    Parameters
    ----------
    request : Request
        The request; only its kind, choices, thought and parameters are read.
    parts : sequence of str
        The prompt's text: the part that its condition shares, the item, the rest. For a request
        with a thought also what follows the thought.
    vocabulary : Vocabulary
        The tokenizer.
    """
    shared, item = vocabulary.prompt(parts[0]), vocabulary.prompt(parts[0] + parts[1])
    text = "".join(parts[:3])
    if request.thought is not None:
        return _plan_thought(shared, item, request, text, parts[3], vocabulary)
    begin, most, steps, lead = _reply(request, text, vocabulary.prompt, vocabulary)
    return Plan(PromptTokens(shared, item, begin, lead), most, steps)


class _Reply(NamedTuple):
    """A plan for a reply.

    Where it begins, the most tokens that it takes, its steps, which take the logits after the last
    `lead` + 1 tokens of its beginning, and `lead`.
    """

    begin: Tokens
    most: int
    steps: Callable[[Logits], Steps]
    lead: int = 0


def _reply(
    request: Request, text: str, spell: Callable[[str], Tokens], vocabulary: Vocabulary
) -> _Reply:
    """Plan a reply after a text; `spell` returns the tokens of the prompt that ends in a text."""
    if request.kind == "options":
        return _plan_options(request.choices, text, spell)
    if request.kind == "shares":
        return _plan_shares(request.choices, text, spell, vocabulary)
    whole = spell(text)
    steps = lambda logits: _write(logits[-1], len(whole), request, vocabulary)  # noqa: E731
    return _Reply(whole, request.max_tokens, steps)


def _plan_thought(
    shared: Tokens, item: Tokens, request: Request, text: str, after: str, vocabulary: Vocabulary
) -> Plan:
    """Plan a thought, and the reply that follows it."""
    whole = vocabulary.prompt(text)
    assert request.thought is not None

    def reply(thought: Tokens, closing: str) -> _Reply:
        base = whole + thought
        return _reply(
            request, closing, lambda text: base + vocabulary.continuation(text), vocabulary
        )

    def steps(logits: Logits) -> Steps:
        assert request.thought is not None
        thought = yield from write_thought(logits[-1], len(whole), request.thought, vocabulary)
        planned = reply(thought.tokens, thought.closing(after))
        begin = planned.begin
        keep = min(len(whole) + thought.evaluated, len(begin) - 1 - planned.lead)
        rows = [(yield Step(keep, begin[keep : len(begin) - planned.lead]))]
        for end in range(len(begin) - planned.lead, len(begin)):
            rows.append((yield Step(end, begin[end : end + 1])))  # noqa: PERF401
        outcome = yield from planned.steps(np.stack(rows))
        return replace(outcome, tokens=outcome.tokens + thought.written, thought=thought)

    begin, most, *_ = reply((), after)
    room = request.thought.budget + len(begin) - len(whole) + most + _SPARE
    return Plan(PromptTokens(shared, item, whole), room, steps)


def _plan_options(choices: Sequence[str], text: str, spell: Callable[[str], Tokens]) -> _Reply:
    cut = spelling(spell(before_labels(text)), [spell(text + choice) for choice in choices])
    lead = cut.lead
    return _Reply(
        spell(text + choices[0])[: cut.start + lead],
        max(map(len, cut.tails)) - lead,
        lambda logits: _score(logits, choices, cut),
        lead,
    )


def _score(logits: Logits, choices: Sequence[str], cut: Spelling) -> Steps:
    """Score the whole token sequence of each choice; count shared tokens once."""
    held = cut.tails[0][: cut.lead]
    after: dict[Tokens, NDArray[np.float64]] = {
        held[:depth]: log_softmax(row) for depth, row in enumerate(logits)
    }
    for prefix in cut.inner:
        if prefix in after:
            continue
        keep = min(common_prefix(held, prefix), len(prefix) - 1)
        after[prefix] = log_softmax((yield Step(cut.start + keep, prefix[keep:])))
        held = prefix
    scores = cut.scores(after)
    best = choices[int(np.argmax(scores))]
    return Outcome(best, True, cut.scored, scores)


def _plan_shares(
    labels: Sequence[str], text: str, spell: Callable[[str], Tokens], vocabulary: Vocabulary
) -> _Reply:
    opening = "" if text.rstrip().endswith("{") else "{"
    lead = f'{opening}"{labels[0]}":'
    zero = _number_tail(vocabulary, labels[0])
    whole = spell(f"{text}{lead} 0")
    aligned = whole[-len(zero) :] == zero
    begin = whole[: -len(zero)] if aligned else spell(text + lead)
    longest = vocabulary.fragment(_share_text(labels, [_TOTAL] * len(labels)))
    return _Reply(
        begin,
        len(longest) + 8,
        lambda logits: _share(logits[-1], len(begin), labels, vocabulary),
    )


def _share(logits: Logits, held: int, labels: Sequence[str], vocabulary: Vocabulary) -> Steps:
    """Choose whole numbers that add up to `_TOTAL`, taking the most likely allowed token each time.

    A token is allowed if it continues the spelling of a number that is at most what remains of
    `_TOTAL`. The last label gets the remainder. The model does not choose punctuation and labels:
    they are inserted and evaluated together with the next choice.
    """
    left, shares = _TOTAL, []
    pending: Tokens = ()
    for label, following in pairwise(labels):
        spelled = _numbers(vocabulary, label, following)
        alive = list(range(left + 1))
        depth = 0
        while len(alive) > 1:
            allowed = sorted({spelled[number][depth] for number in alive})
            if len(allowed) > 1 and pending:
                logits = yield Step(held, pending)
                held += len(pending)
                pending = ()
            token = max(allowed, key=lambda token: logits[token])
            alive = [number for number in alive if spelled[number][depth] == token]
            pending += (token,)
            depth += 1
        shares.append(alive[0])
        pending += spelled[alive[0]][depth:]
        left -= alive[0]
    shares.append(left)
    text = _share_text(labels, shares)
    return Outcome(text, True, len(vocabulary.fragment(text)))


def _share_text(labels: Sequence[str], shares: Sequence[int]) -> str:
    pairs = zip(labels, shares, strict=True)
    return "{" + ", ".join(f'"{label}": {share}' for label, share in pairs) + "}"


@lru_cache(maxsize=512)
def _numbers(vocabulary: Vocabulary, label: str, following: str) -> tuple[Tokens, ...]:
    """Return the tokens from a number up to where the next one begins, for 0 to `_TOTAL`."""
    spelled = [
        vocabulary.fragment(f'{{"{label}": {number}, "{following}": 0')
        for number in range(_TOTAL + 1)
    ]
    lead = _lead(vocabulary, label)
    tail = len(_number_tail(vocabulary, following))
    middles = tuple(tokens[lead : len(tokens) - tail] for tokens in spelled)
    for number, middle in enumerate(middles):
        text = vocabulary.spell(middle).decode("utf-8", "replace")
        if "".join(text.split()) != f'{number},"{following}":':
            raise ModelError(f"the model's tokenizer spells the number {number} as {text!r}")
    return middles


@lru_cache(maxsize=512)
def _lead(vocabulary: Vocabulary, label: str) -> int:
    """Return the number of tokens before the number in a label's share."""
    first, *others = (vocabulary.fragment(f'{{"{label}": {digit}') for digit in range(10))
    return min(common_prefix(first, other) for other in others)


@lru_cache(maxsize=512)
def _number_tail(vocabulary: Vocabulary, label: str) -> Tokens:
    """Return the tokens of the number 0, including the space before it if it is part of a token."""
    return vocabulary.fragment(f'{{"{label}": 0')[_lead(vocabulary, label) :]


def _write(logits: Logits, held: int, request: Request, vocabulary: Vocabulary) -> Steps:
    """Write until the reply ends: take the most likely token each time, or draw one."""
    generator = np.random.Generator(np.random.Philox(key=request.seed))
    written: list[int] = []
    text = ""
    while len(written) < request.max_tokens:
        token = draw(logits, request.temperature, generator)
        if vocabulary.ends(token):
            return Outcome(text, True, len(written))
        written.append(token)
        text = vocabulary.spell(tuple(written)).decode("utf-8", "replace")
        if request.stop and request.stop in text:
            end = text.index(request.stop) + len(request.stop)
            return Outcome(text[:end], True, len(written))
        if len(written) < request.max_tokens:
            logits = yield Step(held, (token,))
            held += 1
    return Outcome(text, False, len(written))
