"""A model file in memory."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Any, Final

from doxa.backend.library import listening, load_library
from doxa.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Weights"]

_ALL_LAYERS: Final = 2**31 - 1


class Weights:
    """The weights and metadata of a model, without a context to evaluate it in.

    The file is read, not mapped: llama.cpp rearranges the weights for the processor, so a mapped
    file would take the memory twice. Reading is cheap, because the file is still cached from taking
    the fingerprint.

    Parameters
    ----------
    file : pathlib.Path
        A GGUF file.
    gpu_layers : int
        Layers put on the GPU, -1 for all.

    Attributes
    ----------
    handle : llama_model_p
        The library's handle of the model; None once it is closed.

    Raises
    ------
    ModelError
        The file cannot be loaded.
    """

    def __init__(self, file: Path, *, gpu_layers: int) -> None:
        self._library = library = load_library()
        parameters = library.llama_model_default_params()
        parameters.n_gpu_layers = _ALL_LAYERS if gpu_layers < 0 else gpu_layers
        parameters.load_mode = library.LLAMA_LOAD_MODE_NONE
        with listening() as complaint:
            self.handle: Any = library.llama_model_load_from_file(os.fsencode(file), parameters)
        if not self.handle:
            raise ModelError(f"model {file} cannot be loaded: {complaint()}")

    @property
    def context_length(self) -> int:
        """The number of tokens that the model was trained to read at once."""
        return int(self._library.llama_model_n_ctx_train(self.handle))

    @property
    def writes(self) -> bool:
        """Whether llama.cpp says that the model writes text, token by token from left to right."""
        library, handle = self._library, self.handle
        return bool(
            library.llama_model_has_decoder(handle)
            and not library.llama_model_has_encoder(handle)
            and not library.llama_model_is_diffusion(handle)
        )

    @property
    def chat_template(self) -> str:
        """The Jinja source of the chat template in the file's metadata, ``""`` for none."""
        size = 1
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = self._library.llama_model_meta_val_str(
                self.handle, b"tokenizer.chat_template", buffer, size
            )
            if length < size:
                return buffer.value.decode("utf-8", "replace") if length > 0 else ""
            size = length + 1

    def close(self) -> None:
        """Free the model; contexts made from it must be freed before it."""
        if self.handle:
            self._library.llama_model_free(self.handle)
            self.handle = None
