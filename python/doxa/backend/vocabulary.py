"""A model's tokenizer: text to tokens and back."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any, Final

from doxa.backend.library import load_library

__all__ = ["Tokens", "Vocabulary"]

Tokens = tuple[int, ...]
"""Token ids in a model's vocabulary."""


_BEFORE: Final = "0"
"""A text that other texts may follow without one token for both."""


class Vocabulary:
    """The tokens of one loaded model.

    Parameters
    ----------
    model : llama_model_p
        The loaded model; it must outlive the vocabulary.

    Attributes
    ----------
    size : int
        The number of tokens.
    bos, eos : str
        The texts of the special tokens that begin and end a text, ``""`` for none.
    """

    def __init__(self, model: Any) -> None:
        self._library = library = load_library()
        self._handle = library.llama_model_get_vocab(model)
        self.size = int(library.llama_vocab_n_tokens(self._handle))
        self.bos = self._text(library.llama_vocab_bos(self._handle))
        self.eos = self._text(library.llama_vocab_eos(self._handle))
        self._adds_bos = bool(library.llama_vocab_get_add_bos(self._handle))
        self._marks = self._cutting()
        # the elicitations of an item have most texts in common, and those of labels all but an end
        self.prompt = lru_cache(maxsize=16)(self._prompt)
        self._beginning = lru_cache(maxsize=4)(self._whole)

    def _prompt(self, text: str) -> Tokens:
        """Return the tokens of the beginning of a prompt, or of all of it.

        Special tokens are recognised. The token that begins a text is added if the model wants it
        and the text does not begin with it already.
        """
        cut = max((_last(mark, text) for mark in self._marks), default=0)
        if cut < 1:
            return self._whole(text)
        return self._beginning(text[:cut]) + self._tokens(text[cut:], add_bos=False, special=True)

    def _whole(self, text: str) -> Tokens:
        """Return the tokens of a prompt, without a cut."""
        starts = bool(self.bos) and text.startswith(self.bos)
        return self._tokens(text, add_bos=self._adds_bos and not starts, special=True)

    def _cutting(self) -> tuple[str, ...]:
        """Return texts before which a prompt may be cut, its parts read one by one.

        They are tokens of their own wherever they stand: the library cuts a text there first, and
        reads what lies between by itself.
        """
        library, handle = self._library, self._handle
        if library.llama_vocab_get_add_eos(handle):
            return ()
        line = self.fragment("\n")
        ids = [getattr(library, f"llama_vocab_{name}")(handle) for name in ("bos", "eos", "eot")]
        ids += line if len(line) == 1 else ()
        special = library.LLAMA_TOKEN_ATTR_CONTROL | library.LLAMA_TOKEN_ATTR_USER_DEFINED
        strips = library.LLAMA_TOKEN_ATTR_LSTRIP | library.LLAMA_TOKEN_ATTR_RSTRIP
        found = []
        for token in {token for token in ids if token >= 0}:
            kind = library.llama_vocab_get_attr(handle, token)
            if kind & special and not kind & strips:
                found.append(self.spell((token,), special=True).decode("utf-8", "replace"))
        return tuple(filter(None, found))

    def fragment(self, text: str) -> Tokens:
        """Return the tokens of a text inside a prompt; special tokens count as plain text."""
        return self._tokens(text, add_bos=False, special=False)

    def continuation(self, text: str) -> Tokens:
        """Return the tokens of a text that goes on after others; special tokens are recognised."""
        # some tokenizers put a space before the first text they get
        lead = self._tokens(_BEFORE, add_bos=False, special=True)
        whole = self._tokens(_BEFORE + text, add_bos=False, special=True)
        if whole[: len(lead)] == lead:
            return whole[len(lead) :]
        return self._tokens(text, add_bos=False, special=True)

    def spell(self, tokens: Tokens, *, special: bool = False) -> bytes:
        """Return the bytes of tokens; special tokens have none, unless asked for."""
        return b"".join(self._piece(token, special) for token in tokens)

    def ends(self, token: int) -> bool:
        """Tell whether a token ends a reply."""
        return bool(self._library.llama_vocab_is_eog(self._handle, token))

    def _tokens(self, text: str, *, add_bos: bool, special: bool) -> Tokens:
        data = text.encode()
        # a negative count is the room that is needed
        room = len(data) + 2
        while True:
            tokens = (self._library.llama_token * room)()
            count = self._library.llama_tokenize(
                self._handle, data, len(data), tokens, room, add_bos, special
            )
            if count >= 0:
                return tuple(tokens[:count])
            room = -count

    def _piece(self, token: int, special: bool) -> bytes:
        # a negative length is the room that was missing
        for size in (64, 4096):
            buffer = ctypes.create_string_buffer(size)
            length = self._library.llama_token_to_piece(
                self._handle, token, buffer, size, 0, special
            )
            if length >= 0:
                return buffer.raw[:length]
        return b""

    def _text(self, token: int) -> str:
        if token < 0:
            return ""
        text: bytes = self._library.llama_vocab_get_text(self._handle, token)
        return text.decode("utf-8", "replace")


def _last(mark: str, text: str) -> int:
    """Return where the last mark of a text begins, or the run of marks that it ends; -1 if none."""
    at = text.rfind(mark)
    while text.endswith(mark, 0, max(at, 0)):
        at -= len(mark)
    return at
