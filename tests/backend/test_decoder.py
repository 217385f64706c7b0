from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import llama_cpp
import numpy as np
import pytest
from tiny_models import bigram, random_model, table, token, words

from doxa.backend import BACKENDS
from doxa.backend.decoder import BATCH, Decoder, PromptTokens, Step
from doxa.backend.weights import Weights
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from doxa.backend.decoder import Logits

SHARED = tuple(3 + number % 250 for number in range(BATCH + 50))
LEFT = PromptTokens(SHARED, (*SHARED, 40, 41), (*SHARED, 40, 41, 7, 8))
RIGHT = PromptTokens(SHARED, (*SHARED, 50), (*SHARED, 50, 7, 8))
# the last token of the shared part is another one where the item begins
MEETING = PromptTokens(SHARED, (*SHARED[:-1], 90, 91), (*SHARED[:-1], 90, 92, 7))
OTHER = PromptTokens((5, 6), (5, 6, 7), (5, 6, 7, 8))


@contextmanager
def decoder(
    model: Path | None = None, *, n_ctx: int = 1024, parallel: int = 1
) -> Iterator[Decoder]:
    weights = Weights(model or random_model(), gpu_layers=0)
    made = Decoder(weights.handle, words("bytes").size, n_ctx, threads=1, parallel=parallel)
    try:
        yield made
    finally:
        made.close()
        weights.close()


def alone(*tokens: int) -> Logits:
    """Return the logits after tokens in an empty cache."""
    with decoder() as fresh:
        [[logits]] = fresh.enter([PromptTokens(tokens, tokens, tokens)])
    return logits


def test_the_logits_are_those_after_the_last_token() -> None:
    last = token("bytes", "x")
    with decoder(bigram()) as made:
        [[logits]] = made.enter([PromptTokens((9,), (9, 10), (9, 10, last))])
        assert logits == pytest.approx(table("bytes")[last], abs=2e-3)
        [logits] = made.extend([(0, Step(3, (last, 10)))])
        assert logits == pytest.approx(table("bytes")[10], abs=2e-3)


def test_earlier_prompts_do_not_change_a_bit() -> None:
    def after(*before: PromptTokens, prompt: PromptTokens) -> Logits:
        with decoder() as made:
            for earlier in before:
                made.enter([earlier])
                made.extend([(0, Step(len(earlier.whole), (11, 12)))])
            [[logits]] = made.enter([prompt])
        return logits

    for prompt in (LEFT, RIGHT, MEETING):
        first = after(prompt=prompt)
        for before in ((prompt,), (LEFT, RIGHT), (OTHER,), (OTHER, MEETING, RIGHT, LEFT)):
            assert np.array_equal(after(*before, prompt=prompt), first)


@pytest.mark.parametrize("prompt", [LEFT, RIGHT, MEETING, OTHER])
def test_prompts_in_parts_are_the_prompts_as_a_whole(prompt: PromptTokens) -> None:
    with decoder() as made:
        [[logits]] = made.enter([prompt])
    assert logits == pytest.approx(alone(*prompt.whole), abs=1e-4)


def test_the_logits_before_the_last_tokens_come_with_them() -> None:
    for model in (bigram(), random_model()):
        with decoder(model) as made:
            [[last]] = made.enter([LEFT])
            [rows] = made.enter([LEFT._replace(lead=2)])
            [[again]] = made.enter([LEFT])
            [[before]] = made.enter([LEFT._replace(whole=LEFT.whole[:-2])])
        assert rows.shape == (3, len(last))
        assert rows[2] == pytest.approx(last, abs=1e-4)
        assert rows[0] == pytest.approx(before, abs=1e-4)
        assert (again == last).all()


def test_only_tokens_whose_logits_are_wanted_are_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    scored = []
    decode = Decoder._decode

    def counting(self: Decoder, filled: int, ends: Sequence[tuple[Logits, int]]) -> None:
        scored.append(len(ends))
        decode(self, filled, ends)

    monkeypatch.setattr(Decoder, "_decode", counting)
    with decoder() as made:
        made.enter([LEFT._replace(lead=1)])
        made.enter([RIGHT])
        made.extend([(0, Step(len(RIGHT.whole), (20, 21)))])
    # two batches of the shared part, then item and prompt of each, and the reply
    assert scored == [0, 0, 0, 2, 0, 1, 1]


def test_a_reply_may_be_cut_back_to_the_end_of_the_prompt() -> None:
    size = len(LEFT.whole)
    with decoder() as made:
        made.enter([LEFT])
        made.extend([(0, Step(size, (20, 21, 22)))])
        [cut] = made.extend([(0, Step(size + 1, (30,)))])
        [back] = made.extend([(0, Step(size, (31,)))])
        [[again]] = made.enter([LEFT])
    assert cut == pytest.approx(alone(*LEFT.whole, 20, 30), abs=1e-4)
    assert back == pytest.approx(alone(*LEFT.whole, 31), abs=1e-4)
    assert again == pytest.approx(alone(*LEFT.whole), abs=1e-4)


def evaluated(made: Decoder, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have the decoder note how many tokens it evaluates at each call."""
    counts: list[int] = []
    original = made._evaluate

    def counting(pieces: Sequence[tuple[Any, int, tuple[int, ...]]]) -> None:
        counts.append(sum(len(tokens) for _, _, tokens in pieces))
        original(pieces)

    monkeypatch.setattr(made, "_evaluate", counting)
    return counts


def test_shared_parts_are_evaluated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with decoder(parallel=2) as made:
        counts = evaluated(made, monkeypatch)
        made.enter([LEFT, RIGHT])
        assert counts == [len(SHARED), 2 + 1, 2 + 2]
        counts.clear()
        made.enter([LEFT, RIGHT])
        assert sum(counts) == 0
        made.enter([LEFT._replace(whole=(*LEFT.item, 99)), RIGHT])
        assert sum(counts) == 1
        made.extend([(0, Step(len(LEFT.item) + 1, (1, 2))), (1, Step(len(RIGHT.whole), (3,)))])
        assert sum(counts) == 1 + 3


def test_side_by_side_gives_nearly_the_same() -> None:
    with decoder(parallel=3) as made:
        together = made.enter([LEFT, RIGHT, MEETING])
        steps = made.extend([(2, Step(len(MEETING.whole), (4,))), (0, Step(len(LEFT.whole), (5,)))])
    for rows, prompt in zip(together, (LEFT, RIGHT, MEETING), strict=True):
        assert rows is not None
        assert rows[0] == pytest.approx(alone(*prompt.whole), abs=1e-3)
    assert steps[0] == pytest.approx(alone(*MEETING.whole, 4), abs=1e-3)
    assert steps[1] == pytest.approx(alone(*LEFT.whole, 5), abs=1e-3)


def test_what_cannot_be_cut_back_is_copied_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_cpp, "llama_model_is_recurrent", lambda _: True)
    with decoder() as made:
        counts = evaluated(made, monkeypatch)
        made.enter([MEETING])
        # the shared part ends where the item begins with it, and the item where the prompt does
        assert counts == [len(SHARED) - 1, 1, 2]
        counts.clear()
        made.enter([MEETING._replace(item=(*SHARED[:-1], 95), whole=(*SHARED[:-1], 95, 96))])
        assert sum(counts) == 2
        counts.clear()
        size = len(SHARED) + 1
        for written in range(3):  # a reply goes on from where it is
            made.extend([(0, Step(size + written, (written + 5,)))])
        assert counts == [1, 1, 1]
        made.extend([(0, Step(size + 1, (99,)))])
        assert sum(counts) == 3 + 2


@pytest.mark.parametrize("refused", ["llama_memory_seq_cp", "llama_memory_seq_rm"])
def test_what_llama_cpp_does_not_copy_or_cut_is_evaluated(
    refused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = getattr(llama_cpp, refused)

    def refuse(memory: Any, number: int, *rest: Any) -> Any:
        # what is removed whole is removed
        return original(memory, number, *rest) if rest[0] == -1 else False

    monkeypatch.setattr(llama_cpp, refused, refuse)
    size = len(LEFT.whole)
    with decoder() as made:
        [[logits]] = made.enter([LEFT])
        made.extend([(0, Step(size, (20, 21, 22)))])
        [cut] = made.extend([(0, Step(size + 1, (30,)))])
    assert logits == pytest.approx(alone(*LEFT.whole), abs=1e-4)
    assert cut == pytest.approx(alone(*LEFT.whole, 20, 30), abs=1e-4)


def test_after_the_error_of_a_small_cache_everything_is_evaluated_again() -> None:
    long = tuple(range(3, 203)) * 3
    with decoder(n_ctx=256) as made:
        for _ in range(2):
            with pytest.raises(ModelError, match=r"not evaluate \d+ tokens") as caught:
                made.enter([PromptTokens((5, 6), long, long)])
            assert "\n" not in str(caught.value)
        [[logits]] = made.enter([OTHER])
    assert logits == pytest.approx(alone(*OTHER.whole), abs=1e-4)


def test_as_many_side_by_side_as_the_limit_says() -> None:
    """More sequences than a batch has tokens made llama.cpp abort."""
    parallel = BACKENDS["llama_cpp"].most["parallel"]
    prompts = [PromptTokens((5,), (5, slot), (5, slot, 7)) for slot in range(3, 3 + parallel)]
    with decoder(parallel=parallel) as made:
        logits = made.enter(prompts)
    assert len(logits) == parallel
    with pytest.raises(ModelError, match="n_seq_max"), decoder(parallel=parallel + 1):
        pass


@pytest.mark.parametrize("norm", [np.nan, np.inf, -np.inf, 3e38])
def test_scores_that_are_no_numbers_are_none(norm: float) -> None:
    with decoder(random_model(norm=norm)) as made:
        assert made.enter([OTHER]) == [None]
        assert made.extend([(0, Step(len(OTHER.whole), (9,)))]) == [None]
