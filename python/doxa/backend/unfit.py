"""Why a GGUF file holds nothing that doxa can ask, from the metadata in its header."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NO_WRITER", "unfit"]

_KINDS: Final = {
    "mmproj": "it holds the part of a model that reads images or sound: name the file of the model",
    "adapter": "it holds an adapter, which changes another model: merge it into that model",
    "imatrix": "it holds statistics for quantising a model: name the file of the model",
    "vocab": "it holds a vocabulary without weights: name the file of the model",
}
"""Values of ``general.type`` other than ``"model"``."""

_OTHERWISE: Final = "name a model that writes text from left to right"

NO_WRITER: Final = f"an encoder, or a part of another model: {_OTHERWISE}"
"""What a model is whose header says nothing, and of which llama.cpp says that it doesn't write."""


def unfit(header: Mapping[str, object]) -> str | None:
    """Say why a model cannot be asked, or return None if nothing in its header is against it.

    A model is asked for the probability of the next token. Encoders, embedding models and diffusion
    models have none, and encoder-decoder models read the question in a way that doxa doesn't know.

    Parameters
    ----------
    header : Mapping of str to object
        The metadata of a GGUF file; only single values are read.

    Returns
    -------
    str or None
        The reason and the remedy, in words that may follow "model FILE cannot be asked: ".

    Examples
    --------
    >>> unfit({"general.architecture": "qwen3", "qwen3.pooling_type": 3})
    'it is an embedding model (pooling): name a model that writes text from left to right'
    >>> unfit({"general.architecture": "qwen3", "general.type": "model"})
    """
    architecture = header.get("general.architecture")
    kind = "mmproj" if architecture == "clip" else header.get("general.type")
    if isinstance(kind, str) and kind in _KINDS:
        return _KINDS[kind]
    what = _other(header, f"{architecture}.")
    return f"it is {what}: {_OTHERWISE}" if what else None


def _other(header: Mapping[str, object], own: str) -> str:
    """Name a kind of model whose next token has no probability, ``""`` for any other."""
    if own + "decoder_start_token_id" in header:
        return "an encoder-decoder model"
    if own + "attention.relative_buckets_count" in header:
        return "an encoder"
    if any(key.startswith("diffusion.") for key in header):
        return "a diffusion model, which writes a whole text at once"
    if header.get(own + "pooling_type"):
        return "an embedding model (pooling)"
    if header.get(own + "attention.causal") is False:
        return "an encoder, in which every token sees those after it"
    return ""
