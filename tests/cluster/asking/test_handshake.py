from __future__ import annotations

from dataclasses import replace

import pytest

from doxa.backend import ModelCard
from doxa.cluster.asking import handshake
from doxa.cluster.asking.handshake import Greeting, Handshake, versions
from doxa.errors import ModelError

CARD = ModelCard("llama_cpp", "m", "ab", layout={"parallel": 1, "gpu_layers": 0})


def test_equal_versions_are_welcome_and_others_only_where_they_may_be_mixed() -> None:
    Handshake("llama_cpp", mixed=False).greeted(Greeting("a", 1, versions()))
    other = versions() | {"llama_cpp_python": "0.0.1"}
    with pytest.raises(ModelError) as raised:
        Handshake("llama_cpp", mixed=False).greeted(Greeting("a", 1, other))
    assert str(raised.value).startswith("node a has llama_cpp_python 0.0.1, ")
    assert str(raised.value).endswith("accept both with --mixed")
    Handshake("llama_cpp", mixed=True).greeted(Greeting("a", 1, other))
    Handshake("openai_server", mixed=False).greeted(Greeting("a", 1, other))


def test_a_library_that_is_missing_here_is_that_of_the_first_node(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = versions()
    here = {name: number for name, number in there.items() if name != "llama_cpp_python"}
    monkeypatch.setattr(handshake, "versions", lambda: here)
    greets = Handshake("llama_cpp", mixed=False)
    greets.greeted(Greeting("a", 1, there))
    with pytest.raises(ModelError, match=r"node b has llama_cpp_python 0.0.1, a has \d"):
        greets.greeted(Greeting("b", 1, there | {"llama_cpp_python": "0.0.1"}))
    with pytest.raises(ModelError, match=r"^node c: llama_cpp_python is not installed there$"):
        greets.greeted(Greeting("c", 1, here))


def test_another_model_or_layout_is_refused_whatever_may_be_mixed() -> None:
    greets = Handshake("llama_cpp", mixed=True)
    greets.opened("m.gguf", "a", CARD)
    greets.opened("m.gguf", "b", replace(CARD, versions={"device": "another"}))
    assert greets.cards == {"m.gguf": CARD}
    with pytest.raises(ModelError, match=r"^node c has another model under the name m: put"):
        greets.opened("m.gguf", "c", replace(CARD, fingerprint="cd"))
    with pytest.raises(ModelError) as raised:
        greets.opened("m.gguf", "d", replace(CARD, layout={"parallel": 1, "gpu_layers": -1}))
    assert str(raised.value) == (
        "node d evaluates m with gpu_layers -1, another node with 0: set it for all, as with "
        "--gpu-layers 0"
    )
    greets.opened("other.gguf", "c", replace(CARD, fingerprint="cd"))
