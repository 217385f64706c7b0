from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from model_stores import lm_studio_model, ollama_model
from tiny_models import bigram, requests

from doxa.backend import load, request_key
from doxa.backend.named import is_name, locate
from doxa.errors import ModelError

if TYPE_CHECKING:
    from doxa.backend import Backend


def test_a_path_is_that_file(tmp_path: Path) -> None:
    found = locate(bigram())
    assert (found.file, found.name, found.origin) == (bigram(), bigram().stem, {})
    assert locate(str(bigram())) == found
    assert locate(found) is found
    odd = tmp_path / "ollama:odd"
    odd.write_bytes(bigram().read_bytes())
    assert not is_name(f"./{odd.name}")
    assert locate(f"./{odd.name}").file == Path(odd.name)


def test_a_wrong_path_says_what_is_near(tmp_path: Path) -> None:
    for name in ("Qwen3-0.6B-Q8_0.gguf", "gemma.gguf"):
        (tmp_path / name).touch()
    with pytest.raises(ModelError, match=r"no such file: near it is Qwen3-0.6B-Q8_0.gguf; doxa"):
        locate(tmp_path / "Qwen3-0.6B-Q4_0.gguf")
    with pytest.raises(ModelError, match=r"is a folder: give one of its files, such as .*Qwen3"):
        locate(tmp_path)
    with pytest.raises(
        ModelError, match=r"absent/model.gguf cannot be read: no such file: doxa models lists"
    ):
        locate("absent/model.gguf")
    with pytest.raises(ModelError, match="is not a GGUF file"):
        locate(tmp_path / "gemma.gguf")


def test_a_source_that_is_not_known_is_told() -> None:
    with pytest.raises(ModelError, match="no source olama: there are hf, ollama, lmstudio; do"):
        locate("olama:llama3")


def test_a_name_without_its_source_says_what_is_near(home: Path) -> None:
    ollama_model(home / ".ollama" / "models", "library/llama3.2:3b", model=b"GGUF")
    lm_studio_model(home / ".lmstudio" / "models", "me/tiny/tiny.gguf", b"GGUF")
    with pytest.raises(
        ModelError, match=r"no such file: near it is ollama:llama3.2:3b; doxa models"
    ):
        locate("llama3.2:3b")
    with pytest.raises(ModelError, match="near it is lmstudio:me/tiny; doxa models"):
        locate("me/tiny")
    with pytest.raises(
        ModelError, match="repository of the Hugging Face hub write hf:you/large-GGUF"
    ):
        locate("you/large-GGUF")


def test_a_name_leads_to_the_same_replies_as_the_path(home: Path) -> None:
    content = bigram().read_bytes()
    ollama_model(home / ".ollama" / "models", model=content)
    lm_studio_model(home / ".lmstudio" / "models", "me/tiny/tiny.gguf", content)

    def keys(backend: Backend) -> list[str]:
        return [request_key(backend.card, request) for request in requests([1])]

    known, cards = [], {}
    for model in (bigram(), "ollama:tiny", "lmstudio:me/tiny"):
        backend = load(model)
        known.append(keys(backend))
        cards[str(model)] = backend.card
        backend.close()
    assert known[0] == known[1] == known[2]
    assert cards["ollama:tiny"].model == "tiny:latest"
    assert cards["ollama:tiny"].origin["source"] == "Ollama"
    assert cards["lmstudio:me/tiny"].origin["repository"] == "me/tiny"


def test_a_file_with_another_content_than_its_store_says_is_refused(home: Path) -> None:
    content = bytearray(bigram().read_bytes())
    ollama_model(home / ".ollama" / "models", model=bytes(content))
    content[-1] ^= 1
    locate("ollama:tiny").file.write_bytes(content)
    with pytest.raises(ModelError, match=r"is damaged: its SHA-256 is .* and Ollama says"):
        load("ollama:tiny")
