"""Tiny GGUF files with random weights, one for each kind of architecture.

llama.cpp says which tensors an architecture has, and of what shape, when it makes a model from
metadata alone. The tensors are filled with random numbers and written with the package gguf.
"""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Any, Final

import gguf
import llama_cpp
import numpy as np
from llama_cpp._ggml import libggml_base_path
from tiny_gguf import add_words, byte_words

from doxa.backend.library import load_library

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["KINDS", "write_kind"]

WINDOW: Final = 48

_EXPERTS: Final = {
    "expert_count": 4,
    "expert_used_count": 2,
    "expert_feed_forward_length": 32,
    "expert_shared_feed_forward_length": 48,
}
_STATES: Final = {
    "ssm.conv_kernel": 4,
    "ssm.inner_size": 128,
    "ssm.state_size": 16,
    "ssm.time_step_rank": 4,
    "ssm.group_count": 1,
}
_WINDOWS: Final = {"attention.sliding_window": WINDOW, "attention.sliding_window_pattern": 2}
_ALTERNATING: Final = {"attention.head_count_kv": [0, 2]}
_LATENT: Final = {
    "attention.head_count_kv": 1,
    "attention.q_lora_rank": 32,
    "attention.kv_lora_rank": 24,
    "attention.key_length": 32,
    "attention.value_length": 24,
    "attention.key_length_mla": 24,
    "attention.value_length_mla": 16,
    "rope.dimension_count": 8,
    "leading_dense_block_count": 1,
    "expert_shared_count": 1,
    "expert_weights_scale": 1.0,
    "expert_gating_func": 2,
}

KINDS: Final[dict[str, dict[str, Any]]] = {
    "llama": {},
    "qwen2": {},
    "qwen3": {},
    "gemma2": _WINDOWS,
    "gemma3": _WINDOWS,
    "cohere2": {**_WINDOWS, "logit_scale": 1.0},
    "gpt-oss": {**_WINDOWS, **_EXPERTS},
    "qwen2moe": _EXPERTS,
    "qwen3moe": _EXPERTS,
    "deepseek2": {**_LATENT, **_EXPERTS},
    "mamba": _STATES,
    "mamba2": _STATES,
    "rwkv7": {
        "wkv.head_size": 64,
        "attention.decay_lora_rank": 8,
        "attention.iclr_lora_rank": 8,
        "attention.value_residual_mix_lora_rank": 8,
        "attention.gate_lora_rank": 8,
    },
    "jamba": {**_STATES, **_ALTERNATING, **_EXPERTS},
    "granitehybrid": {**_STATES, **_ALTERNATING},
    "falcon-h1": _STATES,
    "lfm2": {"shortconv.l_cache": 3, **_ALTERNATING},
    "qwen3next": {**_STATES, **_EXPERTS, "ssm.inner_size": 64, "full_attention_interval": 2},
}
"""The metadata of each architecture, beside what all have."""

_COMMON: Final = {
    "context_length": 4096,
    "embedding_length": 64,
    "block_count": 2,
    "feed_forward_length": 96,
    "attention.head_count": 4,
    "attention.head_count_kv": 2,
    "attention.layer_norm_epsilon": 1e-5,
    "attention.layer_norm_rms_epsilon": 1e-5,
}


def write_kind(path: Path, architecture: str, **more: Any) -> None:
    """Write a tiny model of an architecture of `KINDS`, with `more` metadata.

    Its vocabulary is that of `byte_words`. ``__`` in a name of `more` stands for a dot.
    """
    own = {name.replace("__", "."): value for name, value in more.items()}
    metadata = {**_COMMON, **KINDS.get(architecture, {}), **own}
    _write(path, architecture, metadata, {})
    shapes = _shapes(path)
    random = np.random.default_rng(2026)
    tensors = {name: _values(name, shapes[name], random) for name in sorted(shapes)}
    _write(path, architecture, metadata, tensors)


def _write(
    path: Path,
    architecture: str,
    metadata: dict[str, Any],
    tensors: dict[str, NDArray[np.float32]],
) -> None:
    kinds = {
        bool: gguf.GGUFValueType.BOOL,
        int: gguf.GGUFValueType.UINT32,
        float: gguf.GGUFValueType.FLOAT32,
        list: gguf.GGUFValueType.ARRAY,
    }
    writer = gguf.GGUFWriter(path, architecture)
    for name, value in metadata.items():
        writer.add_key_value(f"{architecture}.{name}", value, kinds[type(value)])
    add_words(writer, byte_words(), chat=True)
    for name, values in tensors.items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class _Tensor(ctypes.Structure):
    """The beginning of llama.cpp's record of a tensor."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("buffer", ctypes.c_void_p),
        ("ne", ctypes.c_int64 * 4),
    )


class _Options(ctypes.Structure):
    _fields_ = (("no_alloc", ctypes.c_bool), ("context", ctypes.c_void_p))


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Return the shape of each tensor of the model whose metadata is in a file."""
    load_library()
    base = ctypes.CDLL(str(libggml_base_path / "libggml-base.so"))
    base.gguf_init_from_file.restype = ctypes.c_void_p
    base.gguf_init_from_file.argtypes = (ctypes.c_char_p, _Options)
    base.gguf_free.argtypes = (ctypes.c_void_p,)
    base.ggml_get_name.restype = ctypes.c_char_p
    base.ggml_get_name.argtypes = (ctypes.c_void_p,)
    found: dict[str, tuple[int, ...]] = {}

    def note(tensor: int, _: object) -> None:
        sizes = list(_Tensor.from_address(tensor).ne)
        while len(sizes) > 1 and sizes[-1] == 1:
            sizes.pop()
        found[base.ggml_get_name(tensor).decode()] = tuple(reversed(sizes))

    metadata = base.gguf_init_from_file(os.fsencode(path), _Options(True, None))
    model = llama_cpp.llama_model_init_from_user(
        metadata,
        llama_cpp.llama_model_set_tensor_data_t(note),
        None,
        llama_cpp.llama_model_default_params(),
    )
    assert model, path
    llama_cpp.llama_model_free(model)
    base.gguf_free(metadata)
    return found


def _values(name: str, shape: tuple[int, ...], random: np.random.Generator) -> NDArray[np.float32]:
    """Draw weights that let a text's beginning matter at its end."""
    drawn = random.normal(0, shape[-1] ** -0.5 if len(shape) > 1 else 0.1, shape)
    if "norm" in name and name.endswith("weight"):
        drawn = 1 + drawn
    elif "ssm_a" in name:  # states decay, slowly
        drawn = -np.exp(random.uniform(-4, -1, shape))
    elif not name.startswith("token_embd"):
        drawn *= 3
    return drawn.astype(np.float32)
