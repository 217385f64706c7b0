"""Files of every kind that cannot be asked end in one line that names the file and the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gguf
import pytest
from tiny_kinds import write_kind
from tiny_models import kind_model, requests

from doxa.backend.llama_cpp import LlamaCpp
from doxa.backend.loaded import LoadedModel
from doxa.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path


def told(file: Path) -> str:
    """Return what is told about a file that cannot be loaded."""
    with pytest.raises(ModelError) as caught:
        LlamaCpp(file)
    said = str(caught.value)
    assert str(file) in said
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    ("architecture", "metadata", "reason"),
    [
        ("bert", {"attention.causal": False, "pooling_type": 2}, "an embedding model"),
        ("nomic-bert", {"attention.causal": False}, "an encoder, in which"),
        ("qwen3", {"pooling_type": 3}, "an embedding model"),
        ("t5", {"decoder_start_token_id": 0}, "an encoder-decoder model"),
        ("clip", {}, "reads images or sound"),
        ("llama99", {}, "unknown model architecture: 'llama99'"),
    ],
)
def test_a_model_that_cannot_be_asked(
    architecture: str, metadata: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.gguf"
    writer = gguf.GGUFWriter(file, architecture)
    for name, value in metadata.items():
        kind = gguf.GGUFValueType.BOOL if value is False else gguf.GGUFValueType.UINT32
        writer.add_key_value(f"{architecture}.{name}", value, kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    assert reason in told(file)


@pytest.mark.parametrize("architecture", ["t5", "t5encoder", "dream"])
def test_what_the_header_does_not_say_llama_cpp_says(architecture: str, tmp_path: Path) -> None:
    file = tmp_path / "a.gguf"
    write_kind(file, architecture, attention__relative_buckets_count=8)
    with pytest.raises(ModelError, match=r"a\.gguf cannot be asked: it is an encoder"):
        LoadedModel(
            file, name="a", threads=1, gpu_layers=0, parallel=1, context_length=None
        )  # fmt: skip


@pytest.mark.parametrize("architecture", ["gemma3", "qwen3moe", "deepseek2", "mamba", "lfm2"])
def test_a_file_that_ends_early(architecture: str, tmp_path: Path) -> None:
    file = tmp_path / "cut.gguf"
    whole = kind_model(architecture).read_bytes()
    file.write_bytes(whole[: len(whole) * 2 // 3])
    assert "cannot be loaded" in told(file)


def test_a_kind_on_which_llama_cpp_aborts_names_the_file(tmp_path: Path) -> None:
    """The sizes of its states contradict each other, which is noticed when room is made."""
    file = tmp_path / "odd.gguf"
    write_kind(file, "qwen3next", ssm__inner_size=128)
    with LlamaCpp(file) as backend:
        with pytest.raises(ModelError, match=r"odd\.gguf: llama\.cpp crashed") as caught:
            backend.prepare(requests([0]))
        assert "\n" not in str(caught.value)
