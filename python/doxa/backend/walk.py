"""How a reply is read token by token: options scored, shares chosen, text written.

Each walk is a generator. It yields the step it wants evaluated and is sent the logits after
it, so the same walk runs alone or side by side with others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from doxa.backend.decoder import Extension, common_prefix
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from numpy.typing import NDArray

    from doxa.backend.request import Request
    from doxa.backend.vocabulary import Vocabulary

__all__ = ["Course", "Outcome", "plan"]

Tokens = tuple[int, ...]
TOTAL = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a walk found: the reply's text, how it ended, and scores of the choices."""

    text: str
    finished: bool
    tokens: int
    log_probabilities: tuple[float, ...] = ()


Walk = "Generator[Extension, NDArray[np.float32], Outcome]"


@dataclass(frozen=True, slots=True)
class Course:
    """The tokens to evaluate before a walk begins, how far it may go, and the walk.

    Parameters
    ----------
    path : (shared, item, whole)
        Token sequences as `doxa.backend.decoder.Decoder.enter` takes them.
    reach : int
        Tokens that the walk holds beyond `path` at most.
    walk : callable
        From the logits after `path` to a generator.
    """

    path: tuple[Tokens, Tokens, Tokens]
    reach: int
    walk: Callable[[NDArray[np.float32]], Generator[Extension, NDArray[np.float32], Outcome]]


def plan(request: Request, parts: tuple[str, ...], vocabulary: Vocabulary) -> Course:
    """Return the course that answers a request.

    The whole text is always tokenised in one piece, so tokens are those the model was
    trained to see; where a token spans two parts, evaluation is split before it.

    Parameters
    ----------
    request : Request
        The request; only its kind, choices and parameters are read.
    parts : tuple of str
        The prompt's text: what its condition shares, the item, the closing.
    vocabulary : Vocabulary
        The tokenizer.
    """
    shared, item = vocabulary.prompt(parts[0]), vocabulary.prompt(parts[0] + parts[1])
    text = "".join(parts)
    if request.kind == "options":
        return _plan_options(shared, item, text, request.choices, vocabulary)
    if request.kind == "shares":
        return _plan_shares(shared, item, text, request.choices, vocabulary)
    whole = vocabulary.prompt(text)
    return Course(
        (shared, item, whole),
        request.max_tokens,
        lambda logits: _write(logits, len(whole), request, vocabulary),
    )


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return natural log-probabilities in double precision.

    Examples
    --------
    >>> np.exp(log_softmax(np.zeros(4, dtype=np.float32)))
    array([0.25, 0.25, 0.25, 0.25])
    """
    wide = logits.astype(np.float64)
    wide -= wide.max()
    wide -= np.log(np.exp(wide).sum())
    return wide


def _plan_options(
    shared: Tokens, item: Tokens, text: str, choices: Sequence[str], vocabulary: Vocabulary
) -> Course:
    whole = vocabulary.prompt(text)
    spelled = [vocabulary.prompt(text + choice) for choice in choices]
    # a label may merge with the end of the prompt: then begin at what all have in common
    start = min(common_prefix(whole, tokens) for tokens in spelled)
    tails = [tokens[start:] for tokens in spelled]
    return Course(
        (shared, item, whole[:start]),
        max(map(len, tails)),
        lambda logits: _score(logits, start, choices, tails),
    )


def _score(
    logits: NDArray[np.float32], start: int, choices: Sequence[str], tails: Sequence[Tokens]
) -> Generator[Extension, NDArray[np.float32], Outcome]:
    """Score each choice's whole token sequence, evaluating each inner token once."""
    after: dict[Tokens, NDArray[np.float64]] = {(): log_softmax(logits)}
    inner = sorted({tail[:depth] for tail in tails for depth in range(1, len(tail))})
    held: Tokens = ()
    for prefix in inner:
        keep = min(common_prefix(held, prefix), len(prefix) - 1)
        after[prefix] = log_softmax((yield Extension(start + keep, prefix[keep:])))
        held = prefix
    begins = [
        float(sum(after[tail[:depth]][token] for depth, token in enumerate(tail))) for tail in tails
    ]
    scores = tuple(_exclusive(index, begins, tails) for index in range(len(tails)))
    best = choices[int(np.argmax(scores))]
    return Outcome(best, True, sum(map(len, tails)), scores)


def _exclusive(index: int, begins: Sequence[float], tails: Sequence[Tokens]) -> float:
    """Return the log-probability of a choice that does not go on to a longer one.

    "1" begins "10": the probability that a reply is "1" is that of "1" less that of "10".
    Of longer choices that begin one another only the shortest is taken off.
    """
    tail = tails[index]
    longer = [
        other
        for other in range(len(tails))
        if len(tails[other]) > len(tail) and tails[other][: len(tail)] == tail
    ]
    shortest = [
        other
        for other in longer
        if not any(
            len(tails[middle]) < len(tails[other])
            and tails[other][: len(tails[middle])] == tails[middle]
            for middle in longer
        )
    ]
    taken = sum(np.exp(begins[other] - begins[index]) for other in shortest)
    return float(begins[index] + np.log1p(-min(taken, 1.0))) if taken < 1 else -np.inf


def _plan_shares(
    shared: Tokens, item: Tokens, text: str, labels: Sequence[str], vocabulary: Vocabulary
) -> Course:
    opening = "" if text.rstrip().endswith("{") else "{"
    lead = f'{opening}"{labels[0]}":'
    zero = _number_tail(vocabulary, labels[0])
    whole = vocabulary.prompt(f"{text}{lead} 0")
    aligned = whole[-len(zero) :] == zero
    whole = whole[: -len(zero)] if aligned else vocabulary.prompt(text + lead)
    longest = vocabulary.fragment(_share_text(labels, [TOTAL] * len(labels)))
    return Course(
        (shared, item, whole),
        len(longest) + 8,
        lambda logits: _share(logits, len(whole), labels, vocabulary),
    )


def _share(
    logits: NDArray[np.float32], held: int, labels: Sequence[str], vocabulary: Vocabulary
) -> Generator[Extension, NDArray[np.float32], Outcome]:
    """Choose whole numbers that add up to `TOTAL`, greedily among the tokens allowed.

    A token is allowed if it continues the spelling of a number that is not larger than
    what is left to give out. The last label gets the remainder. Punctuation and labels are
    put in without asking, and evaluated together with the next choice.
    """
    left, shares = TOTAL, []
    pending: Tokens = ()
    for label, following in pairwise(labels):
        spelled = _numbers(vocabulary, label, following)
        alive = list(range(left + 1))
        depth = 0
        while len(alive) > 1:
            allowed = sorted({spelled[number][depth] for number in alive})
            if len(allowed) > 1 and pending:
                logits = yield Extension(held, pending)
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
    """Return, for 0 to `TOTAL`, the tokens from a number up to the next number's place."""
    spelled = [
        vocabulary.fragment(f'{{"{label}": {number}, "{following}": 0')
        for number in range(TOTAL + 1)
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
    """Return how many tokens come before the number in a share of `label`."""
    first, *others = (vocabulary.fragment(f'{{"{label}": {digit}') for digit in range(10))
    return min(common_prefix(first, other) for other in others)


@lru_cache(maxsize=512)
def _number_tail(vocabulary: Vocabulary, label: str) -> Tokens:
    """Return the tokens of a 0, with its space where that belongs to it."""
    return vocabulary.fragment(f'{{"{label}": 0')[_lead(vocabulary, label) :]


def _write(
    logits: NDArray[np.float32], held: int, request: Request, vocabulary: Vocabulary
) -> Generator[Extension, NDArray[np.float32], Outcome]:
    """Write freely, greedily or at a temperature, until the reply ends."""
    generator = np.random.Generator(np.random.Philox(key=request.seed))
    written: list[int] = []
    text = ""
    while len(written) < request.max_tokens:
        token = _draw(logits, request.temperature, generator)
        if vocabulary.ends(token):
            return Outcome(text, True, len(written))
        written.append(token)
        text = vocabulary.spell(tuple(written)).decode("utf-8", "replace")
        if request.stop and request.stop in text:
            end = text.index(request.stop) + len(request.stop)
            return Outcome(text[:end], True, len(written))
        if len(written) < request.max_tokens:
            logits = yield Extension(held, (token,))
            held += 1
    return Outcome(text, False, len(written))


def _draw(logits: NDArray[np.float32], temperature: float, generator: np.random.Generator) -> int:
    if temperature == 0:
        return int(np.argmax(logits))
    mass = np.exp(log_softmax(logits / np.float32(temperature))).cumsum()
    return int(np.searchsorted(mass, generator.random() * mass[-1], side="right"))
