"""A llama.cpp context, and which tokens its cache holds."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from doxa.backend.library import listening, load_library
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["BATCH", "Decoder", "Extension", "common_prefix"]

BATCH = 128
"""Tokens that one call evaluates at most; part of the layout. 256 evaluated the shared part 5 %
faster, items no faster, and took more memory."""

Tokens = tuple[int, ...]


class Extension(NamedTuple):
    """A step of an elicitation: keep `keep` tokens of a lane, then evaluate `tokens`."""

    keep: int
    tokens: Tokens


@dataclass(slots=True)
class _Level:
    """One cached sequence: its tokens, and the logits after the last of them."""

    sequence: int
    tokens: Tokens = ()
    logits: NDArray[np.float32] | None = None


@dataclass(slots=True)
class _Lane:
    """The levels of one prompt below the shared one: item, closing, work in progress."""

    item: _Level
    closing: _Level
    work: _Level


class Decoder:
    """Evaluates token paths, each part of them once.

    A prompt is a path of three token sequences: what its condition shares, that and the
    item, and the whole. Each is evaluated in a cache sequence of its own, starting from
    the tokens it has in common with the one before, in batches of `BATCH` counted from
    there. Which tokens are evaluated together is therefore a function of the prompt alone,
    whatever was evaluated before, and so are the bits of the logits.

    Parameters
    ----------
    model : llama_model_p
        The loaded model; it must outlive the decoder.
    n_vocab : int
        Size of the vocabulary.
    n_ctx : int
        Tokens the cache can hold.
    threads : int
        Threads of evaluation; they do not change the logits.
    lanes : int
        Prompts evaluated side by side.
    """

    def __init__(
        self, model: Any, n_vocab: int, n_ctx: int, *, threads: int, lanes: int = 1
    ) -> None:
        self._library = library = load_library()
        self._model = model
        parameters = library.llama_context_default_params()
        parameters.n_ctx = self.n_ctx = n_ctx
        parameters.n_batch = parameters.n_ubatch = BATCH
        parameters.n_seq_max = 1 + 3 * lanes
        parameters.kv_unified = True
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.flash_attn_type = library.LLAMA_FLASH_ATTN_TYPE_DISABLED
        parameters.swa_full = True
        with listening() as complaint:
            self._context = library.llama_init_from_model(model, parameters)
        if not self._context:
            raise ModelError(f"no room for a context of {n_ctx} tokens: {complaint()}")
        self._memory = library.llama_get_memory(self._context)
        self._batch = library.llama_batch_init(BATCH, 0, 1)
        self._n_vocab = n_vocab
        self._copies_parts = not (
            library.llama_model_is_recurrent(model) or library.llama_model_is_hybrid(model)
        )
        self._shared = _Level(0)
        self._lanes = [
            _Lane(_Level(3 * lane + 1), _Level(3 * lane + 2), _Level(3 * lane + 3))
            for lane in range(lanes)
        ]

    @property
    def cache_bytes(self) -> int:
        """Bytes of the key and value cache, whose entries are of 16 bits."""
        library, model = self._library, self._model
        heads = library.llama_model_n_head(model)
        width = library.llama_model_n_embd(model) // heads * library.llama_model_n_head_kv(model)
        return int(4 * self.n_ctx * library.llama_model_n_layer(model) * width)

    def close(self) -> None:
        """Free the context. A closed decoder cannot be used."""
        if self._context:
            self._library.llama_batch_free(self._batch)
            self._library.llama_free(self._context)
            self._context = None

    def enter(self, paths: Sequence[tuple[Tokens, Tokens, Tokens]]) -> list[NDArray[np.float32]]:
        """Bring each path into a lane and return the logits after each.

        Parameters
        ----------
        paths : sequence of (shared, item, whole)
            At most one per lane, all with the same first part.

        Returns
        -------
        list of numpy.ndarray, shape (n_vocab,), float32
        """
        lanes = self._lanes[: len(paths)]
        shared = paths[0][0]
        if self._shared.tokens != shared:
            for lane in self._lanes:
                self._forget(lane.item, lane.closing, lane.work)
            self._grow([(self._shared, None, shared)])
        for lane in self._lanes:
            self._forget(lane.work)
        changed = [
            (lane, path)
            for lane, path in zip(lanes, paths, strict=True)
            if lane.item.tokens != path[1]
        ]
        for lane, _ in changed:
            self._forget(lane.closing, lane.item)
        self._grow([(lane.item, self._shared, path[1]) for lane, path in changed])
        changed = [
            (lane, path)
            for lane, path in zip(lanes, paths, strict=True)
            if lane.closing.tokens != path[2]
        ]
        for lane, _ in changed:
            self._forget(lane.closing)
        self._grow([(lane.closing, lane.item, path[2]) for lane, path in changed])
        return [self._logits(lane.closing) for lane in lanes]

    def extend(self, steps: Sequence[tuple[int, Extension]]) -> list[NDArray[np.float32]]:
        """Take one step in each of some lanes and return the logits after each.

        Parameters
        ----------
        steps : sequence of (lane, Extension)
            At most one step per lane. `keep` may cut back as far as to the prompt.
        """
        growths = []
        for index, (keep, tokens) in steps:
            lane = self._lanes[index]
            held = lane.work.tokens or lane.closing.tokens
            target = held[:keep] + tokens
            if self._copies_parts and lane.work.tokens and keep >= len(lane.closing.tokens):
                self._remove(lane.work, keep)
                lane.work.tokens = held[:keep]
                growths.append((lane.work, lane.work, target))
            else:
                self._forget(lane.work)
                growths.append((lane.work, lane.closing, target))
        self._grow(growths)
        return [self._logits(self._lanes[index].work) for index, _ in steps]

    def _forget(self, *levels: _Level) -> None:
        for level in levels:
            if level.tokens:
                self._remove(level, -1)
                level.tokens, level.logits = (), None

    def _remove(self, level: _Level, start: int) -> None:
        self._library.llama_memory_seq_rm(self._memory, level.sequence, start, -1)

    def _grow(self, growths: Sequence[tuple[_Level, _Level | None, Tokens]]) -> None:
        """Make each level hold its tokens, starting from what its parent has of them."""
        pieces = []
        for level, parent, tokens in growths:
            if not tokens:
                continue
            held = parent.tokens if parent else ()
            # at least one token is evaluated, because its logits are wanted
            keep = min(common_prefix(held, tokens), len(tokens) - 1)
            if not self._copies_parts and keep < len(held):
                keep = 0
            if parent is not level:
                self._forget(level)
                if keep and parent:
                    self._library.llama_memory_seq_cp(
                        self._memory, parent.sequence, level.sequence, 0, self._end(keep, held)
                    )
            pieces.append((level, keep, tokens[keep:]))
            level.tokens = tokens
        try:
            self._evaluate(pieces)
        except BaseException:
            # what the cache holds is no longer what the levels say
            self._drop_all()
            raise

    def _end(self, keep: int, held: Tokens) -> int:
        """Return the copy's end; -1 (all) is the only one a recurrent state knows."""
        return -1 if keep == len(held) else keep

    def _evaluate(self, pieces: Sequence[tuple[_Level, int, Tokens]]) -> None:
        """Evaluate tokens of several levels, up to `BATCH` at once, keeping last logits."""
        batch, filled = self._batch, 0
        ends: list[tuple[_Level, int]] = []
        for level, start, tokens in pieces:
            for offset, token in enumerate(tokens):
                last = offset == len(tokens) - 1
                batch.token[filled] = token
                batch.pos[filled] = start + offset
                batch.n_seq_id[filled] = 1
                batch.seq_id[filled][0] = level.sequence
                batch.logits[filled] = last
                if last:
                    ends.append((level, filled))
                filled += 1
                if filled == BATCH:
                    self._decode(filled, ends)
                    filled, ends = 0, []
        if filled:
            self._decode(filled, ends)

    def _decode(self, filled: int, ends: Sequence[tuple[_Level, int]]) -> None:
        self._batch.n_tokens = filled
        with listening() as complaint:
            code = self._library.llama_decode(self._context, self._batch)
        if code:
            raise ModelError(f"llama.cpp could not evaluate {filled} tokens: {complaint()}")
        for level, index in ends:
            pointer = self._library.llama_get_logits_ith(self._context, index)
            row = ctypes.cast(pointer, ctypes.POINTER(ctypes.c_float))
            level.logits = np.ctypeslib.as_array(row, shape=(self._n_vocab,)).copy()

    def _drop_all(self) -> None:
        self._library.llama_memory_clear(self._memory, True)
        for lane in self._lanes:
            for level in (lane.item, lane.closing, lane.work):
                level.tokens, level.logits = (), None
        self._shared.tokens = ()

    @staticmethod
    def _logits(level: _Level) -> NDArray[np.float32]:
        assert level.logits is not None
        return level.logits


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """Return how many tokens two sequences begin with in common.

    Examples
    --------
    >>> common_prefix((1, 2, 3), (1, 2, 4, 5))
    2
    """
    for index, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return index
    return min(len(left), len(right))
