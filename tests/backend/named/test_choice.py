from __future__ import annotations

import pytest

from doxa.backend.named.choice import choose, models_among, quantization
from doxa.errors import ModelError

FILES = {
    "m-Q2_K.gguf": 1_000_000_000,
    "m-Q4_K_M.gguf": 2_500_000_000,
    "m-Q8_0.gguf": 4_000_000_000,
    "BF16/m-BF16-00001-of-00002.gguf": 5_000_000_000,
    "BF16/m-BF16-00002-of-00002.gguf": 3_000_000_000,
    "mmproj-m-F16.gguf": 900_000_000,
    "imatrix_unsloth.gguf": 5_000_000,
    "README.md": 4_000,
}
MODELS = models_among(FILES)


def pick(wanted: str, models: dict[str, int] = MODELS) -> str:
    return choose(models, wanted, "hf:me/m", ":")


def test_what_is_no_model_is_left_out_and_parts_are_one() -> None:
    assert list(MODELS) == [
        "BF16/m-BF16-00001-of-00002.gguf", "m-Q2_K.gguf", "m-Q4_K_M.gguf", "m-Q8_0.gguf",
    ]  # fmt: skip
    assert MODELS["BF16/m-BF16-00001-of-00002.gguf"] == 8_000_000_000


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("SmolLM2-135M-Instruct.Q8_0.gguf", "Q8_0"),
        ("gemma-3-270m-it-qat-q4_0.gguf", "Q4_0"),
        ("Llama-3.2-1B-IQ3_XXS.gguf", "IQ3_XXS"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
        ("Qwen3-0.6B-f16.gguf", "F16"),
        ("model-tq1_0.gguf", "TQ1_0"),
        ("ggml-model-q4_k_m.gguf", "Q4_K_M"),
        ("phi-4.gguf", ""),
    ],
)
def test_the_quantisation_is_read_from_a_name(file: str, kind: str) -> None:
    assert quantization(file) == kind


def test_a_file_or_a_quantisation_may_be_named() -> None:
    assert pick("Q8_0") == pick("q8_0") == pick("m-Q8_0.gguf") == "m-Q8_0.gguf"
    assert pick("bf16") == pick("m-BF16-00001-of-00002.gguf") == "BF16/m-BF16-00001-of-00002.gguf"
    assert pick("q4_k_xl", {"m-UD-Q4_K_XL.gguf": 1, "m-Q8_0.gguf": 1}) == "m-UD-Q4_K_XL.gguf"


def test_without_a_name_the_only_model_or_the_usual_quantisation_is_taken() -> None:
    assert pick("") == "m-Q4_K_M.gguf"
    assert pick("", {"phi-4.gguf": 1}) == "phi-4.gguf"
    assert pick("", {"m-Q8_0.gguf": 1, "m-Q4_0.gguf": 1}) == "m-Q4_0.gguf"


def test_else_the_error_lists_what_there_is_with_sizes() -> None:
    with pytest.raises(ModelError, match=r"2 models: name one with hf:me/m:…: Q2_K \(1.0 GB\), "):
        pick("", {"m-Q2_K.gguf": 1_000_000_000, "m-Q6_K.gguf": 2_000_000_000})
    with pytest.raises(ModelError, match=r"no Q4_K_S: there are BF16 \(8.0 GB\), .*near it: Q4_K"):
        pick("Q4_K_S")
    with pytest.raises(ModelError, match=r"several such models: name a file: a-Q8_0.gguf \(1 kB\)"):
        pick("Q8_0", {"a-Q8_0.gguf": 1, "b-Q8_0.gguf": 1})
    with pytest.raises(ModelError, match="has no GGUF model"):
        pick("", {})
