"""A llama.cpp context, and which tokens its cache holds."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from doxa.backend.labels import common_prefix
from doxa.backend.library import listening, load_library
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from doxa.backend.vocabulary import Tokens

    Logits = NDArray[np.float32]
    """The scores of all tokens of the vocabulary as the next one, shape (n_vocab,) after one token,
    (n_tokens, n_vocab) after each of several."""

__all__ = ["BATCH", "Decoder", "PromptTokens", "Step", "memory"]

_HIGHEST: Final = 1e30
"""Higher scores cannot be divided by a temperature in single precision; no model has them."""

BATCH: Final = 128
"""The most tokens that one call evaluates; part of every reply's key. A batch of 256
saved 5 % of the time of shared parts and none of items, and took more memory."""


class PromptTokens(NamedTuple):
    """The tokens of a prompt: its shared part, that and its item, and the whole prompt.

    Usually `item` begins with `shared`, and `whole` with `item`. If a token spans two parts, the
    shorter one differs in its last tokens. The last `lead` tokens of `whole` are to be scored, so
    the logits before them are wanted too.
    """

    shared: Tokens
    item: Tokens
    whole: Tokens
    lead: int = 0


class Step(NamedTuple):
    """What to evaluate next in a slot: `tokens`, after the first `keep` tokens that it holds."""

    keep: int
    tokens: Tokens


@dataclass(slots=True)
class _Sequence:
    """A sequence of llama.cpp's cache: its tokens, and the logits after the last of them.

    `logits` has one row for each of these last tokens.
    """

    number: int
    tokens: Tokens = ()
    logits: Logits | None = None


@dataclass(slots=True)
class _Slot:
    """The sequences of one prompt in the batch: its parts, the last one with some of the reply."""

    item: _Sequence
    whole: _Sequence
    reply: _Sequence


class Decoder:
    """An evaluator of prompts that evaluates their shared parts once.

    A prompt is evaluated in three parts: the part that its condition shares, its item, the rest.
    Each part has a cache sequence of its own. It copies the tokens that it has in common with the
    part before it; its other tokens are evaluated in batches of `BATCH`, counted from there. So the
    prompt alone decides which of its tokens are evaluated together. Earlier prompts have no effect,
    and the logits are the same to the bit.

    Where a model doesn't remember every token (see `memory`), a part is copied whole or not at all,
    and never cut back. So each part is shortened to what the next one begins with.

    Parameters
    ----------
    model : llama_model_p
        The loaded model; it must outlive the decoder.
    n_vocab : int
        Size of the vocabulary.
    n_ctx : int
        The number of tokens that the cache can hold.
    threads : int
        Threads of evaluation; they do not change the logits.
    parallel : int
        The number of prompts that can be evaluated side by side, one per slot.

    Raises
    ------
    ModelError
        The memory is too small for the cache.
    """

    def __init__(
        self, model: Any, n_vocab: int, n_ctx: int, *, threads: int, parallel: int = 1
    ) -> None:
        self._library = library = load_library()
        parameters = library.llama_context_default_params()
        parameters.n_ctx = self.n_ctx = n_ctx
        parameters.n_seq_max = 1 + 3 * parallel
        # a batch must have room for an output of every sequence
        parameters.n_batch = parameters.n_ubatch = max(BATCH, parameters.n_seq_max)
        parameters.kv_unified = True
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.flash_attn_type = library.LLAMA_FLASH_ATTN_TYPE_DISABLED
        # In a smaller cache for a window, tokens that several sequences hold leave no room.
        parameters.swa_full = True
        with listening() as complaint:
            self._context = library.llama_init_from_model(model, parameters)
        if not self._context:
            raise ModelError(f"no room for a context of {n_ctx} tokens: {complaint()}")
        self._memory = library.llama_get_memory(self._context)
        self._batch = library.llama_batch_init(BATCH, 0, 1)
        self._n_vocab = n_vocab
        self._cuts = memory(model) == "all"
        self._shared = _Sequence(0)
        self._slots = [
            _Slot(_Sequence(first), _Sequence(first + 1), _Sequence(first + 2))
            for first in range(1, 1 + 3 * parallel, 3)
        ]

    def close(self) -> None:
        """Free the context. A closed decoder cannot be used."""
        if self._context:
            self._library.llama_batch_free(self._batch)
            self._library.llama_free(self._context)
            self._context = None

    def enter(self, prompts: Sequence[PromptTokens]) -> list[Logits | None]:
        """Put each prompt into a slot and return the logits after each.

        Parameters
        ----------
        prompts : sequence of PromptTokens
            At most one for each slot, all with the same `shared`.

        Returns
        -------
        list of numpy.ndarray, shape (lead + 1, n_vocab), float32
            Finite numbers; None in place of an array that has others.
        """
        if not self._cuts:
            prompts = _nested(prompts)
        shared = prompts[0].shared
        if self._shared.tokens != shared:
            for slot in self._slots:
                self._forget(slot.item, slot.whole, slot.reply)
            self._grow([(self._shared, None, shared, 0)])
        for slot in self._slots:
            self._forget(slot.reply)
        filled = list(zip(self._slots[: len(prompts)], prompts, strict=True))
        changed = [(slot, prompt) for slot, prompt in filled if slot.item.tokens != prompt.item]
        for slot, _ in changed:
            self._forget(slot.whole, slot.item)
        self._grow([(slot.item, self._shared, prompt.item, 0) for slot, prompt in changed])
        changed = [
            (slot, prompt) for slot, prompt in filled
            if slot.whole.tokens != prompt.whole or _rows(slot.whole) != prompt.lead + 1
        ]  # fmt: skip
        for slot, _ in changed:
            self._forget(slot.whole)
        self._grow(
            [(slot.whole, slot.item, prompt.whole, prompt.lead + 1) for slot, prompt in changed]
        )
        return [_logits(slot.whole) for slot, _ in filled]

    def extend(self, steps: Sequence[tuple[int, Step]]) -> list[Logits | None]:
        """Take a step in some of the slots and return the logits after each.

        Parameters
        ----------
        steps : sequence of (int, Step)
            The slot's number and its step, at most one for each slot. `keep` may go back as
            far as to the end of the prompt.

        Returns
        -------
        list of numpy.ndarray, shape (n_vocab,), float32
            Finite numbers; None in place of an array that has others.
        """
        growths = []
        for number, (keep, tokens) in steps:
            slot = self._slots[number]
            held = slot.reply.tokens or slot.whole.tokens
            target = held[:keep] + tokens
            goes_on = slot.reply.tokens and (self._cuts or keep == len(held))
            if goes_on and self._remove(slot.reply, keep):
                slot.reply.tokens = held[:keep]
                growths.append((slot.reply, slot.reply, target, 1))
            else:
                self._forget(slot.reply)
                growths.append((slot.reply, slot.whole, target, 1))
        self._grow(growths)
        found = [_logits(self._slots[number].reply) for number, _ in steps]
        return [None if rows is None else rows[0] for rows in found]

    def _forget(self, *sequences: _Sequence) -> None:
        for sequence in sequences:
            if sequence.tokens:
                self._remove(sequence, -1)
                sequence.tokens, sequence.logits = (), None

    def _remove(self, sequence: _Sequence, start: int) -> bool:
        return bool(self._library.llama_memory_seq_rm(self._memory, sequence.number, start, -1))

    def _grow(self, growths: Sequence[tuple[_Sequence, _Sequence | None, Tokens, int]]) -> None:
        """Make each sequence hold its tokens; copy those that its parent has.

        A growth also has the number of its last tokens whose logits are wanted.
        """
        pieces = []
        for sequence, parent, tokens, rows in growths:
            if parent is not sequence:
                self._forget(sequence)
            if not tokens:
                continue
            held = parent.tokens if parent else ()
            # a token is evaluated where its logits are wanted, and the last one of every part
            keep = min(common_prefix(held, tokens), len(tokens) - max(rows, 1))
            if parent and parent is not sequence and not self._copy(parent, sequence, keep):
                keep = 0
            pieces.append((sequence, keep, tokens[keep:]))
            sequence.tokens = tokens
            sequence.logits = np.empty((rows, self._n_vocab), np.float32)
        try:
            self._evaluate(pieces)
        except BaseException:
            # the cache no longer holds what the sequences say
            self._drop_all()
            raise

    def _copy(self, parent: _Sequence, sequence: _Sequence, keep: int) -> bool:
        """Copy the first tokens of a sequence to an empty one, and tell whether they are there."""
        library, number = self._library, sequence.number
        # -1 means all; a state can only be copied whole
        end = -1 if keep == len(parent.tokens) else keep
        if keep:
            library.llama_memory_seq_cp(self._memory, parent.number, number, 0, end)
        if library.llama_memory_seq_pos_max(self._memory, number) == keep - 1:
            return True
        library.llama_memory_seq_rm(self._memory, number, -1, -1)
        return False

    def _evaluate(self, pieces: Sequence[tuple[_Sequence, int, Tokens]]) -> None:
        """Evaluate tokens of several sequences, up to `BATCH` at once; keep the last logits."""
        batch, filled = self._batch, 0
        ends: list[tuple[Logits, int]] = []
        for sequence, start, tokens in pieces:
            assert sequence.logits is not None
            first = len(tokens) - len(sequence.logits)
            for offset, token in enumerate(tokens):
                batch.token[filled] = token
                batch.pos[filled] = start + offset
                batch.n_seq_id[filled] = 1
                batch.seq_id[filled][0] = sequence.number
                batch.logits[filled] = offset >= first
                if offset >= first:
                    ends.append((sequence.logits[offset - first], filled))
                filled += 1
                if filled == BATCH:
                    self._decode(filled, ends)
                    filled, ends = 0, []
        if filled:
            self._decode(filled, ends)

    def _decode(self, filled: int, ends: Sequence[tuple[Logits, int]]) -> None:
        self._batch.n_tokens = filled
        with listening() as complaint:
            code = self._library.llama_decode(self._context, self._batch)
        if code:
            raise ModelError(f"llama.cpp could not evaluate {filled} tokens: {complaint()}")
        for row, index in ends:
            pointer = self._library.llama_get_logits_ith(self._context, index)
            found = ctypes.cast(pointer, ctypes.POINTER(ctypes.c_float))
            row[:] = np.ctypeslib.as_array(found, shape=(self._n_vocab,))

    def _drop_all(self) -> None:
        self._library.llama_memory_clear(self._memory, True)
        for slot in self._slots:
            for sequence in (slot.item, slot.whole, slot.reply):
                sequence.tokens, sequence.logits = (), None
        self._shared.tokens = ()


def _rows(sequence: _Sequence) -> int:
    return 0 if sequence.logits is None else len(sequence.logits)


def _logits(sequence: _Sequence) -> Logits | None:
    """Return the logits after a sequence, or None if they are not all finite."""
    logits = sequence.logits
    assert logits is not None
    # not a number is not below anything
    return logits if logits.max() < _HIGHEST and logits.min() > -np.inf else None


def memory(model: Any) -> str:
    """Say what a model remembers of the tokens before the one that it reads.

    Parameters
    ----------
    model : llama_model_p
        The loaded model.

    Returns
    -------
    {"all", "window", "state"}
        All of them; in some layers, only the last ones (sliding-window attention); or, in some or
        all layers, one state that each token changes (recurrent and hybrid models).
    """
    library = load_library()
    if library.llama_model_is_recurrent(model) or library.llama_model_is_hybrid(model):
        return "state"
    return "window" if library.llama_model_n_swa(model) else "all"


def _nested(prompts: Sequence[PromptTokens]) -> list[PromptTokens]:
    """Shorten parts so that each is the beginning of the next one, and the shared part is one."""
    nested = []
    for shared, item, whole, lead in prompts:
        # a token whose logits are wanted is evaluated
        item = item[: min(common_prefix(item, whole), len(whole) - 1 - lead)]
        shared = shared[: min(common_prefix(shared, item), max(0, len(item) - 1))]
        nested.append(PromptTokens(shared, item, whole, lead))
    least = min((prompt.shared for prompt in nested), key=len)
    return [prompt._replace(shared=least) for prompt in nested]
