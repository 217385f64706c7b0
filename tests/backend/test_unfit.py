from __future__ import annotations

from typing import Any

import pytest

from doxa.backend.unfit import unfit


def header(architecture: str, **own: Any) -> dict[str, object]:
    """Return a header as a converter writes it; ``__`` stands for a dot."""
    return {"general.architecture": architecture, "general.type": "model"} | {
        f"{architecture}.{name.replace('__', '.')}": value for name, value in own.items()
    }


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (header("bert", attention__causal=False, pooling_type=2), "an embedding model (pooling)"),
        (header("nomic-bert", attention__causal=False), "an encoder, in which every token"),
        (header("modern-bert", attention__causal=False, pooling_type=0), "an encoder, in which"),
        (header("qwen3", pooling_type=4), "an embedding model (pooling)"),
        (header("gemma-embedding", pooling_type=1), "an embedding model (pooling)"),
        (header("t5", decoder_start_token_id=0), "an encoder-decoder model"),
        (header("t5encoder", attention__relative_buckets_count=32), "an encoder"),
        (header("llada", attention__causal=False) | {"diffusion.shift_logits": False}, "diffusion"),
        (header("llama") | {"general.type": "mmproj"}, "reads images or sound"),
        (header("llama") | {"general.type": "adapter"}, "an adapter"),
        (header("llama") | {"general.type": "imatrix"}, "statistics for quantising"),
        (header("llama") | {"general.type": "vocab"}, "a vocabulary without weights"),
        # older files have no type
        ({"general.architecture": "clip"}, "reads images or sound"),
    ],
)
def test_what_cannot_be_asked_is_told_with_a_remedy(found: dict[str, object], told: str) -> None:
    reason = unfit(found)
    assert reason is not None
    assert told in reason
    assert ": " in reason
    assert "\n" not in reason


@pytest.mark.parametrize(
    "found",
    [
        {},
        header("llama"),
        header("gemma3", attention__sliding_window=512, attention__causal=True),
        header("qwen3", pooling_type=0),
        header("mamba", ssm__state_size=16),
        # what a damaged header holds
        {"general.architecture": 3, "general.type": [1], "3.pooling_type": 0},
    ],
)
def test_nothing_is_against_other_models(found: dict[str, object]) -> None:
    assert unfit(found) is None
