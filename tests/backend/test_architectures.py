"""Every kind of architecture: a shared part that is copied changes no probability.

The tiny models of `tiny_kinds` are asked twice: by doxa's engine, and by llama-cpp-python's `Llama`
with an empty cache and the whole text in one batch.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import astuple, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import llama_cpp
import numpy as np
import pytest
from tiny_kinds import KINDS, WINDOW
from tiny_models import kind_model, requests

from doxa.backend import Request, Turn
from doxa.backend.decoder import BATCH, Decoder, PromptTokens, Step, memory
from doxa.backend.drawing import log_softmax
from doxa.backend.loaded import LoadedModel
from doxa.backend.template import ChatTemplate
from doxa.backend.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from doxa.backend.decoder import Logits
    from doxa.backend.vocabulary import Tokens

WINDOWED: Final = {"gemma2", "gemma3", "cohere2", "gpt-oss"}
DENSE: Final = {"llama", "qwen2", "qwen3", "qwen2moe", "qwen3moe", "deepseek2"}
CLOSE: Final = 1e-4


class Whole:
    """A model that evaluates every text anew, in one batch."""

    def __init__(self, architecture: str) -> None:
        self._llama = llama_cpp.Llama(
            str(kind_model(architecture)), n_ctx=1024, n_batch=1024, n_ubatch=1024,
            n_threads=1, n_threads_batch=1, verbose=False,
        )  # fmt: skip

    def log_probabilities(self, tokens: Tokens) -> NDArray[np.float64]:
        """Return those of the next token."""
        self._llama.reset()
        self._llama.eval(list(tokens))
        pointer = llama_cpp.llama_get_logits_ith(self._llama.ctx, -1)
        return log_softmax(np.ctypeslib.as_array(pointer, (self._llama.n_vocab(),)).copy())

    def score(self, text: str, label: str) -> float:
        """Return the log-probability of a label, and of the space before it that ends a text."""
        start, whole = (self._tokens(one) for one in (text.rstrip(" "), text + label))
        assert whole[: len(start)] == start
        return sum(
            self.log_probabilities(whole[:end])[whole[end]] for end in range(len(start), len(whole))
        )

    def _tokens(self, text: str) -> Tokens:
        return tuple(self._llama.tokenize(text.encode(), add_bos=False, special=True))


whole = lru_cache(maxsize=2)(Whole)


@contextmanager
def decoder(architecture: str, *, parallel: int = 1, n_ctx: int = 1024) -> Iterator[Decoder]:
    weights = Weights(kind_model(architecture), gpu_layers=0)
    library = llama_cpp.llama_model_get_vocab(weights.handle)
    size = llama_cpp.llama_vocab_n_tokens(library)
    made = Decoder(weights.handle, size, n_ctx, threads=1, parallel=parallel)
    try:
        yield made
    finally:
        made.close()
        weights.close()


def drawn(seed: int, length: int) -> Tokens:
    return tuple(map(int, np.random.default_rng(seed).integers(3, 250, length)))


SHARED: Final = drawn(0, BATCH + 12)


def prompts(number: int, parallel: int) -> list[PromptTokens]:
    """Return prompts side by side; in every other group, the parts meet in other tokens."""
    found = []
    for seed in range(10 * number, 10 * number + parallel):
        cut = number % 2 * (1 + seed % 3)
        item = SHARED[: len(SHARED) - cut] + drawn(seed + 1, 20)
        found.append(PromptTokens(SHARED, item, item[: len(item) - cut] + drawn(seed + 2, 6)))
    return found


def differs(logits: Logits | None, expected: NDArray[np.float64]) -> float:
    assert logits is not None
    found = np.exp(log_softmax(logits)) - np.exp(expected)
    return float(np.abs(found).max())


@pytest.mark.parametrize("architecture", KINDS)
def test_the_kind_of_memory_is_what_llama_cpp_says(architecture: str) -> None:
    weights = Weights(kind_model(architecture), gpu_layers=0)
    kinds = {"window": WINDOWED, "all": DENSE}
    expected = next((kind for kind, names in kinds.items() if architecture in names), "state")
    assert memory(weights.handle) == expected
    weights.close()


@pytest.mark.parametrize("parallel", [1, 3])
@pytest.mark.parametrize("architecture", KINDS)
def test_after_a_shared_part_all_is_as_without_it(architecture: str, parallel: int) -> None:
    """Many items; replies that go on, and that go back as far as to the prompt."""
    alone = whole(architecture)
    far = (*SHARED[:-40], *reversed(SHARED[-40:]))
    moved = alone.log_probabilities(far) - alone.log_probabilities(SHARED)
    assert np.abs(moved).max() > 100 * CLOSE
    assert len(SHARED) > 2 * WINDOW
    with decoder(architecture, parallel=parallel) as made:
        for number in range(3):
            group = prompts(number, parallel)
            held = [prompt.whole for prompt in group]
            after = [None if rows is None else rows[-1] for rows in made.enter(group)]
            found = list(zip(after, held, strict=True))
            for back in (0, 0, 2, 99):
                steps = []
                for slot, prompt in enumerate(group):
                    keep = max(len(prompt.whole), len(held[slot]) - back)
                    tokens = drawn(number + back + slot, 2)
                    steps.append((slot, Step(keep, tokens)))
                    held[slot] = held[slot][:keep] + tokens
                found += zip(made.extend(steps), held, strict=True)
            for logits, text in found:
                assert differs(logits, alone.log_probabilities(text)) < CLOSE


@pytest.mark.parametrize("architecture", KINDS)
def test_earlier_prompts_do_not_change_a_bit(architecture: str) -> None:
    def after(*before: PromptTokens, prompt: PromptTokens) -> Logits | None:
        with decoder(architecture, n_ctx=256) as made:
            for earlier in before:
                made.enter([earlier])
                made.extend([(0, Step(len(earlier.whole), (11, 12)))])
            return made.enter([prompt])[0]

    first, second, other = prompts(0, 1)[0], prompts(1, 1)[0], prompts(3, 1)[0]
    for prompt in (first, second):
        expected = after(prompt=prompt)
        for before in ((prompt,), (second, first), (other, second, other)):
            found = after(*before, prompt=prompt)
            assert found is not None
            assert np.array_equal(found, expected)


@pytest.mark.parametrize("architecture", ["llama", *sorted(WINDOWED)])
def test_a_long_reply_goes_back_after_others_took_its_room(architecture: str) -> None:
    """What lies outside the window of a reply's end lies inside it once the end is cut off."""
    group = prompts(0, 2)
    held = [prompt.whole for prompt in group]
    with decoder(architecture, parallel=2) as made:
        made.enter(group)
        for token in range(5, 5 + 2 * WINDOW):
            made.extend([(slot, Step(len(held[slot]), (token,))) for slot in range(2)])
            held = [(*tokens, token) for tokens in held]
        made.extend([(1, Step(len(group[1].whole), drawn(7, 3 * WINDOW)))])
        [logits] = made.extend([(0, Step(len(held[0]) - 20, (9,)))])
    expected = whole(architecture).log_probabilities((*held[0][:-20], 9))
    assert differs(logits, expected) < CLOSE


@pytest.mark.parametrize("architecture", ["gemma3", "gpt-oss"])
def test_a_shared_part_of_many_windows_leaves_room_for_copies(architecture: str) -> None:
    """A cache of the windows' size had no room for what follows a copy."""
    long = drawn(0, 900)
    item = (*long, *drawn(1, 20))
    with decoder(architecture) as made:
        [[logits]] = made.enter([PromptTokens(long, item, (*item, 7))])
    assert differs(logits, whole(architecture).log_probabilities((*item, 7))) < CLOSE


def spelled(request: Request) -> Request:
    return replace(request, turn=Turn(*ChatTemplate().render(*astuple(request.turn))))


@pytest.mark.parametrize("parallel", [1, 3])
@pytest.mark.parametrize("architecture", KINDS)
def test_options_have_the_probabilities_of_the_whole_texts(
    architecture: str, parallel: int
) -> None:
    """Ten labels, of which one has two tokens, after texts of more tokens than the window has."""
    asked = [spelled(request) for request in requests(range(3))]
    with LoadedModel(
        kind_model(architecture), name="tiny", threads=1, gpu_layers=0, parallel=parallel,
        context_length=None,
    ) as model:  # fmt: skip
        model.prepare(asked)
        items = [asked[start : start + 3] for start in range(0, len(asked), 3)]
        scored = {
            request.turn: answer.log_probabilities
            for start in range(0, len(items), parallel)
            for side_by_side in zip(*items[start : start + parallel], strict=True)
            for request, answer in zip(side_by_side, model.answer(side_by_side), strict=True)
            if request.kind == "options"
        }
    assert len(scored) == 3
    for read, found in scored.items():
        text = read.system + read.user + read.ask
        expected = np.exp([whole(architecture).score(text, str(one)) for one in range(1, 11)])
        expected[0] -= expected[9]
        assert np.abs(np.exp(found) - expected).max() < CLOSE
