"""What a chat template is called, from the markers that it writes."""

from __future__ import annotations

from typing import Final

__all__ = ["family"]

_MARKERS: Final = (
    ("<|channel|>", "gpt-oss"),
    ("<|start_header_id|>", "Llama 3"),
    ("<|header_start|>", "Llama 4"),
    ("<start_of_turn>", "Gemma"),
    ("<|turn>", "Gemma 4"),
    ("<|start_of_role|>", "Granite"),
    ("<|START_OF_TURN_TOKEN|>", "Command R"),
    ("<｜User｜>", "DeepSeek"),
    ("[gMASK]", "GLM"),
    ("<|im_start|>", "ChatML"),
    ("<|im_user|>", "Kimi"),
    ("[INST]", "Mistral"),
    ("<|assistant|>", "Phi or Zephyr"),
    ("### Instruction", "Alpaca"),
)
"""Markers, and the family of templates that writes them; the first that is there counts."""


def family(source: str) -> str:
    """Return the family of a chat template, ``"other"`` for one that is not known here.

    Parameters
    ----------
    source : str
        The template's Jinja source; ``""`` for none.

    Examples
    --------
    >>> family("<|im_start|>{{ messages[0].role }}"), family("{{ messages }}"), family("")
    ('ChatML', 'other', '')
    """
    if not source:
        return ""
    return next((name for marker, name in _MARKERS if marker in source), "other")
